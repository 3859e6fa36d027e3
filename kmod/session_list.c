// SPDX-License-Identifier: GPL-2.0
/* All sessions at R, as netlink and the end of a namespace want them. */

#include "netns.h"

int dmk_session_each(struct dmk_net *dn, unsigned long *from,
		     int (*fn)(struct dmk_session *s, void *arg), void *arg)
{
	struct dmk_sessions *ss = &dn->sessions;
	struct dmk_session *s;
	unsigned long i;
	int ret = 0;

	mutex_lock(&ss->lock);
	xa_for_each_start(&ss->all, i, s, *from) {
		ret = fn(s, arg);
		if (ret)
			break;
		*from = i + 1;
	}
	mutex_unlock(&ss->lock);
	return ret;
}

static unsigned int end_all(struct dmk_net *dn)
{
	struct dmk_session *s;
	unsigned int n = 0;
	unsigned long i;

	xa_for_each(&dn->sessions.all, i, s) {
		dmk_session_end(s, DMK_OK);
		n++;
		cond_resched();
	}
	return n;
}

static unsigned int end_of(struct dmk_net *dn, const struct dmk_id *sensor, u32 spi_in)
{
	struct dmk_party *p = dmk_party_find(dn, sensor);
	struct dmk_session *s, *next;
	unsigned int n = 0;

	if (!p)
		return 0;
	list_for_each_entry_safe(s, next, &p->sessions, by_sensor) {
		if (spi_in && ntohl(s->spi_in) != spi_in)
			continue;
		dmk_session_end(s, DMK_OK);
		n++;
	}
	return n;
}

static unsigned int end_spi(struct dmk_net *dn, u32 spi_in)
{
	struct dmk_session *s = dmk_session_by_spi(dn, htonl(spi_in));

	if (!s)
		return 0;
	dmk_session_end(s, DMK_OK);
	return 1;
}

unsigned int dmk_session_end_matching(struct dmk_net *dn, const struct dmk_id *sensor,
				      u32 spi_in)
{
	unsigned int n;

	mutex_lock(&dn->sessions.lock);
	if (sensor)
		n = end_of(dn, sensor, spi_in);
	else
		n = spi_in ? end_spi(dn, spi_in) : end_all(dn);
	mutex_unlock(&dn->sessions.lock);
	return n;
}
