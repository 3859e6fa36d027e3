// SPDX-License-Identifier: GPL-2.0
/* core/describe.c on all vectors: every byte of a good message is shown once, in
 * order; cut and changed messages never lead it beyond their end.
 */
#include "describe.h"
#include "messages.h"
#include "vec_mikey_others.h"
#include "vec_rfc3830.h"

/**
 * struct seen - what was shown
 * @at: the next byte that has not been
 * @depth: parts that are open
 * @deepest: most of them
 * @fields: number of fields
 * @len: of the message
 * @wrong: something was shown out of its place
 */
struct seen {
	u32 at;
	int depth;
	int deepest;
	u32 fields;
	u32 len;
	bool wrong;
};

static void on_open(void *arg, const struct dmk_part *p)
{
	struct seen *s = arg;

	s->wrong |= p->at != s->at || !p->name || !p->clause;
	s->depth++;
	if (s->depth > s->deepest)
		s->deepest = s->depth;
}

/* several fields may share bytes, each begins where the last one did or ended */
static void on_field(void *arg, const struct dmk_field *f)
{
	struct seen *s = arg;

	s->wrong |= s->depth < 1 || !f->name || f->at + f->len > s->len ||
		    (f->at != s->at && f->at + f->len != s->at);
	s->at = f->at + f->len;
	s->fields++;
}

static void on_close(void *arg, u32 end)
{
	struct seen *s = arg;

	/* the fields of less than a byte may have been cut behind the first */
	s->wrong |= end > s->at || s->at - end > 2;
	s->at = end;
	s->depth--;
}

static bool describe(struct dmk_describe *d, struct seen *s, const u8 *data, u32 len)
{
	u32 read;

	*s = (struct seen){ .len = len };
	*d = (struct dmk_describe){ .open = on_open, .field = on_field, .close = on_close,
				    .arg = s };
	read = dmk_describe_message(d, data, len);
	return !s->wrong && !s->depth && s->deepest <= 12 && read == s->at &&
	       (read == len || d->flaw) && d->flaw_at <= len;
}

/* memory of exactly that size, so that a byte too much is seen */
static bool exact(struct dmk_describe *d, const u8 *data, u32 len)
{
	u8 *copy = ktap_alloc(len);
	struct seen s;
	bool good;

	memcpy(copy, data, len);
	good = describe(d, &s, copy, len);
	ktap_free(copy);
	return good;
}

static struct {
	u32 messages;
	u32 flawed;
	u32 cut;
	u32 cut_wrong;
	u32 changed;
	u32 changed_wrong;
} tally;

static void cut(struct dmk_span m)
{
	struct dmk_describe d;
	u32 len;

	for (len = 0; len < m.len; len++) {
		tally.cut++;
		if (!exact(&d, m.data, len))
			tally.cut_wrong++;
	}
}

/* each byte, every @step-th value of it */
static void change(struct dmk_span m, unsigned int step)
{
	unsigned int v;
	u8 *copy = ktap_alloc(m.len);
	struct dmk_describe d;
	struct seen s;
	u32 at;

	for (at = 0; at < m.len; at++) {
		memcpy(copy, m.data, m.len);
		for (v = step; v < 256; v += step) {
			copy[at] = m.data[at] ^ v;
			tally.changed++;
			if (!describe(&d, &s, copy, m.len))
				tally.changed_wrong++;
		}
	}
	ktap_free(copy);
}

static void all_of(struct dmk_span m, bool flawed, unsigned int step)
{
	struct dmk_describe d;

	if (!m.len)
		return;
	tally.messages++;
	if (!exact(&d, m.data, m.len) || !!d.flaw != flawed) {
		tally.flawed++;
		ktap_diag("a message of %u bytes: flaw %d at %u", m.len, d.flaw, d.flaw_at);
	}
	cut(m);
	change(m, step);
}

/* there are many: the first of each kind by every value, then by five */
static void of_session(const struct item *it)
{
	static u8 seen[DMK_PK_VER + 1];

	all_of(it->msg, false, seen[it->kind]++ ? 51 : 1);
	if (!seen[it->kind])
		seen[it->kind] = 1;
}

static void verdict(const char *what)
{
	ktap_ok(tally.messages && !tally.flawed, "%s: %u messages, every byte once", what,
		tally.messages);
	ktap_ok(tally.cut && !tally.cut_wrong, "%s: cut in %u places", what, tally.cut);
	ktap_ok(tally.changed && !tally.changed_wrong, "%s: changed in %u ways", what,
		tally.changed);
	memset(&tally, 0, sizeof(tally));
}

static void plain(void)
{
	unsigned int i;

	for (i = 0; i < vec_rfc3830.n_psk_messages; i++) {
		all_of(vec_rfc3830.psk_messages[i].i_message, false, 1);
		all_of(vec_rfc3830.psk_messages[i].r_message_with_ids, false, 1);
		all_of(vec_rfc3830.psk_messages[i].r_message_no_ids, false, 1);
	}
	for (i = 0; i < vec_rfc3830.n_pk_messages; i++) {
		all_of(vec_rfc3830.pk_messages[i].i_message, false, 1);
		all_of(vec_rfc3830.pk_messages[i].r_message_with_ids, false, 1);
	}
	verdict("plain");
}

static void others(void)
{
	unsigned int i;

	for (i = 0; i < vec_mikey_others.n_messages; i++)
		all_of(vec_mikey_others.messages[i].message, vec_mikey_others.messages[i].error,
		       1);
	verdict("others'");
}

/* @m: @len bytes, which become the end of a message around them */
static u32 wrap(u8 *m, u32 len, const u8 *head, u32 n)
{
	memmove(m + n, m, len);
	memcpy(m, head, n);
	dmk_put_be(m + n - 2, len, 2);
	return len + n;
}

/* a message in a message in a message: nesting has an end */
static void nested(void)
{
	static const u8 relay[14] = { 1, 0, DMK_PL_EXT, [11] = DMK_EXT_RELAY };
	static const u8 first[10] = { 1, 0, DMK_PL_KEMAC };
	static const u8 key[4] = { DMK_PL_KEMAC }, kemac[4];
	static u8 m[DMK_MSG_MAX];
	struct dmk_describe d;
	struct seen s;
	u32 len = 0;

	while (len + sizeof(relay) <= sizeof(m))
		len = wrap(m, len, relay, sizeof(relay));
	describe(&d, &s, m, len);
	ktap_ok(s.deepest == 3, "RELAY in RELAY: %d parts deep", s.deepest);

	for (len = 0; len + 20 < sizeof(m);) {	/* all of them NULL */
		len = wrap(m, len, kemac, sizeof(kemac));
		m[len++] = DMK_MAC_NULL;
		memmove(m + sizeof(key), m, len);
		memcpy(m, key, sizeof(key));
		len += sizeof(key);
	}
	memmove(m + sizeof(first) - sizeof(key), m, len);
	memcpy(m, first, sizeof(first));
	describe(&d, &s, m, len + sizeof(first) - sizeof(key));
	ktap_ok(s.deepest == 3 && !d.flaw, "KEMAC in KEMAC: %d parts deep", s.deepest);
}

static void describe_test(void)
{
	plain();
	others();
	nested();
	each_message(of_session);
	verdict("distributed");
}
KTAP_MAIN(describe_test)
