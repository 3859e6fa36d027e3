// SPDX-License-Identifier: GPL-2.0
/* Netlink commands about sensors. */

#include <linux/slab.h>

#include "key.h"
#include "netlink.h"
#include "netns.h"

enum {
	ROOM = 16384,			/* of the largest sensor in a dump, and more */
};

static int read_key(struct genl_info *info, struct dmk_sensor *s)
{
	struct key *key;

	if (!info->attrs[DMK_A_KEY])
		return DMK_REFUSE_MISSING(info, DMK_A_KEY, "the key's serial is missing");
	s->serial = nla_get_s32(info->attrs[DMK_A_KEY]);
	key = dmk_key_logon(s->serial);
	if (!IS_ERR(key)) {
		s->key = key;
		return 0;
	}
	return dmk_netlink_refuse_key(info, PTR_ERR(key)) ?:
	       DMK_REFUSE(info, DMK_A_KEY, PTR_ERR(key), "not a logon key of 32 bytes");
}

static int read_time(struct genl_info *info, struct dmk_sensor *s)
{
	struct nlattr *type = info->attrs[DMK_A_TS_TYPE];
	struct nlattr *counter = info->attrs[DMK_A_COUNTER];

	s->ts_type = type ? nla_get_u8(type) : DMK_TS_NTP_UTC;
	if (s->ts_type == DMK_TS_NTP)
		return DMK_REFUSE(info, DMK_A_TS_TYPE, -EINVAL,
				  "the time stamp type is neither NTP-UTC (0) nor COUNTER (2)");
	if (counter && s->ts_type != DMK_TS_COUNTER)
		return DMK_REFUSE(info, DMK_A_COUNTER, -EINVAL,
				  "a counter is for sensors with time stamps of type COUNTER");
	if (counter) {
		s->counter = nla_get_u32(counter);
		s->seen = true;
	}
	return 0;
}

static int read_suites(struct genl_info *info, struct dmk_sensor *s)
{
	struct nlattr *suites = info->attrs[DMK_A_SUITES];

	s->suites = suites ? nla_get_u32(suites) : DMK_SUITE_CCM | DMK_SUITE_CM;
	if (!s->suites)
		return DMK_REFUSE(info, DMK_A_SUITES, -EINVAL, "no algorithm would be allowed");
	return 0;
}

static int read_limits(struct genl_info *info, struct dmk_sensor *s)
{
	int ret = 0;

	if (info->attrs[DMK_A_RESPONDERS])
		ret = dmk_netlink_list(info, DMK_A_RESPONDERS, DMK_SENSOR_LIST_MAX,
				       sizeof(*s->responders), dmk_netlink_read_name,
				       (void **)&s->responders, &s->n_responders);
	if (!ret && info->attrs[DMK_A_PREFIXES])
		ret = dmk_netlink_list(info, DMK_A_PREFIXES, DMK_SENSOR_LIST_MAX,
				       sizeof(*s->prefixes), dmk_netlink_read_prefix,
				       (void **)&s->prefixes, &s->n_prefixes);
	return ret;
}

static int read_sensor(struct genl_info *info, struct dmk_sensor *s)
{
	struct nlattr *generation = info->attrs[DMK_A_GENERATION];
	struct dmk_id id;
	int ret;

	ret = dmk_netlink_id(info, &id);
	if (ret)
		return ret;
	dmk_name_set(&s->name, &id);
	if (generation) {
		s->derived = true;
		s->generation = nla_get_u32(generation);
	}
	ret = read_time(info, s);
	if (!ret)
		ret = read_suites(info, s);
	if (!ret)
		ret = read_limits(info, s);
	if (!ret)
		ret = read_key(info, s);
	return ret;
}

static int add(struct dmk_net *dn, struct genl_info *info, struct dmk_sensor *s)
{
	struct dmk_id id;
	int ret;

	mutex_lock(&dn->config);
	ret = dmk_sensor_add(dn, s);
	mutex_unlock(&dn->config);
	switch (ret) {
	case 0:
		break;
	case -EEXIST:
		return DMK_REFUSE(info, DMK_A_ID, ret,
				  "a sensor with an identity of the other type has the same octets");
	case -ENOSPC:
		return DMK_REFUSE(info, DMK_A_ID, ret, "too many sensors are known");
	default:
		return DMK_REFUSE(info, DMK_A_ID, ret, "out of memory");
	}
	/* not the table's name: another command may have removed it by now */
	dmk_netlink_id(info, &id);
	dmk_upcall_answer_sensor(dn, &id);
	return 0;
}

int dmk_netlink_sensor_new(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_sensor *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!s)
		return -ENOMEM;
	ret = read_sensor(info, s);
	if (!ret)
		ret = add(dmk_net(genl_info_net(info)), info, s);
	if (ret) {
		key_put(s->key);
		kfree(s->responders);
		kfree(s->prefixes);
		kfree(s);
	}
	return ret;
}

int dmk_netlink_sensor_del(struct sk_buff *skb, struct genl_info *info)
{
	struct dmk_net *dn = dmk_net(genl_info_net(info));
	struct nlattr *attr = info->attrs[DMK_A_COUNTER];
	u32 counter = attr ? nla_get_u32(attr) : 0;
	struct dmk_id id;
	int ret;

	ret = dmk_netlink_id(info, &id);
	if (ret)
		return ret;
	mutex_lock(&dn->config);
	ret = dmk_sensor_remove(dn, &id, attr ? &counter : NULL);
	mutex_unlock(&dn->config);
	if (ret == -ESTALE)
		return DMK_REFUSE(info, DMK_A_COUNTER, ret,
				  "another COUNTER was accepted from the sensor since");
	if (ret)
		return DMK_REFUSE(info, DMK_A_ID, ret, "the sensor is not known");
	return 0;
}

static int put_limits(struct sk_buff *skb, const struct dmk_sensor *s)
{
	if (s->n_responders && dmk_netlink_put_names(skb, DMK_A_RESPONDERS, s->responders,
						     s->n_responders))
		return -EMSGSIZE;
	return s->n_prefixes ? dmk_netlink_put_prefixes(skb, s->prefixes, s->n_prefixes) : 0;
}

/* of a key, nothing but its serial */
static int put(struct sk_buff *skb, struct netlink_callback *cb, void *obj)
{
	struct dmk_sensor *s = obj;
	struct dmk_id id = dmk_name_id(&s->name);
	bool seen = READ_ONCE(s->seen);
	void *hdr;

	hdr = dmk_netlink_entry(skb, cb, DMK_CMD_SENSOR_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (dmk_netlink_put_id(skb, DMK_A_ID_TYPE, DMK_A_ID, &id) ||
	    nla_put_s32(skb, DMK_A_KEY, s->serial) ||
	    (s->derived && nla_put_u32(skb, DMK_A_GENERATION, s->generation)) ||
	    nla_put_u8(skb, DMK_A_TS_TYPE, s->ts_type) ||
	    nla_put_u32(skb, DMK_A_SUITES, s->suites) ||
	    (seen && nla_put_u32(skb, DMK_A_COUNTER, READ_ONCE(s->counter))) ||
	    nla_put_u32(skb, DMK_A_IDLE, (jiffies - READ_ONCE(s->used)) / HZ) ||
	    put_limits(skb, s)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int dmk_netlink_sensor_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = ROOM;
	return dmk_netlink_walk_start(cb, &dmk_net(sock_net(cb->skb->sk))->sensors.table);
}

int dmk_netlink_sensor_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dmk_netlink_walk(skb, cb, put);
}
