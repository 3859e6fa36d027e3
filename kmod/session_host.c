// SPDX-License-Identifier: GPL-2.0
/* Sessions with other hosts: protocol.md 12. They have no third parties. */

#include <net/xfrm.h>

#include "netns.h"
#include "sa.h"

/* under the lock: the newest one of a host, or NULL; a sensor's are of one kind */
static struct dmk_session *newest_of(const struct dmk_party *p)
{
	struct dmk_session *s;

	if (!p || list_empty(&p->sessions))
		return NULL;
	s = list_last_entry(&p->sessions, struct dmk_session, by_sensor);
	return dmk_session_is_host(s) ? s : NULL;
}

static struct dmk_session *newest(struct dmk_net *dn, const struct dmk_id *id)
{
	return newest_of(dmk_party_find(dn, id));
}

static bool has_confirmed(const struct dmk_party *p)
{
	struct dmk_session *s;

	list_for_each_entry(s, &p->sessions, by_sensor)
		if (READ_ONCE(s->state) == DMK_SESSION_CONFIRMED)
			return true;
	return false;
}

/* An initiator knows that the other side has the SAs. A responder does not: its
 * data wait for the first packet, or for the end of older SAs that are in use.
 */
void dmk_session_host_began(struct dmk_session *s, bool initiated)
{
	if (initiated || !has_confirmed(s->sensor))
		dmk_sa_open(s->sa.out);
}

void dmk_session_host_ended(struct dmk_session *s)
{
	struct dmk_id id = dmk_party_id(s->sensor);
	struct dmk_session *left = newest_of(s->sensor);

	if (left)
		dmk_sa_open(left->sa.out);
	dmk_host_session_ended(s->dn, &id);
}

bool dmk_session_host_lives(struct dmk_net *dn, const struct dmk_id *id)
{
	bool lives;

	mutex_lock(&dn->sessions.lock);
	lives = newest(dn, id);
	mutex_unlock(&dn->sessions.lock);
	return lives;
}

void dmk_session_host_open(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_session *s;

	mutex_lock(&dn->sessions.lock);
	s = newest(dn, id);
	if (s)
		dmk_sa_open(s->sa.out);
	mutex_unlock(&dn->sessions.lock);
}

/* xfrm counts under x->lock: a number of a moment before does as well */
static bool is_worn(struct xfrm_state *x)
{
	u64 limit = x->lft.hard_packet_limit;

	return READ_ONCE(x->curlft.packets) >= limit - limit / 5;
}

bool dmk_session_host_worn(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_session *s;
	bool worn;

	mutex_lock(&dn->sessions.lock);
	s = newest(dn, id);
	worn = s && (is_worn(s->sa.in) || is_worn(s->sa.out));
	mutex_unlock(&dn->sessions.lock);
	return worn;
}

void dmk_session_host_end(struct dmk_net *dn, const struct dmk_id *id)
{
	struct dmk_session *s;

	mutex_lock(&dn->sessions.lock);
	while ((s = newest(dn, id)))
		dmk_session_end(s, DMK_OK);
	mutex_unlock(&dn->sessions.lock);
}

bool dmk_session_host_spis(struct dmk_net *dn, const struct dmk_id *id, u32 spi[2],
			   time64_t *expires)
{
	struct dmk_session *s;

	mutex_lock(&dn->sessions.lock);
	s = newest(dn, id);
	if (s) {
		spi[0] = ntohl(s->spi_in);
		spi[1] = ntohl(dmk_pair_spi_out(&s->sa));
		*expires = dmk_sa_expires(s->sa.in);
	}
	mutex_unlock(&dn->sessions.lock);
	return s;
}
