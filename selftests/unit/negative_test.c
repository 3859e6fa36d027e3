// SPDX-License-Identifier: GPL-2.0
/* Every message of the negative vectors is refused, for the reason that they state. */
#include "receiver.h"
#include "vec_rfc3830.h"
#include "vec_rfc3830_negative.h"
#include "vector.h"

typedef const struct vec_dmikey_negative_vectors vector_t;

static struct dmk_crypto *c;

static const char *const reason_names[] = {
	"accepted",
#define X(name, text, help) text,
	DMK_REASONS(X)
#undef X
};

/* ---- protocol.md */

/* what happened before was good */
static bool prepare(struct receiver *r, vector_t *v)
{
	enum dmk_reason why;
	unsigned int i;

	memset(r, 0, sizeof(*r));
	r->c = c;
	r->v = v;
	for (i = 0; i < v->n_before; i++) {
		why = receiver_take(r, v->before[i]);
		if (why) {
			ktap_diag("message %u before it: %s", i, reason_names[why]);
			return false;
		}
	}
	return true;
}

/* a message may be accepted, but no session may come of it */
static const char *outcome(struct receiver *r, vector_t *v)
{
	enum dmk_reason why = receiver_take(r, v->message);

	if (!why && !r->established && !strcmp(v->expect, "no session"))
		why = DMK_REASON_NO_SESSION;
	return reason_names[why];
}

static void vector_test(vector_t *v)
{
	static struct receiver r;
	const char *got = "the messages before it were refused";

	if (prepare(&r, v))
		got = outcome(&r, v);
	ktap_ok(!strcmp(got, v->reason) && !r.established, "%s: %s", v->name, v->reason);
	if (strcmp(got, v->reason))
		ktap_diag("%s at %s: got %s", v->name, v->at, got);
}

/* the receiver does accept a good message: else it would prove nothing */
static void good_test(void)
{
	static struct receiver r;
	unsigned int i, bad = 0, n = 0;

	for (i = 0; i < vec_dmikey_negative.n_vectors; i++) {
		vector_t *v = &vec_dmikey_negative.vectors[i];

		if (!receiver_plays(v) || !v->n_before)
			continue;
		n += v->n_before;
		bad += !prepare(&r, v);
	}
	ktap_ok(n && !bad, "%u good messages before the bad ones are accepted", n);
}

/* ---- plain RFC 3830 */

static const struct vec_rfc3830_psk_messages *psk_base(const char *name)
{
	unsigned int i;

	for (i = 0; i < vec_rfc3830.n_psk_messages; i++)
		if (!strcmp(vec_rfc3830.psk_messages[i].name, name))
			return &vec_rfc3830.psk_messages[i];
	return NULL;
}

static bool is_known(const struct dmk_id *id, const char *text)
{
	return id->type == DMK_ID_URI && dmk_span_equal(id->data, DMK_SPAN(text, strlen(text)));
}

static enum dmk_reason take_psk(const struct dmk_message *m)
{
	const struct vec_rfc3830_psk_messages *base = psk_base("psk-ids-sp");
	struct dmk_suite s = { m->hdr.prf, m->kemac.encr_alg, m->kemac.mac_alg };
	struct dmk_msg_keys k;
	u8 plain[512];
	u32 len;

	if (!is_known(&m->idr, base->idr))
		return DMK_REASON_UNKNOWN_IDR;
	if (!is_known(&m->idi, base->idi))
		return DMK_REASON_UNKNOWN_SENDER;
	if (dmk_msg_keys(c, s.prf, dmk_suite_encr_len(&s), dmk_suite_auth_len(&s), base->psk,
			 m->hdr.csb_id, m->rand, &k))
		return DMK_REASON_INTERNAL;
	return dmk_open_plain(c, m, &k, plain, sizeof(plain), &len);
}

static enum dmk_reason take_pk(const struct dmk_message *m)
{
	struct pki_key *key = pki_public(m->cert.data);
	struct dmk_span text = DMK_SPAN(m->raw.data, m->sign.signature.data - m->raw.data);
	u8 digest[DMK_HASH_LEN];
	bool good;

	if (!key)
		return DMK_REASON_CERTIFICATE;
	/* PRF 0: SHA-1 */
	good = pki_digest(DMK_SHA1, text, digest) &&
	       pki_verify(key, DMK_SHA1, digest, m->sign.signature);
	pki_key_free(key);
	return good ? DMK_OK : DMK_REASON_SIGNATURE;
}

static enum dmk_reason take_plain(struct dmk_span msg)
{
	static struct dmk_message m;
	enum dmk_reason why = dmk_message_parse(&m, DMK_AT_HOST, msg.data, msg.len);

	if (why)
		return why;
	switch (m.kind) {
	case DMK_PSK:
		return take_psk(&m);
	case DMK_PK:
		return take_pk(&m);
	default:
		return DMK_REASON_UNEXPECTED;
	}
}

/* the file names no reasons of ours; the first entry whose name is a prefix counts */
static const struct {
	const char *prefix;
	enum dmk_reason reason;
} stated[] = {
	{ "trunc-", DMK_REASON_TRUNCATED },
	{ "trailing-", DMK_REASON_TRAILING },
	{ "bad-version", DMK_REASON_VERSION },
	{ "unknown-data-type", DMK_REASON_DATA_TYPE },
	{ "unknown-prf", DMK_REASON_PRF },
	{ "unknown-map-type", DMK_REASON_MAP_TYPE },
	{ "cs-count-255", DMK_REASON_TRUNCATED },
	{ "next-payload-unknown", DMK_REASON_PAYLOAD_TYPE },
	{ "next-payload-hdr-last", DMK_REASON_TRAILING },
	{ "ts-type-9", DMK_REASON_TS_TYPE },
	{ "rand-len-255", DMK_REASON_TRUNCATED },
	{ "rand-len-0", DMK_REASON_RAND_LENGTH },
	{ "id-len-ffff", DMK_REASON_TRUNCATED },
	{ "kemac-len-big", DMK_REASON_TRUNCATED },
	{ "kemac-not-last", DMK_REASON_TRUNCATED },	/* nothing follows it */
	{ "kemac-encr-alg-9", DMK_REASON_ALGORITHMS },
	{ "kemac-mac-alg-7", DMK_REASON_ALGORITHMS },
	{ "mac-downgrade-null", DMK_REASON_ALGORITHMS },
	{ "encr-downgrade-null", DMK_REASON_ALGORITHMS },
	{ "pk-nosign", DMK_REASON_TRUNCATED },
	{ "pk-flip-1197", DMK_REASON_SIGN_LENGTH },
	{ "pk-flip-1198", DMK_REASON_TRUNCATED },	/* length of the signature */
	{ "pk-flip-200", DMK_REASON_CERTIFICATE },	/* DER */
	{ "pk-flip-", DMK_REASON_SIGNATURE },
	{ "bitflip-0", DMK_REASON_VERSION },
	{ "bitflip-10", DMK_REASON_MAC },
	{ "bitflip-153", DMK_REASON_MAC },
	{ "bitflip-182", DMK_REASON_MAC },
	{ "bitflip-1", DMK_REASON_PAYLOAD_ORDER },	/* Data type */
	{ "bitflip-8", DMK_REASON_TS_TYPE },		/* #CS: T is read elsewhere */
	{ "bitflip-", DMK_REASON_MAC },
};

static enum dmk_reason stated_reason(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(stated); i++)
		if (!strncmp(name, stated[i].prefix, strlen(stated[i].prefix)))
			return stated[i].reason;
	return DMK_OK;
}

static void plain_test(const struct vec_rfc3830_negative_vectors *v)
{
	enum dmk_reason want = stated_reason(v->name), got = take_plain(v->message);

	ktap_ok(got && got == want, "%s: %s (%s)", v->name, reason_names[want], v->why);
	if (got != want)
		ktap_diag("%s: got %s", v->name, reason_names[got]);
}

static void negative_test(void)
{
	const struct vec_rfc3830_psk_messages *psk = psk_base("psk-ids-sp");
	unsigned int i;

	c = test_crypto_new();
	if (!ktap_ok(c, "crypto backend"))
		return;
	good_test();
	for (i = 0; i < vec_dmikey_negative.n_vectors; i++) {
		vector_t *v = &vec_dmikey_negative.vectors[i];

		if (receiver_plays(v))
			vector_test(v);
		else if (v->at[0] != 'I')	/* those are initiator_test.c's */
			ktap_ok(false, "%s: nobody plays %s", v->name, v->at);
	}
	ktap_ok(psk && !take_plain(psk->i_message), "psk-ids-sp itself is accepted");
	ktap_ok(!take_plain(vec_rfc3830.pk_messages[0].i_message), "pk-basic itself is accepted");
	for (i = 0; i < vec_rfc3830_negative.n_vectors; i++)
		plain_test(&vec_rfc3830_negative.vectors[i]);
	test_crypto_free(c);
}

KTAP_MAIN(negative_test)
