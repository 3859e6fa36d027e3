// SPDX-License-Identifier: GPL-2.0
/*
 * Many sensors at once: core/initiator.c, one machine a sensor, between a few
 * sockets. All that is asked for is a sequence of exchanges (establishments, then
 * updates), each of every sensor, a window of them at a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "crypto_openssl.h"
#include "load.h"
#include "load_register.h"

enum {
	TICK_MS = 20,		/* how exactly machines are told the time */
	LATE_MS = 2000,		/* how long R_TP may come behind R_I */
	PROOF_MS = 500,		/* between readings that are to come back */
	PROOFS_MAX = 40,	/* until something is wrong with the session */
};

static struct load the_load = { .fd = -1, .tp_fd = -1, .esp_fd = -1 };

u64 load_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- the window */

struct load_sensor *load_find(struct load *l, u32 csb_id)
{
	u32 i;

	for (i = 0; i < l->open; i++)
		if (l->sensor[l->slot[i]].machine.attempt.csb_id == csb_id)
			return &l->sensor[l->slot[i]];
	return NULL;
}

static void enter(struct load *l, struct load_sensor *s)
{
	s->state = LOAD_UNDER_WAY;
	s->slot = l->open;
	l->slot[l->open++] = load_index(l, s);
	s->zero = load_now_us();
	if (!l->begun)
		l->begun = s->zero;
}

static void leave(struct load *l, struct load_sensor *s)
{
	u32 last = l->slot[--l->open];

	l->slot[s->slot] = last;
	l->sensor[last].slot = s->slot;
}

/* its answer is there */
static void measure(struct load *l, const struct load_sensor *s)
{
	u64 now = load_now_us();

	l->result.latency[l->kind][load_index(l, s)] = now - s->zero;
	l->result.seconds[l->kind] += (now - l->begun) / 1e6;
	l->begun = now;
}

static void succeed(struct load *l, struct load_sensor *s)
{
	u32 i;

	s->state = LOAD_DONE;
	l->result.done[l->kind]++;
	for (i = 0; i < l->conf.readings && !l->conf.pause; i++)
		load_esp_send(l, s);
}

static void fail(struct load *l, struct load_sensor *s)
{
	s->state = LOAD_LOST;
	l->result.failed[s->why]++;
	if (s->error)
		l->result.errors[s->error]++;
	dmk_initiator_stop(&s->machine);
}

/* keys are there; whether R has the same ones, a reading that comes back will show */
static void begin_proof(struct load *l, struct load_sensor *s)
{
	load_sensor_forget(l, s);
	s->news = LOAD_WAITING;
	s->state = LOAD_PROVING;
	s->proofs = 0;
	s->due = 0;
}

void load_follow(struct load *l, struct load_sensor *s)
{
	if (l->conf.endure && s->news == LOAD_DONE && s->state == LOAD_UNDER_WAY)
		begin_proof(l, s);
	if (s->news != LOAD_DONE && s->news != LOAD_LOST)
		return;
	if (s->state == LOAD_UNDER_WAY || s->state == LOAD_PROVING) {
		leave(l, s);
		if (s->news == LOAD_DONE)
			measure(l, s);
	}
	load_sensor_forget(l, s);
	if (s->news == LOAD_DONE)
		succeed(l, s);
	else
		fail(l, s);
	s->news = LOAD_WAITING;
}

/* the machine's clock */
static u64 since(const struct load_sensor *s, u64 now_us)
{
	return now_us > s->zero ? (now_us - s->zero) / 1000 : 0;
}

/* ---- what comes */

static int party_from(const struct load *l, u32 i, const struct sockaddr_in6 *from)
{
	const struct sockaddr_in6 *a;
	unsigned int p;

	for (p = 0; p <= l->conf.n; p++) {
		a = p < l->conf.n ? &l->conf.party[load_party_of(l, i, p)].addr : &l->conf.r;
		if (a->sin6_port == from->sin6_port &&
		    IN6_ARE_ADDR_EQUAL(&a->sin6_addr, &from->sin6_addr))
			return p < l->conf.n ? (int)p : DMK_RESPONDER;
	}
	return DMK_FROM_ELSEWHERE;
}

static enum load_received kind_of(const struct dmk_message *m)
{
	switch (m->kind) {
	case DMK_R_I:
		return LOAD_IN_R_I;
	case DMK_R_U:
		return LOAD_IN_R_U;
	case DMK_ERR:
		return m->error == DMK_ERR_COOKIE ? LOAD_IN_COOKIE : LOAD_IN_ERR;
	default:
		return LOAD_IN_OTHER;
	}
}

/* what is under way waits for it; whether it is right, its machine will say */
static bool is_answer(const struct load *l, const struct load_sensor *s,
		      const struct dmk_message *m)
{
	return m->kind == (l->kind == LOAD_UPDATE ? DMK_R_U : DMK_R_I) &&
	       m->t.value == s->machine.t.value;
}

/* the first one counts, and keeps its place in time */
static void keep_answer(struct load *l, struct load_sensor *s, const u8 *data, u32 len)
{
	if (s->state != LOAD_UNDER_WAY)
		return;
	load_keep(&s->answer, data, len);
	leave(l, s);
	measure(l, s);
	s->state = LOAD_ANSWERED;
}

static void ask_machine(struct load *l, struct load_sensor *s, int from, u8 *data, u32 len)
{
	enum dmk_reason r = dmk_initiator_receive(&s->machine, from, data, len,
						  since(s, load_now_us()));

	if (r)
		l->result.dropped[r]++;
	load_follow(l, s);
}

static void on_datagram(struct load *l, u32 i, const struct sockaddr_in6 *from, u8 *data, u32 len)
{
	struct load_sensor *s = &l->sensor[i];
	static struct dmk_message m;
	enum dmk_reason r = dmk_message_parse(&m, DMK_AT_I, data, len);

	if (r) {
		l->result.dropped[r]++;
		return;
	}
	l->result.received[kind_of(&m)]++;
	if (l->collect && is_answer(l, s, &m))
		keep_answer(l, s, data, len);
	else
		ask_machine(l, s, party_from(l, i, from), data, len);
}

/* a reading has come back: the session carries both ways */
static void on_esp(struct load *l, u32 i, u8 *data, u32 len)
{
	struct load_sensor *s = &l->sensor[i];

	if (s->state != LOAD_PROVING || !load_esp_is_reading(&s->in, data, len))
		return;
	l->result.mirrored++;
	s->news = LOAD_DONE;
	load_follow(l, s);
}

static void prove(struct load *l, struct load_sensor *s, u64 now)
{
	if (now < s->due)
		return;
	s->due = now + PROOF_MS * 1000;
	if (s->proofs++ < PROOFS_MAX) {
		load_esp_send(l, s);
		return;
	}
	/* as an application does that nobody answers */
	l->result.anew++;
	s->state = LOAD_UNDER_WAY;
	dmk_initiator_start(&s->machine, since(s, now));
}

/* ---- an exchange of all sensors */

static void admit(struct load *l, struct load_sensor *s)
{
	bool held = s->state == LOAD_HELD;

	enter(l, s);
	l->admitted++;
	if (held)
		load_sensor_release(l, s);
	else
		load_sensor_begin(l, s);
	load_follow(l, s);
}

/* which sensors take part: to be established, or established */
static bool takes_part(const struct load *l, const struct load_sensor *s)
{
	if (l->kind == LOAD_UPDATE)
		return s->state == LOAD_DONE || s->state == LOAD_HELD;
	return s->state == LOAD_WAITING || s->state == LOAD_HELD;
}

static bool in_time(const struct load *l, u64 begin)
{
	return !l->conf.rate || l->admitted <= (load_now_us() - begin) * l->conf.rate / 1000000;
}

static void tick(struct load *l)
{
	u64 now = load_now_us();
	struct load_sensor *s;
	u32 i;

	for (i = l->open; i--;) {
		s = &l->sensor[l->slot[i]];
		if (s->state == LOAD_PROVING)
			prove(l, s, now);
		else
			dmk_initiator_tick(&s->machine, since(s, now));
		load_follow(l, s);
	}
}

/* the time is over for those under way, and for those from @from on */
static void give_up(struct load *l, u32 from, u32 to)
{
	struct load_sensor *s;

	while (l->open) {
		s = &l->sensor[l->slot[0]];
		load_lose(s, LOAD_FAIL_TIMEOUT, 0);
		load_follow(l, s);
	}
	for (; from < to; from++) {
		s = &l->sensor[from];
		if (!takes_part(l, s))
			continue;
		load_lose(s, LOAD_FAIL_TIMEOUT, 0);
		load_follow(l, s);
	}
}

static void run(struct load *l, u32 from, u32 to, u32 window)
{
	u64 begin = load_now_us(), next_tick = begin, now = begin, end;

	end = l->conf.timeout ? begin + l->conf.timeout * 1000000ULL : ~0ULL;
	l->admitted = 0;
	l->begun = 0;
	while ((from < to || l->open) && now < end) {
		for (; from < to && l->open < window && in_time(l, begin); from++)
			if (takes_part(l, &l->sensor[from]))
				admit(l, &l->sensor[from]);
		load_net_wait(l, l->conf.rate && from < to ? 1 : TICK_MS, on_datagram,
			      load_party_receive, on_esp);
		now = load_now_us();
		if (now < next_tick)
			continue;
		tick(l);
		next_tick = now + TICK_MS * 1000;
	}
	give_up(l, from, to);
}

static u32 prepare(struct load *l, u32 from, u32 to)
{
	struct load_sensor *s;
	u32 n = 0;

	l->hold = true;
	for (; from < to; from++) {
		s = &l->sensor[from];
		if (!takes_part(l, s))
			continue;
		load_sensor_begin(l, s);
		load_follow(l, s);
		if (s->state == LOAD_LOST)
			continue;
		s->state = LOAD_HELD;
		n++;
	}
	l->hold = false;
	return n;
}

static u32 answered(const struct load *l)
{
	u32 i, n = 0;

	for (i = 0; i < l->conf.sensors; i++)
		n += l->sensor[i].state == LOAD_ANSWERED;
	return n;
}

static void check_answers(struct load *l)
{
	struct load_sensor *s;
	u32 i;

	for (i = 0; i < l->conf.sensors; i++) {
		s = &l->sensor[i];
		if (s->state != LOAD_ANSWERED)
			continue;
		ask_machine(l, s, DMK_RESPONDER, s->answer->data, s->answer->len);
		if (s->state != LOAD_ANSWERED)
			continue;
		/* not even R's */
		load_lose(s, LOAD_FAIL_NO_ANSWER, 0);
		load_follow(l, s);
	}
}

/* tells whoever drives this program, and waits for a line from there */
static void announce(const char *what, u32 n)
{
	int c;

	printf("%s %u\n", what, n);
	fflush(stdout);
	while ((c = getchar()) != '\n')
		if (c == EOF)
			load_die("standard input has ended");
}

static void exchange(struct load *l, u32 from, u32 to)
{
	if (!l->conf.prepare) {
		run(l, from, to, l->conf.window);
		return;
	}
	announce("prepared", prepare(l, from, to));
	l->collect = true;
	run(l, from, to, l->conf.window);
	l->collect = false;
	announce("answered", answered(l));
	check_answers(l);
}

/* the first sessions give every played third party its envelope key, one after the
 * other, so that all that follow are cached
 */
static u32 prime(struct load *l)
{
	u32 n = (l->conf.m + l->conf.n - 1) / l->conf.n;
	u64 end;

	if (l->conf.mode != LOAD_R || l->conf.no_cache)
		return 0;
	if (n > l->conf.sensors)
		n = l->conf.sensors;
	run(l, 0, n, 1);
	end = load_now_us() + LATE_MS * 1000;
	while (!load_party_ready(l) && load_now_us() < end)
		load_net_wait(l, TICK_MS, on_datagram, load_party_receive, on_esp);
	return n;
}

static void send_readings(struct load *l)
{
	u32 i, n;

	for (i = 0; i < l->conf.sensors; i++)
		for (n = 0; n < l->conf.readings && l->sensor[i].state == LOAD_DONE; n++)
			load_esp_send(l, &l->sensor[i]);
}

/* a phase is over */
static void rest(struct load *l, const char *what)
{
	u32 before = l->result.readings;

	if (!l->conf.pause)
		return;
	announce(what, l->result.done[l->kind]);
	if (!l->conf.readings)
		return;
	send_readings(l);
	announce("sent", l->result.readings - before);
}

static void work(struct load *l)
{
	u32 round;

	exchange(l, prime(l), l->conf.sensors);
	rest(l, "established");
	l->kind = LOAD_UPDATE;
	for (round = 0; round < l->conf.updates; round++) {
		exchange(l, 0, l->conf.sensors);
		rest(l, "updated");
	}
}

/* ---- start and end */

static void start(struct load *l)
{
	size_t n = l->conf.sensors, all = n * l->conf.n;
	u32 i;

	l->crypto = dmk_crypto_openssl_new();
	if (!l->crypto)
		load_die("OpenSSL cannot be used");
	l->sensor = load_room(n, sizeof(*l->sensor));
	l->names = load_room(n, sizeof(*l->names));
	l->party = load_room(all, sizeof(*l->party));
	l->standing = load_room(all, sizeof(*l->standing));
	l->psk = l->conf.mode == LOAD_TP ? load_room(all, sizeof(*l->psk)) : NULL;
	l->out = load_room(all, sizeof(*l->out));
	l->slot = load_room(l->conf.window, sizeof(*l->slot));
	for (i = 0; i < LOAD_KINDS; i++)
		l->result.latency[i] = load_room(n, sizeof(**l->result.latency));
	for (i = 0; i < n; i++)
		load_sensor_make(l, i);
	load_net_open(l);
}

/* however the program ends */
static void stop(void)
{
	struct load *l = &the_load;
	u32 i;

	load_net_close(l);
	for (i = 0; l->sensor && i < l->conf.sensors; i++) {
		dmk_initiator_stop(&l->sensor[i].machine);
		dmk_wipe(&l->sensor[i].esp, sizeof(l->sensor[i].esp));
		dmk_wipe(&l->sensor[i].in, sizeof(l->sensor[i].in));
	}
	if (l->psk)
		dmk_wipe(l->psk, sizeof(*l->psk) * l->conf.sensors * l->conf.n);
	dmk_crypto_openssl_free(l->crypto);
	load_conf_wipe(&l->conf);
}

/* tells the module of this network namespace the sensors */
static void register_all(const struct load_conf *conf)
{
	struct load_register r;
	char name[LOAD_NAME];
	const char *why;
	u32 i;

	why = load_register_open(&r);
	if (why)
		load_die("%s", why);
	for (i = 0; i < conf->sensors; i++) {
		load_conf_name(conf, conf->first + i, name);
		why = load_register_add(&r, name, conf->serial, conf->generation);
		if (why)
			load_die("%s: %s", name, why);
	}
	load_register_close(&r);
}

static enum load_exit status(const struct load *l)
{
	const struct load_result *r = &l->result;

	return r->done[LOAD_ESTABLISH] == l->conf.sensors &&
	       r->done[LOAD_UPDATE] == (u64)l->conf.sensors * l->conf.updates ?
	       LOAD_OK : LOAD_FAILED;
}

int main(int argc, char **argv)
{
	struct load *l = &the_load;

	prctl(PR_SET_DUMPABLE, 0);
	atexit(stop);
	load_conf_read(argc, argv, &l->conf);
	if (l->conf.mode == LOAD_REGISTER) {
		register_all(&l->conf);
		return LOAD_OK;
	}
	start(l);
	work(l);
	load_report(l);
	return status(l);
}
