// SPDX-License-Identifier: GPL-2.0
/* dmikey-load's sensors: what their machines have done for them, and the messages. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "load.h"

#define NTP_UNIX 2208988800ULL	/* seconds from 1900 to 1970 */

/* a PSK that nothing is kept secret with: in mode r message 1 never leaves us */
static const u8 nobody[DMK_PSK_LEN];

u64 load_next_t(struct load *l)
{
	struct timespec now;
	u64 t;

	clock_gettime(CLOCK_REALTIME, &now);
	t = (((u64)now.tv_sec + NTP_UNIX) << 32) + ((u64)now.tv_nsec << 32) / 1000000000;
	l->last_t = t > l->last_t ? t : l->last_t + 1;
	return l->last_t;
}

void *load_room(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p && n)
		load_die("out of memory");
	return p;
}

struct load_out *load_keep(struct load_out **at, const u8 *data, u32 len)
{
	struct load_out *out = load_room(1, sizeof(*out) + len);

	out->len = len;
	memcpy(out->data, data, len);
	free(*at);
	return *at = out;
}

/* ---- operations of the machines */

static int on_random(void *ctx, u8 *out, size_t len)
{
	struct load_sensor *s = ctx;

	return dmk_random(s->load->crypto, out, len);
}

static int on_next_t(void *ctx, u64 *t)
{
	struct load_sensor *s = ctx;

	*t = load_next_t(s->load);
	return 0;
}

/* a sensor has one session, and each has an address of its own */
static bool on_spi_used(void *ctx, u32 spi)
{
	struct load_sensor *s = ctx;

	return spi == s->esp.spi;
}

static void send_to(struct load *l, const struct load_sensor *s, u8 party, const u8 *data,
		    u32 len)
{
	if (party == DMK_RESPONDER)
		load_net_send(l, s, &l->conf.r, data, len, LOAD_OUT_U_R);
	else
		load_net_send(l, s, &l->conf.party[load_party_of(l, load_index(l, s), party)].addr,
			      data, len, LOAD_OUT_I_TP);
}

/* in mode r message 1 goes to the third party next door, which needs it once */
static void give(struct load *l, struct load_sensor *s, u8 party, const u8 *data, u32 len)
{
	if (!*load_out_of(l, s, party))
		load_party_take(l, s, party, data, len);
	if (!l->hold)
		load_party_send(l, s, party);
}

static void on_send(void *ctx, u8 party, const u8 *data, u32 len)
{
	struct load_sensor *s = ctx;
	struct load *l = s->load;

	if (s->news == LOAD_LOST)
		return;		/* the machine goes on; we do not */
	if (l->conf.mode == LOAD_R && party != DMK_RESPONDER)
		give(l, s, party, data, len);
	else if (l->hold)
		load_keep(load_out_of(l, s, party == DMK_RESPONDER ? 0 : party), data, len);
	else
		send_to(l, s, party, data, len);
}

static int on_install(void *ctx, const struct dmk_sa_pair *sa)
{
	struct load_sensor *s = ctx;

	load_esp_init(&s->esp, sa, 0);
	load_esp_init(&s->in, sa, 1);
	return 0;
}

void load_lose(struct load_sensor *s, enum load_failure why, u8 error)
{
	s->news = LOAD_LOST;
	s->why = why;
	s->error = error;
}

/* an attempt has come to nothing; its machine begins another one by itself */
static void miss(struct load_sensor *s, enum load_failure why, u8 error)
{
	if (s->load->conf.endure)
		s->load->result.anew++;
	else
		load_lose(s, why, error);
}

static void on_event(void *ctx, const struct dmk_event *e)
{
	struct load_sensor *s = ctx;
	struct load_result *r = &s->load->result;

	switch (e->type) {
	case DMK_EV_ESTABLISHED:
	case DMK_EV_UPDATED:
		s->news = LOAD_DONE;
		break;
	case DMK_EV_REPEATING:
		r->repeated++;
		break;
	case DMK_EV_PARTY_WRONG:
		r->wrong++;
		r->blamed += e->party >= (int)s->load->conf.liars;
		break;
	case DMK_EV_PARTY_ABSENT:
		r->absent++;
		break;
	case DMK_EV_NO_ANSWER:
		miss(s, LOAD_FAIL_NO_ANSWER, 0);
		break;
	case DMK_EV_TOO_FEW:
		miss(s, LOAD_FAIL_TOO_FEW, e->error);
		break;
	case DMK_EV_REFUSED:
		miss(s, LOAD_FAIL_REFUSED, e->error);
		break;
	case DMK_EV_NOT_UPDATED:
		miss(s, e->error ? LOAD_FAIL_REFUSED : LOAD_FAIL_NO_ANSWER, e->error);
		break;
	case DMK_EV_FAILED:
		miss(s, LOAD_FAIL_INTERNAL, 0);
		break;
	default:
		break;
	}
}

static const struct dmk_initiator_ops ops = {
	.random = on_random,
	.next_t = on_next_t,
	.spi_used = on_spi_used,
	.send = on_send,
	.install = on_install,
	.event = on_event,
};

/* ---- sensors */

static void make_parties(struct load *l, u32 i)
{
	unsigned int p;

	for (p = 0; p < l->conf.n; p++) {
		size_t at = (size_t)i * l->conf.n + p;
		const struct dmk_id *id = &l->conf.party[load_party_of(l, i, p)].id;

		l->party[at] = (struct dmk_party){ id->data, nobody };
		if (l->conf.mode != LOAD_TP)
			continue;
		l->party[at].psk = l->psk[at];
		if (dmk_psk_diversify(l->crypto, l->conf.master, l->conf.generation, id->data,
				      l->sensor[i].conf.idi.data, l->psk[at]))
			load_die("the PSKs cannot be derived");
	}
}

static u32 make_session_data(const struct load *l, struct load_sensor *s)
{
	const struct in6_addr a = load_conf_addr(&l->conf, s->number);
	struct dmk_session_data sd = { .family = 6, .port = l->conf.port };
	u8 data[64];
	u32 len;

	memcpy(sd.addr, &a, sizeof(a));
	len = dmk_session_data_emit(&sd, data);
	memcpy(s->session_data, data, len);
	return len;
}

void load_sensor_make(struct load *l, u32 i)
{
	struct load_sensor *s = &l->sensor[i];

	s->load = l;
	s->number = l->conf.first + i;
	load_conf_name(&l->conf, s->number, l->names[i]);
	s->conf = (struct dmk_initiator_conf){
		.ops = &ops,
		.ctx = s,
		.crypto = l->crypto,
		.idi = { DMK_ID_NAI, DMK_SPAN(l->names[i], strlen(l->names[i])) },
		.idr = l->conf.idr,
		.party = &l->party[(size_t)i * l->conf.n],
		.standing = &l->standing[(size_t)i * l->conf.n],
		.m = l->conf.n,
		.n = l->conf.n,
		.k = l->conf.k,
		.scheme = DMK_SCHEME_SHAMIR,
		.suite = { DMK_PRF_SHA256, DMK_ENCR_AES_CCM_128, DMK_MAC_NULL },
		.ts_type = DMK_TS_NTP_UTC,
		.session_data = DMK_SPAN(s->session_data, make_session_data(l, s)),
		.buf = l->buf,
		.room = sizeof(l->buf),
	};
	make_parties(l, i);
	if (dmk_initiator_init(&s->machine, &s->conf))
		load_die("no session can be made like this");
}

void load_sensor_forget(struct load *l, struct load_sensor *s)
{
	unsigned int p;

	for (p = 0; p < l->conf.n; p++) {
		free(*load_out_of(l, s, p));
		*load_out_of(l, s, p) = NULL;
	}
	free(s->answer);
	s->answer = NULL;
}

void load_sensor_begin(struct load *l, struct load_sensor *s)
{
	s->lost = 0;
	if (l->kind == LOAD_ESTABLISH)
		dmk_initiator_start(&s->machine, 0);
	else
		dmk_initiator_update(&s->machine, 0);
}

void load_sensor_release(struct load *l, struct load_sensor *s)
{
	unsigned int p, n = l->kind == LOAD_UPDATE ? 1 : l->conf.n;
	const struct load_out *out;

	for (p = 0; p < n; p++) {
		out = *load_out_of(l, s, p);
		if (l->conf.mode == LOAD_R && l->kind == LOAD_ESTABLISH)
			load_party_send(l, s, p);
		else
			send_to(l, s, l->kind == LOAD_UPDATE ? DMK_RESPONDER : p, out->data,
				out->len);
	}
}
