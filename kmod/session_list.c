// SPDX-License-Identifier: GPL-2.0
/* All sessions at R, as netlink and the end of a namespace want them. */

#include "netns.h"

int dmk_session_each(struct dmk_net *dn, unsigned long skip,
		     int (*fn)(struct dmk_session *s, void *arg), void *arg)
{
	struct dmk_sessions *ss = &dn->sessions;
	struct dmk_session *s;
	int ret = 0;

	mutex_lock(&ss->lock);
	list_for_each_entry(s, &ss->all, all) {
		if (skip && skip--)
			continue;
		ret = fn(s, arg);
		if (ret)
			break;
	}
	mutex_unlock(&ss->lock);
	return ret;
}

unsigned int dmk_session_end_matching(struct dmk_net *dn, const struct dmk_id *sensor,
				      u32 spi_in)
{
	struct dmk_sessions *ss = &dn->sessions;
	struct dmk_session *s, *next;
	unsigned int n = 0;
	struct dmk_id id;

	mutex_lock(&ss->lock);
	list_for_each_entry_safe(s, next, &ss->all, all) {
		id = dmk_name_id(&s->name);
		if ((sensor && !dmk_id_equal(sensor, &id)) ||
		    (spi_in && ntohl(s->sa.spi_in) != spi_in))
			continue;
		dmk_session_end(s, DMK_OK);
		n++;
	}
	mutex_unlock(&ss->lock);
	return n;
}
