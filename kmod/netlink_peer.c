// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about peers: third parties at R, responders at third parties. */

#include <crypto/sha2.h>
#include <linux/slab.h>

#include "netlink.h"
#include "netns.h"
#include "rsa.h"

enum {
	PORT = 2269,			/* IANA: mikey */
};

static int read_hash(struct genl_info *info, u8 hash[DMK_HASH_LEN])
{
	struct nlattr *cert = info->attrs[DMK_A_CERT];

	if (!cert && !info->attrs[DMK_A_CERT_HASH])
		return DMK_REFUSE_MISSING(info, DMK_A_CERT,
					  "the certificate, or its hash, is missing");
	if (!cert) {
		nla_memcpy(hash, info->attrs[DMK_A_CERT_HASH], DMK_HASH_LEN);
		return 0;
	}
	sha256(nla_data(cert), nla_len(cert), hash);
	if (info->attrs[DMK_A_CERT_HASH] &&
	    memcmp(hash, nla_data(info->attrs[DMK_A_CERT_HASH]), DMK_HASH_LEN))
		return DMK_REFUSE(info, DMK_A_CERT_HASH, -EINVAL,
				  "the hash is not that of the certificate");
	return 0;
}

static int read_key(struct genl_info *info, struct dmk_peer *p)
{
	struct nlattr *attr = info->attrs[DMK_A_PUBKEY];
	struct dmk_rsa *key;

	if (!attr)
		return DMK_REFUSE_MISSING(info, DMK_A_PUBKEY, "the public key is missing");
	sha256(nla_data(attr), nla_len(attr), p->key_hash);
	key = dmk_rsa_public(nla_data(attr), nla_len(attr));
	if (PTR_ERR_OR_ZERO(key) == -ENOMEM)
		return DMK_REFUSE(info, DMK_A_PUBKEY, -ENOMEM, "out of memory");
	if (IS_ERR(key))
		return DMK_REFUSE(info, DMK_A_PUBKEY, PTR_ERR(key),
				  "not an RSA public key of 2048, 3072 or 4096 bits");
	p->key = key;
	return 0;
}

/* where a responder is; a third party is known by its certificate alone */
static int read_addr(struct genl_info *info, struct dmk_peer *p)
{
	struct nlattr *addr = info->attrs[DMK_A_ADDR], *port = info->attrs[DMK_A_ADDR_PORT];

	if (p->role == DMK_ROLE_TP && addr)
		return DMK_REFUSE(info, DMK_A_ADDR, -EINVAL,
				  "a third party has no address here");
	if (p->role == DMK_ROLE_TP && port)
		return DMK_REFUSE(info, DMK_A_ADDR_PORT, -EINVAL,
				  "a third party has no port here");
	if (p->role == DMK_ROLE_TP && info->attrs[DMK_A_BY_HASH])
		return DMK_REFUSE(info, DMK_A_BY_HASH, -EINVAL,
				  "only to a responder a certificate can be sent by hash");
	if (p->role == DMK_ROLE_TP)
		return 0;
	if (!addr)
		return DMK_REFUSE_MISSING(info, DMK_A_ADDR,
					  "the responder's address is missing");
	if (dmk_netlink_ip(addr, &p->addr.ip, info->extack))
		return -EINVAL;
	if (!dmk_addr_is_unicast(&p->addr.ip))
		return DMK_REFUSE(info, DMK_A_ADDR, -EINVAL,
				  "the responder's address is not that of one host");
	p->addr.port = htons(port ? nla_get_u16(port) : PORT);
	p->send_hash = nla_get_flag(info->attrs[DMK_A_BY_HASH]);
	return 0;
}

static int read_suites(struct genl_info *info, struct dmk_peer *p)
{
	struct nlattr *suites = info->attrs[DMK_A_SUITES];

	p->suites = suites ? nla_get_u32(suites) : DMK_SUITE_CCM | DMK_SUITE_CM;
	if (!p->suites)
		return DMK_REFUSE(info, DMK_A_SUITES, -EINVAL, "no algorithm would be allowed");
	return 0;
}

static int read_peer(struct genl_info *info, struct dmk_peer *p)
{
	u8 hash[DMK_HASH_LEN];
	struct dmk_id id;
	int ret;

	if (!info->attrs[DMK_A_ROLE])
		return DMK_REFUSE_MISSING(info, DMK_A_ROLE, "the peer's role is missing");
	p->role = nla_get_u8(info->attrs[DMK_A_ROLE]);
	ret = dmk_netlink_id(info, &id);
	if (ret)
		return ret;
	sha256(id.data.data, id.data.len, hash);
	memcpy(p->id_hash, hash, sizeof(p->id_hash));
	dmk_name_set(&p->name, &id);
	ret = read_hash(info, p->der_hash);
	if (!ret)
		ret = dmk_netlink_expires(info, &p->expires);
	if (!ret)
		ret = read_addr(info, p);
	if (!ret)
		ret = read_suites(info, p);
	if (!ret)
		ret = read_key(info, p);
	return ret;
}

static int add(struct dmk_net *dn, struct genl_info *info, struct dmk_peer *p)
{
	u8 hash[DMK_HASH_LEN];
	int ret;

	/* not the table's: another command may have removed it by then */
	memcpy(hash, p->der_hash, sizeof(hash));
	mutex_lock(&dn->config);
	ret = dmk_cert_add(dn, p);
	mutex_unlock(&dn->config);
	if (ret == -ENOSPC)
		return DMK_REFUSE(info, DMK_A_ID, ret, "too many peers are known");
	if (ret)
		return DMK_REFUSE(info, DMK_A_ID, ret, "out of memory");
	dmk_upcall_answer_cert(dn, hash);
	return 0;
}

int dmk_netlink_peer_new(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_peer *p = kzalloc(sizeof(*p), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!p)
		return -ENOMEM;
	ret = read_peer(info, p);
	if (!ret)
		ret = add(dmk_net(genl_info_net(info)), info, p);
	if (ret) {
		dmk_rsa_put(p->key);
		kfree(p);
	}
	return ret;
}

static int remove(struct dmk_net *dn, struct genl_info *info)
{
	struct nlattr *hash = info->attrs[DMK_A_CERT_HASH];
	struct dmk_id id;
	int ret;

	if (hash) {
		if (!dmk_cert_remove_hash(dn, nla_data(hash)))
			return 0;
		return DMK_REFUSE(info, DMK_A_CERT_HASH, -ENOENT,
				  "no peer with that certificate is known");
	}
	if (!info->attrs[DMK_A_ROLE])
		return DMK_REFUSE_MISSING(info, DMK_A_ROLE,
					  "the certificate's hash, or role and identity, is missing");
	ret = dmk_netlink_id(info, &id);
	if (ret)
		return ret;
	if (!dmk_cert_remove_id(dn, nla_get_u8(info->attrs[DMK_A_ROLE]), &id))
		return 0;
	return DMK_REFUSE(info, DMK_A_ID, -ENOENT, "no peer of that role and name is known");
}

/* a peer that was removed is dead for the shares that still wait, too */
int dmk_netlink_peer_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));
	int ret;

	mutex_lock(&dn->config);
	ret = remove(dn, info);
	mutex_unlock(&dn->config);
	/* what rests on the certificate ends */
	if (!ret)
		dmk_host_recheck(dn);
	return ret;
}

static int put(struct sk_buff *skb, struct netlink_callback *cb, void *obj)
{
	const struct dmk_peer *p = obj;
	struct dmk_id id = dmk_name_id(&p->name);
	void *hdr = dmk_netlink_entry(skb, cb, DMK_CMD_PEER_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u8(skb, DMK_A_ROLE, p->role) ||
	    dmk_netlink_put_id(skb, DMK_A_ID_TYPE, DMK_A_ID, &id) ||
	    nla_put(skb, DMK_A_CERT_HASH, DMK_HASH_LEN, p->der_hash) ||
	    dmk_netlink_put_u64(skb, DMK_A_EXPIRES, p->expires) ||
	    nla_put_u32(skb, DMK_A_SUITES, p->suites) ||
	    (p->role == DMK_ROLE_R && dmk_netlink_put_addr(skb, &p->addr)) ||
	    (p->send_hash && nla_put_flag(skb, DMK_A_BY_HASH))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int dmk_netlink_peer_start(struct netlink_callback *cb)
{
	return dmk_netlink_walk_start(cb, &dmk_net(sock_net(cb->skb->sk))->certs.by_hash);
}

int dmk_netlink_peer_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dmk_netlink_walk(skb, cb, put);
}
