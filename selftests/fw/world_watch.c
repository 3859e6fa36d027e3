// SPDX-License-Identifier: GPL-2.0
/* What must hold whatever happens, and the record of what did. */
#include <search.h>
#include <stdarg.h>
#include <stdlib.h>

#include "world.h"

/* ---- the record */

const char *world_hex(const u8 *p, size_t len)
{
	static char text[4][2 * WORLD_FRAME + 1];
	static unsigned int next;
	char *s = text[next++ % ARRAY_SIZE(text)];
	size_t i;

	s[0] = '\0';
	for (i = 0; i < len && i < WORLD_FRAME; i++)
		snprintf(s + 2 * i, 3, "%02x", p[i]);
	return s;
}

static void say(struct world *w, const char *name, const char *fmt, va_list ap)
{
	fprintf(w->record, "{\"event\":\"%s\",\"ms\":%llu", name, (unsigned long long)w->now);
	if (fmt) {
		fputc(',', w->record);
		vfprintf(w->record, fmt, ap);
	}
	fputs("}\n", w->record);
	fflush(w->record);
}

void world_say(struct world *w, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(w, name, fmt, ap);
	va_end(ap);
}

void world_wrong(struct world *w, const char *fmt, ...)
{
	char text[2 * WORLD_FRAME];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	w->wrong++;
	fprintf(stderr, "world: wrong: %s\n", text);
	world_say(w, "wrong", "\"what\":\"%s\"", text);
}

/* ---- what must never come again with another meaning */

struct fact {
	char *key;	/* "kind hex" */
	char *content;	/* hex */
};

static void *facts;	/* of tsearch() */

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct fact *)a)->key, ((const struct fact *)b)->key);
}

static void fact_free(void *p)
{
	struct fact *f = p;

	free(f->key);
	free(f->content);
	free(f);
}

/* the fact of before, or NULL when this is the first */
static struct fact *remember(const char *key, const char *content)
{
	struct fact *f = calloc(1, sizeof(*f)), **at;

	if (!f)
		world_die("no memory");
	f->key = strdup(key);
	f->content = strdup(content);
	at = tsearch(f, &facts, compare);
	if (!at || !f->key || !f->content)
		world_die("no memory");
	if (*at == f)
		return NULL;
	fact_free(f);
	return *at;
}

bool world_once(struct world *w, const char *kind, struct dmk_span key, struct dmk_span content)
{
	char name[512], value[2 * DMK_HASH_LEN + 1];
	struct fact *before;

	snprintf(name, sizeof(name), "%s %s", kind, world_hex(key.data, key.len));
	snprintf(value, sizeof(value), "%s", world_hex(content.data, content.len));
	before = remember(name, value);
	if (!before) {
		if (w->state)
			fprintf(w->state, "%s %s\n", name, value);
		return true;
	}
	if (!strcmp(before->content, value))
		return true;
	world_wrong(w, "%s again, for something else", name);
	return false;
}

bool world_known(const char *kind, struct dmk_span key)
{
	char name[512];
	struct fact f = { .key = name };

	snprintf(name, sizeof(name), "%s %s", kind, world_hex(key.data, key.len));
	return tfind(&f, &facts, compare);
}

/* the greatest T of before */
static void restore_t(struct world *w, const char *key)
{
	u64 t;

	if (sscanf(key, "t %llx", (unsigned long long *)&t) == 1 && t > w->t_max)
		w->t_max = t;
}

void world_state_open(struct world *w, const char *path)
{
	char kind[16], key[256], content[2 * DMK_HASH_LEN + 1], name[300];

	tdestroy(facts, fact_free);
	facts = NULL;
	w->state = fopen(path, "a+");
	if (!w->state)
		world_die("%s: cannot be opened", path);
	rewind(w->state);
	while (fscanf(w->state, "%15s %255s %64s", kind, key, content) == 3) {
		snprintf(name, sizeof(name), "%s %s", kind, key);
		remember(name, content);
		restore_t(w, name);
	}
	setvbuf(w->state, NULL, _IOLBF, 0);
}

void world_sha256(struct world *w, struct dmk_span in, u8 out[DMK_HASH_LEN])
{
	if (dmk_sha256(w->c, &in, 1, out))
		world_die("SHA-256 failed");
}

/* ---- message 1 */

/* protocol.md 5: the last 13 bytes of salt XOR (0x0000 || CSB ID || T) */
static void watch_nonce(struct world *w, u8 party, const struct dmk_message *m,
			const struct dmk_msg_keys *keys, const u8 hash[DMK_HASH_LEN])
{
	u8 key_nonce[16 + 14], plain[2 * DMK_HASH_LEN];
	u8 *nonce = key_nonce + 16, value[14] = { 0 };
	u32 i;

	memcpy(key_nonce, keys->encr, 16);
	dmk_put_be(value + 2, m->hdr.csb_id, 4);
	dmk_put_be(value + 6, m->t.value, 8);
	for (i = 0; i < 14; i++)
		nonce[i] = keys->salt[i] ^ value[i];
	/* the key itself stays out of the record */
	world_sha256(w, DMK_SPAN(key_nonce, sizeof(key_nonce)), plain);
	if (!world_once(w, "nonce", DMK_SPAN(plain, DMK_HASH_LEN), DMK_SPAN(hash, DMK_HASH_LEN)))
		world_wrong(w, "two messages to %s under one key and nonce", w->conf.party[party].name);
}

/* SHA-256 over what the messages 1 of one session have in common */
static void bind_to(struct world *w, const struct dmk_message *m, u8 out[DMK_HASH_LEN])
{
	struct dmk_binding b;

	dmk_binding_of(m, &b);
	if (dmk_group_hash(w->c, &b, m->share.commitment, out))
		world_die("SHA-256 failed");
}

static void watch_fresh(struct world *w, const struct dmk_message *m, const u8 binding[DMK_HASH_LEN])
{
	struct dmk_span what = DMK_SPAN(binding, DMK_HASH_LEN);
	u8 t[8], csb[4], spi[4];

	dmk_put_be(t, m->t.value, sizeof(t));
	dmk_put_be(csb, m->hdr.csb_id, sizeof(csb));
	dmk_put_be(spi, m->spi[1], sizeof(spi));
	if (m->t.value < w->t_max || (m->t.value == w->t_max &&
				      !world_known("t", DMK_SPAN(t, sizeof(t)))))
		world_wrong(w, "T %llu after %llu", (unsigned long long)m->t.value,
			    (unsigned long long)w->t_max);
	world_once(w, "t", DMK_SPAN(t, sizeof(t)), what);
	world_once(w, "csb", DMK_SPAN(csb, sizeof(csb)), what);
	world_once(w, "rand", m->rand, what);
	world_once(w, "spi2", DMK_SPAN(spi, sizeof(spi)), what);
	world_once(w, "commitment", DMK_SPAN(m->share.commitment, DMK_COMMITMENT_LEN), what);
}

static struct world_attempt *find(struct world *w, const struct dmk_message *m)
{
	u32 i;

	for (i = 0; i < WORLD_ATTEMPTS; i++) {
		struct world_attempt *a = &w->attempt[i];

		if (a->used && a->csb_id == m->hdr.csb_id && a->t == m->t.value)
			return a;
	}
	return NULL;
}

static struct world_attempt *begin(struct world *w, const struct dmk_message *m,
				   const u8 binding[DMK_HASH_LEN])
{
	struct world_attempt *a = &w->attempt[w->attempts++ % WORLD_ATTEMPTS];
	u32 i;

	for (i = 0; i < WORLD_SESSIONS; i++)
		if (w->session[i].attempt == a)
			w->session[i].attempt = NULL;
	watch_fresh(w, m, binding);
	memset(a, 0, sizeof(*a));
	a->used = true;
	a->csb_id = m->hdr.csb_id;
	a->t = m->t.value;
	memcpy(a->binding, binding, sizeof(a->binding));
	if (m->raw.len > sizeof(a->first))
		world_die("message 1 has %u bytes", m->raw.len);
	memcpy(a->first, m->raw.data, m->raw.len);
	a->first_len = m->raw.len;
	if (a->t > w->t_max)
		w->t_max = a->t;
	return a;
}

/* each third party has one x of its own, and its message never changes */
static bool watch_party(struct world *w, struct world_attempt *a, u8 party,
			const struct dmk_message *m, const u8 hash[DMK_HASH_LEN])
{
	unsigned int i;

	if (a->x[party]) {
		if (memcmp(a->hash[party], hash, DMK_HASH_LEN))
			world_wrong(w, "a repetition to %s has other bytes", w->conf.party[party].name);
		return false;
	}
	for (i = 0; i < w->conf.m; i++)
		if (a->x[i] == m->share.x)
			world_wrong(w, "%s and %s have one x", w->conf.party[i].name,
				    w->conf.party[party].name);
	a->x[party] = m->share.x;
	memcpy(a->hash[party], hash, DMK_HASH_LEN);
	return true;
}

static void watch_conf(struct world *w, const struct dmk_message *m)
{
	const struct sensor_conf *c = &w->conf;
	struct dmk_session_data sd;

	if (m->share.n != c->n || m->share.k != c->k || m->share.scheme != c->scheme)
		world_wrong(w, "n, k or scheme is not the configured one");
	if (m->kemac.encr_alg != c->suite.encr_alg || m->kemac.mac_alg != c->suite.mac_alg)
		world_wrong(w, "the suite is not the configured one");
	if (dmk_session_data_parse(m->session_data, &sd) || sd.family != 6 ||
	    memcmp(sd.addr, world_addr(&c->local), 16))
		world_wrong(w, "Session Data does not have the sensor's address");
}

struct world_attempt *world_watch_i_tp(struct world *w, u8 party, const struct dmk_message *m,
				       const struct dmk_msg_keys *keys)
{
	struct world_attempt *a = find(w, m);
	u8 hash[DMK_HASH_LEN], binding[DMK_HASH_LEN];
	bool first;

	world_sha256(w, m->raw, hash);
	bind_to(w, m, binding);
	watch_nonce(w, party, m, keys, hash);
	watch_conf(w, m);
	if (!a)
		a = begin(w, m, binding);
	else if (memcmp(a->binding, binding, sizeof(binding)))
		world_wrong(w, "two sessions have one T");
	if (a->t < w->t_max)
		world_wrong(w, "a message of an earlier session");
	first = watch_party(w, a, party, m, hash);
	a->repeated += !first;
	world_say(w, "i_tp", "\"t\":%llu,\"csb\":\"%08x\",\"rand\":\"%s\",\"x\":%u,\"party\":\"%s\",\"repeated\":%s",
		  (unsigned long long)a->t, a->csb_id, world_hex(m->rand.data, m->rand.len),
		  m->share.x, w->conf.party[party].name, first ? "false" : "true");
	return a;
}

/* ---- keys */

/* hashed: a record of secrets would be a secret */
static void watch_secret(struct world *w, const char *kind, struct dmk_span secret,
			 const u8 binding[DMK_HASH_LEN])
{
	u8 hash[DMK_HASH_LEN];

	world_sha256(w, secret, hash);
	world_once(w, kind, DMK_SPAN(hash, sizeof(hash)), DMK_SPAN(binding, DMK_HASH_LEN));
}

void world_watch_secrets(struct world *w, const struct world_attempt *a, u8 k,
			 struct dmk_span tgk)
{
	u8 i, j;

	watch_secret(w, "tgk", tgk, a->binding);
	for (i = 0; i < k; i++) {
		watch_secret(w, "coefficient", DMK_SPAN(a->coeff[i], DMK_SHARE_LEN), a->binding);
		for (j = 0; j < i; j++)
			if (!memcmp(a->coeff[i], a->coeff[j], DMK_SHARE_LEN))
				world_wrong(w, "two coefficients of one polynomial are equal");
	}
}

void world_watch_esp(struct world *w, struct world_session *s, struct dmk_span packet)
{
	u8 what[DMK_HASH_LEN], content[DMK_HASH_LEN], key[16 + 8];
	u32 seq = dmk_get_be(packet.data + 4, 4);

	world_sha256(w, packet, content);
	memcpy(key, s->in.keys.cipher_key, 16);
	memcpy(key + 16, packet.data, 8);		/* SPI, sequence number */
	world_sha256(w, DMK_SPAN(key, sizeof(key)), what);
	world_once(w, "esp-number", DMK_SPAN(what, sizeof(what)), DMK_SPAN(content, sizeof(content)));
	memcpy(key + 16, packet.data + 8, 8);		/* IV */
	world_sha256(w, DMK_SPAN(key, sizeof(key)), what);
	world_once(w, "esp-iv", DMK_SPAN(what, sizeof(what)), DMK_SPAN(content, sizeof(content)));
	/* a line keeps the order */
	if (seq <= s->in.seq)
		world_wrong(w, "ESP sequence number %u after %u", seq, s->in.seq);
	else
		s->in.seq = seq;
}
