// SPDX-License-Identifier: GPL-2.0
/* dmikey: distributed MIKEY, third party and responder. */

#include <linux/init.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "backend.h"
#include "netlink.h"
#include "netns.h"
#include "sa.h"

struct workqueue_struct *dmk_wq;

static int __init dmk_init(void)
{
	int ret;

	ret = dmk_crypto_init();
	if (ret)
		return ret;

	/* RSA takes milliseconds: any idle CPU may do it */
	ret = -ENOMEM;
	dmk_wq = alloc_workqueue("dmikey", WQ_UNBOUND, 0);
	if (!dmk_wq)
		goto err_wq;

	ret = dmk_session_module_init();
	if (ret)
		goto err_session;

	ret = dmk_netns_init();
	if (ret)
		goto err_netns;

	dmk_sa_init();

	ret = dmk_netlink_init();
	if (ret)
		goto err_netlink;

	return 0;

err_netlink:
	dmk_sa_exit();
	dmk_netns_exit();
err_netns:
	rcu_barrier();
	dmk_session_module_exit();
err_session:
	destroy_workqueue(dmk_wq);
err_wq:
	dmk_crypto_exit();
	return ret;
}

static void __exit dmk_exit(void)
{
	dmk_netlink_exit();
	dmk_sa_exit();
	dmk_netns_exit();
	/* callbacks that free are code of this module, and may queue work */
	rcu_barrier();
	dmk_session_module_exit();
	destroy_workqueue(dmk_wq);
	dmk_crypto_exit();
}

module_init(dmk_init);
module_exit(dmk_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("the dmikey founders");
MODULE_DESCRIPTION("Distributed MIKEY: keys for ESP from shares of third parties");
MODULE_ALIAS_GENL_FAMILY(DMK_GENL_NAME);
MODULE_SOFTDEP("pre: rsa sha256 hmac aes ctr ccm pkcs8_key_parser esp4 esp6");
