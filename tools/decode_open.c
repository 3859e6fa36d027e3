// SPDX-License-Identifier: GPL-2.0
/*
 * Derived keys, for those who asked for them by bringing the keys that they come
 * from. What is printed cannot be wiped: dmikeyctl(8) says so.
 */
#include <string.h>

#include "decode.h"

static const struct dmk_span none;

/* ---- the keys that KEMAC holds */

#define KEYS_MAX 16

/**
 * struct found - Key data sub-payloads
 * @data: the plaintext
 * @type: of each
 * @key: its Key data
 * @n: their number
 */
struct found {
	const u8 *data;
	u8 type[KEYS_MAX];
	struct dmk_span key[KEYS_MAX];
	unsigned int n;
};

static void on_open(void *arg, const struct dmk_part *part)
{
	struct found *f = arg;

	f->n += part->type == DMK_PL_KEY_DATA && f->n < KEYS_MAX;
}

static void on_field(void *arg, const struct dmk_field *field)
{
	struct found *f = arg;

	if (f->n && !strcmp(field->name, "Type"))
		f->type[f->n - 1] = field->number;
	if (f->n && !strcmp(field->name, "Key data"))
		f->key[f->n - 1] = DMK_SPAN(f->data + field->at, field->len);
}

static void on_close(void *arg, u32 end)
{
	(void)arg;
	(void)end;
}

static void find(struct found *f, const struct decode_plain *p)
{
	struct dmk_describe d = {
		.open = on_open, .field = on_field, .close = on_close, .arg = f,
	};

	*f = (struct found){ .data = p->data };
	dmk_describe_keys(&d, p->data, p->len, p->with_id);
}

struct dmk_span decode_open_lone(const struct decode_plain *p, u8 type)
{
	struct found f;

	find(&f, p);
	return f.n == 1 && f.type[0] == type ? f.key[0] : none;
}

/* ---- printing them */

/* @cs: 0: of no single crypto session */
static void add(struct json_object *keys, const char *name, const char *clause,
		unsigned int cs, const u8 *data, u32 len)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "name", json_object_new_string(name));
	json_object_object_add(o, "clause", json_object_new_string(clause));
	if (cs)
		json_object_object_add(o, "cs", json_object_new_int(cs));
	json_object_object_add(o, "hex", decode_tree_hex(data, len));
	json_object_array_add(keys, o);
}

void decode_open_message_keys(struct json_object *keys, const struct dmk_msg_keys *k,
			      const struct dmk_suite *s)
{
	add(keys, "encr_key", "RFC 3830 4.1.4", 0, k->encr, dmk_suite_encr_len(s));
	add(keys, "auth_key", "RFC 3830 4.1.4", 0, k->auth, dmk_suite_auth_len(s));
	add(keys, "salt", "RFC 3830 4.1.4", 0, k->salt, sizeof(k->salt));
}

void decode_open_group(struct json_object *keys, const struct decode_group *g)
{
	add(keys, "TGK", "protocol.md 6.1", 0, g->tgk.data, g->tgk.len);
}

void decode_open_update(struct json_object *keys, const struct decode_group *g)
{
	add(keys, "K_update", "protocol.md 6.4", 0, g->update.data, g->update.len);
}

/* ---- SRTP: RFC 3830 4.1.3, lengths as SP has them */

/* the value of SRTP policy parameter @type, or @otherwise */
static u32 srtp_param(const struct dmk_message *m, u8 policy, u8 type, u32 otherwise)
{
	struct dmk_span p;
	unsigned int i;

	for (i = 0; i < m->n_sp; i++) {
		if (m->sp[i].policy_no != policy || m->sp[i].prot_type != DMK_PROT_SRTP)
			continue;
		for (p = m->sp[i].param; p.len >= 2 && p.len - 2 >= p.data[1];
		     p = DMK_SPAN(p.data + 2 + p.data[1], p.len - 2 - p.data[1]))
			if (p.data[0] == type && p.data[1] == 1)
				return p.data[2];
	}
	return otherwise;
}

static void derive(struct json_object *keys, struct dmk_crypto *c, const struct dmk_message *m,
		   struct dmk_span tgk, struct dmk_span rand, u32 label, const char *name,
		   unsigned int cs, u32 len)
{
	u8 key[255];

	if (!len || dmk_derive(c, m->hdr.prf, tgk, label, cs, m->hdr.csb_id, rand, none, key, len))
		return;
	add(keys, name, "RFC 3830 4.1.3", cs, key, len);
	dmk_wipe(key, sizeof(key));
}

/* CS IDs of SRTP are the order of the map, RFC 3830 6.1.1 */
static void derive_srtp(struct json_object *keys, struct dmk_crypto *c,
			const struct dmk_message *m, struct dmk_span tgk, struct dmk_span rand)
{
	unsigned int cs;

	for (cs = 1; cs <= m->hdr.map.len / 9; cs++) {
		u8 policy = m->hdr.map.data[9 * (cs - 1)];

		derive(keys, c, m, tgk, rand, DMK_LABEL_TEK, "TEK", cs,
		       srtp_param(m, policy, 1, 16));
		derive(keys, c, m, tgk, rand, DMK_LABEL_TEK_SALT, "salt", cs,
		       srtp_param(m, policy, 4, 14));
	}
}

/* ---- ESP: protocol.md 6.4 */

static void add_esp(struct json_object *keys, unsigned int cs, const struct dmk_esp_keys *k)
{
	add(keys, "ESP key", "protocol.md 6.4", cs, k->cipher_key, k->cipher_len);
	if (k->salt_len)
		add(keys, "ESP salt", "protocol.md 6.4", cs, k->salt, k->salt_len);
	if (k->integ_len)
		add(keys, "ESP integrity key", "protocol.md 6.4", cs, k->integ_key, k->integ_len);
}

void decode_open_esp(struct json_object *keys, struct dmk_crypto *c, struct dmk_span tgk,
		     const struct decode_facts *request, struct dmk_span rand,
		     struct dmk_span randr)
{
	const struct dmk_message *m = &request->m;
	struct dmk_esp_policy policy;
	struct dmk_esp_keys k;
	unsigned int cs;

	dmk_esp_policy_default(&policy);
	if (m->n_sp && (m->sp[0].prot_type != DMK_PROT_ESP ||
			dmk_esp_policy_parse(m->sp[0].param, &policy)))
		return;
	for (cs = 1; cs <= 2; cs++) {
		if (!dmk_esp_keys(c, &policy, cs, tgk, m->hdr.csb_id, rand, randr, &k))
			add_esp(keys, cs, &k);
		dmk_wipe(&k, sizeof(k));
	}
}

/* ---- what a plain message's TGKs give */

void decode_open_derived(struct json_object *keys, struct dmk_crypto *c,
			 const struct decode_facts *f, struct dmk_span rand,
			 const struct decode_plain *p)
{
	const struct dmk_message *m = &f->m;
	struct found found;
	unsigned int i;

	find(&found, p);
	for (i = 0; i < found.n; i++) {
		if (found.type[i] > DMK_KEY_TGK_SALT || !found.key[i].len)
			continue;
		if (m->hdr.map_type == DMK_MAP_SRTP)
			derive_srtp(keys, c, m, found.key[i], rand);
		else if (m->kind == DMK_PSK || m->kind == DMK_PK)
			decode_open_esp(keys, c, found.key[i], f, rand, none);
	}
}
