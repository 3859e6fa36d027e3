// SPDX-License-Identifier: GPL-2.0
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <string.h>

#include "dmikey.h"
#include "load_register.h"
#include "wire.h"

const char *load_register_open(struct load_register *r)
{
	r->sk = nl_socket_alloc();
	if (!r->sk || genl_connect(r->sk))
		return "generic netlink cannot be used";
	r->family = genl_ctrl_resolve(r->sk, DMK_GENL_NAME);
	return r->family < 0 ? "the module is not loaded here: modprobe dmikey" : NULL;
}

void load_register_close(struct load_register *r)
{
	nl_socket_free(r->sk);
}

const char *load_register_add(struct load_register *r, const char *name, int32_t key,
			      uint32_t generation)
{
	struct nl_msg *msg = nlmsg_alloc();
	int err;

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, r->family, 0, NLM_F_ACK,
				 DMK_CMD_SENSOR_NEW, DMK_GENL_VERSION) ||
	    nla_put_u8(msg, DMK_A_ID_TYPE, DMK_ID_NAI) ||
	    nla_put(msg, DMK_A_ID, strlen(name), name) ||
	    nla_put_s32(msg, DMK_A_KEY, key) || nla_put_u32(msg, DMK_A_GENERATION, generation))
		return "out of memory";
	err = nl_send_sync(r->sk, msg);
	return err < 0 ? nl_geterror(err) : NULL;
}
