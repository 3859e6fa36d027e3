/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family; one file netlink_*.c a group of objects. */
#ifndef DMK_NETLINK_H
#define DMK_NETLINK_H

#include <net/genetlink.h>
#include "addr.h"
#include "name.h"
#include "uapi/dmikey.h"

/* order of the family's multicast groups */
enum dmk_netlink_group {
	DMK_GROUP_UPCALL,
	DMK_GROUP_EVENT,
};

extern struct genl_family dmk_netlink_family;

int dmk_netlink_init(void);
void dmk_netlink_exit(void);

/* ---- for those who build messages; all return 0 or -EMSGSIZE */

int dmk_netlink_put_id(struct sk_buff *skb, int type_attr, int attr, const struct dmk_id *id);
int dmk_netlink_put_ip(struct sk_buff *skb, const struct in6_addr *ip);
int dmk_netlink_put_addr(struct sk_buff *skb, const struct dmk_addr *addr);
int dmk_netlink_put_u64(struct sk_buff *skb, int attr, u64 value);

/**
 * dmk_netlink_entry() - begin an entry of a dump
 * @skb: the dump
 * @cb: its state
 * @cmd: enum dmk_cmd
 *
 * Return: for genlmsg_end() or genlmsg_cancel(); NULL when it does not fit.
 */
void *dmk_netlink_entry(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);

/* ---- for those who read messages; all have told extack when they fail */

/**
 * dmk_netlink_id() - an identity of a request
 * @info: the request
 * @id: the result, a view into it
 *
 * Return: 0, or -EINVAL if it has none.
 */
int dmk_netlink_id(struct genl_info *info, struct dmk_id *id);

/* the same for attributes that policy has checked one by one */
struct dmk_id dmk_netlink_id_of(struct nlattr *type, struct nlattr *data);

/* an end of validity that is not over. Return: 0, -EINVAL or -EKEYEXPIRED */
int dmk_netlink_expires(struct genl_info *info, time64_t *expires);

/* Why there is no key of DMK_A_KEY. Return: @err; 0 if it is another error, of which the
 * caller knows more
 */
int dmk_netlink_refuse_key(struct genl_info *info, long err);

/* DMK_A_ADDR as it is stored. Return: 0 or -EINVAL for a wrong length */
int dmk_netlink_ip(const struct nlattr *attr, struct in6_addr *ip,
		   struct netlink_ext_ack *extack);

/* refuse with a sentence that names the attribute which is wrong or missing */
#define DMK_REFUSE(info, attr, err, msg) ({				\
	NL_SET_ERR_MSG_ATTR((info)->extack, (info)->attrs[attr], msg);	\
	err;								\
})

#define DMK_REFUSE_MISSING(info, attr, msg) ({				\
	GENL_SET_ERR_MSG(info, msg);					\
	(void)GENL_REQ_ATTR_CHECK(info, attr);				\
	-EINVAL;							\
})

/* ---- lists, netlink_list.c */

struct dmk_prefix;

/**
 * dmk_netlink_list() - read a list
 * @info: the request
 * @attr: the list, which is there
 * @max: entries that it may have
 * @size: bytes of one
 * @read: reads one
 * @array: a new array, the caller's also on failure
 * @n: entries of it
 *
 * Return: 0; -EINVAL if it is empty; -E2BIG; -ENOMEM; or what @read says.
 */
int dmk_netlink_list(struct genl_info *info, int attr, unsigned int max, size_t size,
		     int (*read)(struct genl_info *info, struct nlattr *entry,
				 struct nlattr **tb, void *out),
		     void **array, u8 *n);
int dmk_netlink_refuse_entry(struct genl_info *info, struct nlattr *attr, const char *why);

/* for dmk_netlink_list(): a struct dmk_name, a struct dmk_prefix */
int dmk_netlink_read_name(struct genl_info *info, struct nlattr *entry, struct nlattr **tb,
			  void *out);
int dmk_netlink_read_prefix(struct genl_info *info, struct nlattr *entry, struct nlattr **tb,
			    void *out);

/* for dmk_netlink_list(): a struct dmk_esp_policy; and back. netlink_rule.c */
struct dmk_rule;
int dmk_netlink_read_policy(struct genl_info *info, struct nlattr *entry, struct nlattr **tb,
			    void *out);
int dmk_netlink_put_policies(struct sk_buff *skb, const struct dmk_rule *r);

/* and back */
int dmk_netlink_put_names(struct sk_buff *skb, int attr, const struct dmk_name *names,
			  unsigned int n);
int dmk_netlink_put_prefixes(struct sk_buff *skb, const struct dmk_prefix *prefixes,
			     unsigned int n);

/* ---- the operations, by file */

/* netlink_instance.c */
int dmk_netlink_instance_get(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_instance_set(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_stats_dump(struct sk_buff *skb, struct netlink_callback *cb);
int dmk_netlink_upcall_refuse(struct sk_buff *skb, struct genl_info *info);

/* netlink_local.c */
int dmk_netlink_local_new(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_local_del(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_local_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* netlink_sensor.c */
int dmk_netlink_sensor_new(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_sensor_del(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_sensor_start(struct netlink_callback *cb);
int dmk_netlink_sensor_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* netlink_peer.c */
int dmk_netlink_peer_new(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_peer_del(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_peer_start(struct netlink_callback *cb);
int dmk_netlink_peer_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* of tables; the iterator is made by the start functions */
int dmk_netlink_walk_start(struct netlink_callback *cb, struct rhashtable *table);
int dmk_netlink_walk(struct sk_buff *skb, struct netlink_callback *cb,
		     int (*put)(struct sk_buff *skb, struct netlink_callback *cb, void *obj));
int dmk_netlink_walk_done(struct netlink_callback *cb);

/* netlink_rule.c */
int dmk_netlink_rule_new(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_rule_del(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_rule_start(struct netlink_callback *cb);
int dmk_netlink_rule_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* netlink_session.c */
int dmk_netlink_session_del(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_session_start(struct netlink_callback *cb);
int dmk_netlink_session_dump(struct sk_buff *skb, struct netlink_callback *cb);

/* netlink_host.c */
int dmk_netlink_host_new(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_host_del(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_host_connect(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_host_disconnect(struct sk_buff *skb, struct genl_info *info);
int dmk_netlink_host_start(struct netlink_callback *cb);
int dmk_netlink_host_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif
