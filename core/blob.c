// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The contents of a sensor's key sector. */
#include "blob.h"
#include "message.h"

enum {
	HEAD_LEN = 8,
	ITEM_HEAD = 3,
	ADDR_LEN = 16,
	NETWORK_LEN = 2 * ADDR_LEN + 3 * 2,
	METHOD_LEN = 6,
	TIMES_LEN = 8,
	PARTY_HEAD = DMK_PSK_LEN + ADDR_LEN + 2,
	ERASED = 0xff,
};

static const u8 magic[4] = { 'D', 'M', 'K', 'Y' };

static bool is_erased(const u8 *p, u32 len)
{
	while (len && *p == ERASED) {
		p++;
		len--;
	}
	return !len;
}

/* ---- items */

/* the next item, if it is of this type */
static bool take(struct dmk_span *rest, u8 type, struct dmk_span *value)
{
	u32 len;

	if (rest->len < ITEM_HEAD || rest->data[0] != type)
		return false;
	len = dmk_get_be(rest->data + 1, 2);
	if (len > rest->len - ITEM_HEAD)
		return false;
	*value = DMK_SPAN(rest->data + ITEM_HEAD, len);
	rest->data += ITEM_HEAD + len;
	rest->len -= ITEM_HEAD + len;
	return true;
}

static bool is_text(struct dmk_span s, u32 max)
{
	u32 i;

	for (i = 0; i < s.len; i++)
		if (s.data[i] <= ' ' || s.data[i] > '~')
			return false;
	return s.len && s.len <= max;
}

/* segments that are not empty, with / between them */
static bool is_path(struct dmk_span s)
{
	u32 i;

	for (i = 0; i < s.len; i++)
		if (s.data[i] == '/' &&
		    (!i || i + 1 == s.len || s.data[i - 1] == '/'))
			return false;
	return is_text(s, DMK_BLOB_PATH_MAX);
}

/* one host: neither the unspecified address nor a multicast one */
static bool is_host(const u8 addr[ADDR_LEN])
{
	u8 any = 0;
	u32 i;

	for (i = 0; i < ADDR_LEN; i++)
		any |= addr[i];
	return any && addr[0] != 0xff;
}

static bool get_id(u8 type, struct dmk_span data, struct dmk_id *id)
{
	id->type = type;
	id->data = data;
	return type <= DMK_ID_URI && is_text(data, DMK_ID_MAX);
}

static bool take_id(struct dmk_span *rest, u8 type, struct dmk_id *id)
{
	struct dmk_span v;

	return take(rest, type, &v) && v.len &&
	       get_id(v.data[0], DMK_SPAN(v.data + 1, v.len - 1), id);
}

static bool take_network(struct dmk_span *rest, struct dmk_blob *b)
{
	struct dmk_span v;
	const u8 *ports;

	if (!take(rest, DMK_BLOB_NETWORK, &v) || v.len != NETWORK_LEN)
		return false;
	b->addr = v.data;
	b->r_addr = v.data + ADDR_LEN;
	ports = v.data + 2 * ADDR_LEN;
	b->party_port = dmk_get_be(ports, 2);
	b->port = dmk_get_be(ports + 2, 2);
	b->coap_port = dmk_get_be(ports + 4, 2);
	return is_host(b->addr) && is_host(b->r_addr) &&
	       memcmp(b->addr, b->r_addr, ADDR_LEN) &&
	       b->party_port && b->port && b->coap_port;
}

static bool suite_exists(u8 encr_alg, u8 mac_alg)
{
	return (encr_alg == DMK_ENCR_AES_CCM_128 && mac_alg == DMK_MAC_NULL) ||
	       (encr_alg == DMK_ENCR_AES_CM_128 && mac_alg == DMK_MAC_SHA256);
}

static bool take_method(struct dmk_span *rest, struct dmk_blob *b)
{
	struct dmk_span v;
	u8 flags;

	if (!take(rest, DMK_BLOB_METHOD, &v) || v.len != METHOD_LEN)
		return false;
	b->n = v.data[0];
	b->k = v.data[1];
	b->scheme = v.data[2];
	flags = v.data[3];
	b->relay = flags & DMK_BLOB_RELAY;
	b->verify = flags & DMK_BLOB_VERIFY;
	b->encr_alg = v.data[4];
	b->mac_alg = v.data[5];
	return b->n && b->n <= DMK_N_MAX && b->k <= b->n && b->k >= (b->n == 1 ? 1 : 2) &&
	       (b->scheme == DMK_SCHEME_SHAMIR || b->scheme == DMK_SCHEME_RS) &&
	       !(flags & ~(DMK_BLOB_RELAY | DMK_BLOB_VERIFY)) &&
	       suite_exists(b->encr_alg, b->mac_alg);
}

static bool take_times(struct dmk_span *rest, struct dmk_blob *b)
{
	struct dmk_span v;

	if (!take(rest, DMK_BLOB_TIMES, &v) || v.len != TIMES_LEN)
		return false;
	b->period = dmk_get_be(v.data, 4);
	b->generation = dmk_get_be(v.data + 4, 4);
	return b->period >= DMK_BLOB_PERIOD_MIN && b->period <= DMK_BLOB_PERIOD_MAX &&
	       b->generation;
}

static bool take_party(struct dmk_span *rest, struct dmk_blob_party *p)
{
	struct dmk_span v;
	const u8 *addr;
	u32 name_len;

	if (!take(rest, DMK_BLOB_PARTY, &v) || v.len < PARTY_HEAD)
		return false;
	p->psk = v.data;
	addr = v.data + DMK_PSK_LEN;
	name_len = addr[ADDR_LEN + 1];
	if (name_len > v.len - PARTY_HEAD)
		return false;
	p->addr = addr;
	p->name = DMK_SPAN(v.data + PARTY_HEAD, name_len);
	return is_host(addr) && is_text(p->name, DMK_BLOB_NAME_MAX) &&
	       get_id(addr[ADDR_LEN],
		      DMK_SPAN(v.data + PARTY_HEAD + name_len, v.len - PARTY_HEAD - name_len),
		      &p->id);
}

/* ---- reading */

bool dmk_blob_party(const struct dmk_blob *b, unsigned int i, struct dmk_blob_party *p)
{
	struct dmk_span rest = b->parties;

	do {
		if (!take_party(&rest, p))
			return false;
	} while (i--);
	return true;
}

/* PART names a third party by its ID Data alone */
static bool collide(const struct dmk_blob_party *p, const struct dmk_blob_party *q)
{
	return dmk_span_equal(p->id.data, q->id.data) || dmk_span_equal(p->name, q->name) ||
	       !memcmp(p->addr, q->addr, ADDR_LEN) || dmk_equal(p->psk, q->psk, DMK_PSK_LEN);
}

static bool check_parties(struct dmk_blob *b)
{
	struct dmk_span rest = b->parties;
	struct dmk_blob_party p, q;
	unsigned int i;

	for (b->m = 0; rest.len; b->m++) {
		if (b->m == DMK_BLOB_PARTIES_MAX || !take_party(&rest, &p))
			return false;
		for (i = 0; i < b->m; i++)
			if (dmk_blob_party(b, i, &q) && collide(&p, &q))
				return false;
	}
	return b->m >= b->n;
}

static bool parse_items(struct dmk_span rest, struct dmk_blob *b)
{
	struct dmk_esp_policy policy;

	if (!take_id(&rest, DMK_BLOB_SENSOR, &b->idi) ||
	    !take_id(&rest, DMK_BLOB_RESPONDER, &b->idr) ||
	    !take_network(&rest, b) || !take_method(&rest, b) ||
	    !take(&rest, DMK_BLOB_POLICY, &b->sp_param) ||
	    !take(&rest, DMK_BLOB_PATH, &b->path) || !take_times(&rest, b))
		return false;
	b->parties = rest;
	return !dmk_esp_policy_parse(b->sp_param, &policy) && is_path(b->path) &&
	       check_parties(b);
}

enum dmk_blob_status dmk_blob_parse(struct dmk_crypto *c, const u8 *data, u32 len,
				    struct dmk_blob *b)
{
	u8 digest[DMK_HASH_LEN];
	struct dmk_span body;
	u32 total;

	if (is_erased(data, len))
		return DMK_BLOB_EMPTY;
	if (len < HEAD_LEN + DMK_HASH_LEN || memcmp(data, magic, sizeof(magic)))
		return DMK_BLOB_DAMAGED;
	if (data[4] != DMK_BLOB_VERSION_1)
		return DMK_BLOB_OTHER_VERSION;
	total = dmk_get_be(data + 6, 2);
	if (total < HEAD_LEN + DMK_HASH_LEN || total > len ||
	    !is_erased(data + total, len - total))
		return DMK_BLOB_DAMAGED;
	body = DMK_SPAN(data, total - DMK_HASH_LEN);
	if (dmk_sha256(c, &body, 1, digest))
		return DMK_BLOB_CRYPTO;
	if (memcmp(digest, data + body.len, sizeof(digest)))
		return DMK_BLOB_DAMAGED;
	if (data[5] & ~DMK_BLOB_DEV)
		return DMK_BLOB_CONTENTS;
	b->dev = data[5] & DMK_BLOB_DEV;
	return parse_items(DMK_SPAN(data + HEAD_LEN, body.len - HEAD_LEN), b) ?
	       DMK_BLOB_OK : DMK_BLOB_CONTENTS;
}

const char *dmk_blob_name(enum dmk_blob_status s)
{
	switch (s) {
	case DMK_BLOB_OK:
		return "keys are good";
	case DMK_BLOB_EMPTY:
		return "no keys: key sector is empty";
	case DMK_BLOB_OTHER_VERSION:
		return "key sector is of another version";
	case DMK_BLOB_DAMAGED:
		return "key sector is damaged";
	case DMK_BLOB_CONTENTS:
		return "key sector has wrong contents";
	case DMK_BLOB_CRYPTO:
		return "SHA-256 failed";
	}
	return "";
}

/* ---- writing */

struct writer {
	u8 *at;
	u32 room;
	bool full;
};

static void put(struct writer *w, const void *data, u32 len)
{
	if (w->full || len > w->room) {
		w->full = true;
		return;
	}
	if (len)
		memcpy(w->at, data, len);
	w->at += len;
	w->room -= len;
}

static void put_number(struct writer *w, u64 v, u32 len)
{
	u8 octets[8];

	dmk_put_be(octets, v, len);
	put(w, octets, len);
}

static void put_head(struct writer *w, u8 type, u32 len)
{
	put_number(w, type, 1);
	put_number(w, len, 2);
}

static void put_span(struct writer *w, u8 type, struct dmk_span s)
{
	put_head(w, type, s.len);
	put(w, s.data, s.len);
}

static void put_id(struct writer *w, u8 type, const struct dmk_id *id)
{
	put_head(w, type, 1 + id->data.len);
	put_number(w, id->type, 1);
	put(w, id->data.data, id->data.len);
}

static void put_network(struct writer *w, const struct dmk_blob *b)
{
	put_head(w, DMK_BLOB_NETWORK, NETWORK_LEN);
	put(w, b->addr, ADDR_LEN);
	put(w, b->r_addr, ADDR_LEN);
	put_number(w, b->party_port, 2);
	put_number(w, b->port, 2);
	put_number(w, b->coap_port, 2);
}

static void put_method(struct writer *w, const struct dmk_blob *b)
{
	const u8 v[METHOD_LEN] = {
		b->n, b->k, b->scheme,
		(b->relay ? DMK_BLOB_RELAY : 0) | (b->verify ? DMK_BLOB_VERIFY : 0),
		b->encr_alg, b->mac_alg,
	};

	put_span(w, DMK_BLOB_METHOD, DMK_SPAN(v, sizeof(v)));
}

static void put_times(struct writer *w, const struct dmk_blob *b)
{
	put_head(w, DMK_BLOB_TIMES, TIMES_LEN);
	put_number(w, b->period, 4);
	put_number(w, b->generation, 4);
}

static void put_party(struct writer *w, const struct dmk_blob_party *p)
{
	put_head(w, DMK_BLOB_PARTY, PARTY_HEAD + p->name.len + p->id.data.len);
	put(w, p->psk, DMK_PSK_LEN);
	put(w, p->addr, ADDR_LEN);
	put_number(w, p->id.type, 1);
	put_number(w, p->name.len, 1);
	put(w, p->name.data, p->name.len);
	put(w, p->id.data.data, p->id.data.len);
}

static void put_items(struct writer *w, const struct dmk_blob *b,
		      const struct dmk_blob_party *party)
{
	unsigned int i;

	put_id(w, DMK_BLOB_SENSOR, &b->idi);
	put_id(w, DMK_BLOB_RESPONDER, &b->idr);
	put_network(w, b);
	put_method(w, b);
	put_span(w, DMK_BLOB_POLICY, b->sp_param);
	put_span(w, DMK_BLOB_PATH, b->path);
	put_times(w, b);
	for (i = 0; i < b->m; i++)
		put_party(w, &party[i]);
}

u32 dmk_blob_emit(struct dmk_crypto *c, const struct dmk_blob *b,
		  const struct dmk_blob_party *party, u8 *out, u32 room)
{
	struct writer w = { .at = out, .room = room < 0xffff ? room : 0xffff };
	struct dmk_span body;

	put(&w, magic, sizeof(magic));
	put_number(&w, DMK_BLOB_VERSION_1, 1);
	put_number(&w, b->dev ? DMK_BLOB_DEV : 0, 1);
	put_number(&w, 0, 2);	/* its length: below */
	put_items(&w, b, party);
	if (w.full || w.room < DMK_HASH_LEN)
		return 0;
	body = DMK_SPAN(out, w.at - out);
	dmk_put_be(out + 6, body.len + DMK_HASH_LEN, 2);
	if (dmk_sha256(c, &body, 1, w.at))
		return 0;
	return body.len + DMK_HASH_LEN;
}
