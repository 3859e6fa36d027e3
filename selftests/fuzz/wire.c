// SPDX-License-Identifier: GPL-2.0
/*
 * core/wire.c: each payload by itself, and the emitters of core/emit.c, which must
 * write again what was read. Input: which payload, then its bytes.
 */
#include "fuzz.h"

/**
 * struct run - a payload that is being read
 * @c: the cursor
 * @w: what the emitter made of it; nothing for payloads that say less than they hold
 */
struct run {
	struct dmk_cursor c;
	struct dmk_writer w;
};

static bool inside(const struct run *r, struct dmk_span s)
{
	return fuzz_inside(s, r->c.data, r->c.at);
}

static bool read_hdr(struct run *r)
{
	struct dmk_hdr hdr;

	if (dmk_parse_hdr(&r->c, &hdr))
		return false;
	must(inside(r, hdr.map));
	dmk_emit_hdr(&r->w, &hdr);
	r->w.data[2] = hdr.next;
	return true;
}

static bool read_cs(struct run *r)
{
	struct dmk_cs cs;

	if (dmk_parse_cs(&r->c, &cs))
		return false;
	must(inside(r, cs.policies) && inside(r, cs.session_data) && inside(r, cs.spi));
	dmk_emit_cs(&r->w, &cs);
	return true;
}

static bool read_kemac(struct run *r)
{
	struct dmk_kemac k;
	u8 next;

	if (dmk_parse_kemac(&r->c, &next, &k))
		return false;
	must(inside(r, k.data) && inside(r, k.mac) && k.mac.len == dmk_mac_len(k.mac_alg));
	return true;
}

static bool read_pke(struct run *r)
{
	struct dmk_pke pke;
	u8 next;

	if (dmk_parse_pke(&r->c, &next, &pke))
		return false;
	must(inside(r, pke.data));
	dmk_emit_pke(&r->w, &pke);
	return true;
}

static bool read_sign(struct run *r)
{
	struct dmk_sign sign;

	if (dmk_parse_sign(&r->c, &sign))
		return false;
	must(inside(r, sign.signature));
	return true;
}

static bool read_t(struct run *r)
{
	struct dmk_ts t;
	u8 next;

	if (dmk_parse_t(&r->c, &next, &t))
		return false;
	dmk_emit_t(&r->w, &t);
	return true;
}

static bool read_id(struct run *r)
{
	struct dmk_id id;
	u8 next;

	if (dmk_parse_id(&r->c, &next, &id))
		return false;
	must(inside(r, id.data) && id.data.len && id.data.len <= DMK_ID_MAX);
	dmk_emit_id(&r->w, &id);
	return true;
}

static bool read_idr(struct run *r)
{
	struct dmk_id id;
	u8 next, role;

	if (dmk_parse_idr(&r->c, &next, &role, &id))
		return false;
	must(inside(r, id.data));
	dmk_emit_idr(&r->w, role, &id);
	return true;
}

#ifdef FUZZ_PROVE
/* CERT as one who believes its length would read it: does the fuzzer notice? */
static enum dmk_reason parse_cert(struct dmk_cursor *c, u8 *next, struct dmk_cert *cert)
{
	static u8 kept[DMK_CERT_MAX];
	enum dmk_reason why;
	u32 at = c->at;

	why = dmk_parse_cert(c, next, cert);
	if (!why && cert->type == DMK_CERT_X509)
		memcpy(kept, cert->data.data, dmk_get_be(c->data + at + 2, 2) + 1);
	fuzz_keep(kept);
	return why;
}
#else
#define parse_cert dmk_parse_cert
#endif

static bool read_cert(struct run *r)
{
	struct dmk_cert cert;
	u8 next;

	if (parse_cert(&r->c, &next, &cert))
		return false;
	must(inside(r, cert.data) && cert.data.len <= DMK_CERT_MAX);
	dmk_emit_cert(&r->w, &cert);
	return true;
}

static bool read_chash(struct run *r)
{
	struct dmk_chash chash;
	u8 next;

	if (dmk_parse_chash(&r->c, &next, &chash))
		return false;
	must(inside(r, chash.hash) && chash.hash.len == DMK_HASH_LEN);
	dmk_emit_chash(&r->w, &chash);
	return true;
}

static bool read_ver(struct run *r)
{
	struct dmk_ver ver;
	u8 next;

	if (dmk_parse_ver(&r->c, &next, &ver))
		return false;
	must(inside(r, ver.data) && ver.data.data == r->c.data + ver.at);
	return true;
}

static bool read_sp(struct run *r)
{
	struct dmk_sp sp;
	u8 next;

	if (dmk_parse_sp(&r->c, &next, &sp))
		return false;
	must(inside(r, sp.param) && inside(r, sp.raw));
	dmk_emit_sp_raw(&r->w, sp.raw);
	return true;
}

static bool read_rand(struct run *r)
{
	struct dmk_span rand;
	u8 next;

	if (dmk_parse_rand(&r->c, &next, &rand))
		return false;
	must(inside(r, rand) && rand.len >= DMK_RAND_LEN);
	dmk_emit_rand(&r->w, rand);
	return true;
}

static bool read_randr(struct run *r)
{
	struct dmk_span rand;
	u8 next, role;

	if (dmk_parse_randr(&r->c, &next, &role, &rand))
		return false;
	must(inside(r, rand) && rand.len == DMK_RANDR_LEN);
	dmk_emit_randr(&r->w, rand);
	return true;
}

static bool read_err(struct run *r)
{
	u8 next, error;

	return !dmk_parse_err(&r->c, &next, &error);
}

static bool read_ext(struct run *r)
{
	struct dmk_ext ext;
	u8 next;

	if (dmk_parse_ext(&r->c, &next, &ext))
		return false;
	must(inside(r, ext.data));
	dmk_emit_ext(&r->w, ext.type, ext.data);
	return true;
}

static bool read_key_data(struct run *r)
{
	struct dmk_key_data key;
	u8 next;

	if (dmk_parse_key_data(&r->c, &next, &key))
		return false;
	must(inside(r, key.key) && inside(r, key.salt) && inside(r, key.validity));
	if (key.kv == DMK_KV_NULL && !key.salt.data)
		dmk_emit_key_data(&r->w, key.type, key.key);
	return true;
}

/**
 * struct payload - a payload
 * @read: reads it; whether it is good
 * @next: it begins with Next payload, which the emitters leave 0
 */
static const struct payload {
	bool (*read)(struct run *r);
	bool next;
} payloads[] = {
	{ read_hdr, false }, { read_cs, false }, { read_kemac, true }, { read_pke, true },
	{ read_sign, false }, { read_t, true }, { read_id, true }, { read_idr, true },
	{ read_cert, true }, { read_chash, true }, { read_ver, true }, { read_sp, true },
	{ read_rand, true }, { read_randr, true }, { read_err, true }, { read_ext, true },
	{ read_key_data, true },
};

/* what was written is what was read */
static void compare(const struct payload *p, const struct run *r)
{
	u32 from = p->next;

	if (!r->w.len)
		return;
	must(!r->w.full && r->w.len == r->c.at);
	must(!memcmp(r->w.data + from, r->c.data + from, r->w.len - from));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	const struct payload *p;
	struct run r = {};
	u8 *copy, *out;

	if (!len)
		return 0;
	p = &payloads[data[0] % ARRAY_SIZE(payloads)];
	copy = fuzz_copy(data + 1, len - 1);
	out = malloc(len);
	r.c = (struct dmk_cursor){ .data = copy, .len = len - 1 };
	dmk_writer_init(&r.w, out, len - 1);
	if (p->read(&r)) {
		must(r.c.at <= r.c.len);
		compare(p, &r);
	}
	free(out);
	free(copy);
	return 0;
}
