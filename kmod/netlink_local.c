// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about the roles of this host. */

#include <crypto/sha2.h>
#include <linux/slab.h>

#include "key.h"
#include "netlink.h"
#include "netns.h"
#include "rsa.h"

static int read_role(struct genl_info *info, u8 *role)
{
	if (!info->attrs[DMK_A_ROLE])
		return DMK_REFUSE_MISSING(info, DMK_A_ROLE, "the role is missing");
	*role = nla_get_u8(info->attrs[DMK_A_ROLE]);
	return 0;
}

static int read_cert(struct genl_info *info, struct dmk_local *l)
{
	struct nlattr *cert = info->attrs[DMK_A_CERT];

	if (!cert)
		return DMK_REFUSE_MISSING(info, DMK_A_CERT, "the certificate is missing");
	l->der_len = nla_len(cert);
	memcpy(l->der, nla_data(cert), l->der_len);
	sha256(l->der, l->der_len, l->der_hash);
	return dmk_netlink_expires(info, &l->expires);
}

static int read_key(struct genl_info *info, struct dmk_local *l)
{
	struct dmk_rsa *key;

	if (!info->attrs[DMK_A_KEY])
		return DMK_REFUSE_MISSING(info, DMK_A_KEY, "the private key's serial is missing");
	key = dmk_key_private(nla_get_s32(info->attrs[DMK_A_KEY]));
	if (!IS_ERR(key)) {
		l->key = key;
		return 0;
	}
	return dmk_netlink_refuse_key(info, PTR_ERR(key)) ?:
	       DMK_REFUSE(info, DMK_A_KEY, PTR_ERR(key),
			  "not an asymmetric key with an RSA private key of 2048, 3072 or 4096 bits");
}

static int read_local(struct genl_info *info, struct dmk_local *l)
{
	struct dmk_id id;
	int ret;

	ret = read_role(info, &l->role);
	if (!ret)
		ret = dmk_netlink_id(info, &id);
	if (ret)
		return ret;
	dmk_name_set(&l->name, &id);
	ret = read_cert(info, l);
	if (!ret)
		ret = read_key(info, l);
	return ret;
}

static int add(struct dmk_net *dn, struct genl_info *info, struct dmk_local *l)
{
	int ret;

	mutex_lock(&dn->config);
	ret = dmk_local_add(dn, l);
	mutex_unlock(&dn->config);
	if (ret == -EEXIST)
		return DMK_REFUSE(info, DMK_A_ID, ret,
				  "this host is a third party of another name; that has to be given up first");
	if (ret == -ENOMEM)
		return DMK_REFUSE(info, DMK_A_ID, ret, "out of memory");
	if (ret)
		return DMK_REFUSE(info, DMK_A_ID, ret, "this host plays too many roles");
	dmk_upcall_forget(dn);
	return 0;
}

int dmk_netlink_local_new(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_local *l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!l)
		return -ENOMEM;
	ret = read_local(info, l);
	if (!ret)
		ret = add(dmk_net(genl_info_net(info)), info, l);
	if (ret) {
		dmk_rsa_put(l->key);
		kfree(l);
	}
	return ret;
}

int dmk_netlink_local_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));
	struct dmk_id id;
	u8 role;
	int ret;

	ret = read_role(info, &role);
	if (!ret)
		ret = dmk_netlink_id(info, &id);
	if (ret)
		return ret;
	mutex_lock(&dn->config);
	ret = dmk_local_remove(dn, role, &id);
	mutex_unlock(&dn->config);
	if (ret)
		return DMK_REFUSE(info, DMK_A_ID, ret, "this host does not play that role");
	/* what rests on the role ends */
	dmk_host_recheck(dn);
	return 0;
}

static int put(struct sk_buff *skb, struct netlink_callback *cb, const struct dmk_local *l)
{
	void *hdr = dmk_netlink_entry(skb, cb, DMK_CMD_LOCAL_GET);
	struct dmk_id id = dmk_name_id(&l->name);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u8(skb, DMK_A_ROLE, l->role) ||
	    dmk_netlink_put_id(skb, DMK_A_ID_TYPE, DMK_A_ID, &id) ||
	    nla_put(skb, DMK_A_CERT_HASH, DMK_HASH_LEN, l->der_hash) ||
	    dmk_netlink_put_u64(skb, DMK_A_EXPIRES, l->expires)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int dmk_netlink_local_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct dmk_net *dn = dmk_net(sock_net(cb->skb->sk));
	struct dmk_local *l;
	long at = 0;
	int ret = 0;

	mutex_lock(&dn->config);
	list_for_each_entry(l, &dn->local.list, list) {
		if (at++ < cb->args[0])
			continue;
		ret = put(skb, cb, l);
		if (ret)
			break;
		cb->args[0]++;
	}
	mutex_unlock(&dn->config);
	return skb->len ?: ret;
}
