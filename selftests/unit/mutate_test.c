// SPDX-License-Identifier: GPL-2.0
/* Good messages, cut at every length and changed in every byte: the parser
 * never reads beyond the datagram, and what it accepts it has understood.
 */
#include "messages.h"
#include "rebuild.h"
#include "vec_rfc3830.h"

#define ALL_ROLES (DMK_AT_I | DMK_AT_TP | DMK_AT_R | DMK_AT_HOST)

/* a message of @len bytes, in memory of exactly that size */
static bool refused(unsigned int role, const u8 *data, u32 len)
{
	u8 *copy = ktap_alloc(len);
	struct dmk_message m;
	bool good;

	memcpy(copy, data, len);
	good = dmk_message_parse(&m, role, copy, len);
	ktap_free(copy);
	return good;
}

static void cut(const char *name, unsigned int role, struct dmk_span msg)
{
	u32 len = 0;

	while (len < msg.len && refused(role, msg.data, len))
		len++;
	ktap_ok(len == msg.len, "%s, cut at every length", name);
	if (len != msg.len)
		ktap_diag("accepted with %u bytes", len);
}

static void test_truncated(const struct item *it)
{
	cut(it->name, it->role, it->msg);
}

/* ERR's 16 reserved bits are ignored, so they do not come back */
static void clear_reserved(const struct dmk_message *m, u8 *data)
{
	u32 at;

	if (m->kind != DMK_ERR)
		return;
	at = m->hdr.map.data + m->hdr.map.len - m->raw.data;
	at += m->cookie.data ? 4 + DMK_COOKIE_LEN : 0;
	at += m->t.type == DMK_TS_COUNTER ? 6 : 10;
	data[at + 2] = 0;
	data[at + 3] = 0;
}

static bool understood(struct dmk_message *m, u8 *data, u32 len)
{
	static u8 out[DMK_MSG_MAX];

	clear_reserved(m, data);
	return rebuild(m, out, sizeof(out)) == len && !memcmp(out, data, len);
}

struct tally {
	u32 accepted;
	u32 lost;	/* accepted, but not to be written again */
};

static void try_byte(const struct item *it, u8 *copy, u32 at, struct tally *tally)
{
	struct dmk_message m;
	unsigned int v;

	for (v = 0; v < 256; v++) {
		memcpy(copy, it->msg.data, it->msg.len);
		copy[at] = v;
		(void)dmk_message_parse(&m, ALL_ROLES, copy, it->msg.len);
		if (dmk_message_parse(&m, it->role, copy, it->msg.len))
			continue;
		tally->accepted++;
		tally->lost += !understood(&m, copy, it->msg.len);
	}
}

/* sessions that have, between them, every message; of each, one third party */
static const char *const chosen[] = {
	"cm-s2-ntp", "tp_i-ccm", "cached-counter", "cookie-ccm", "relay",
	"update-cm-counter",
};

static bool is_chosen(const struct item *it)
{
	unsigned int i;

	if (!it->s)
		return true;
	if (it->tp && it->tp != it->s->third_parties)
		return false;
	for (i = 0; i < ARRAY_SIZE(chosen); i++)
		if (!strcmp(it->s->name, chosen[i]))
			return true;
	return false;
}

static void test_changed(const struct item *it)
{
	struct tally tally = {};
	u8 *copy;
	u32 at;

	if (!is_chosen(it))
		return;
	copy = ktap_alloc(it->msg.len);
	for (at = 0; at < it->msg.len; at++)
		try_byte(it, copy, at, &tally);
	ktap_free(copy);
	ktap_ok(!tally.lost && tally.accepted >= it->msg.len, "%s, every byte changed: %u understood",
		it->name, tally.accepted);
}

/* the plain exchanges: cut only, there is no builder for them */
static void test_plain(void)
{
	unsigned int i;

	for (i = 0; i < vec_rfc3830.n_psk_messages; i++)
		cut(vec_rfc3830.psk_messages[i].name, DMK_AT_HOST,
		    vec_rfc3830.psk_messages[i].i_message);
	for (i = 0; i < vec_rfc3830.n_pk_messages; i++)
		cut(vec_rfc3830.pk_messages[i].name, DMK_AT_HOST,
		    vec_rfc3830.pk_messages[i].i_message);
}

static void mutate_test(void)
{
	each_message(test_truncated);
	test_plain();
	each_message(test_changed);
}

KTAP_MAIN(mutate_test)
