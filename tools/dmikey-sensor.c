// SPDX-License-Identifier: GPL-2.0
/*
 * A sensor as a Linux program: core/initiator.c between UDP sockets and xfrm.
 * The program is one loop; what happens in it comes from the machine's
 * operations, its events and three clocks: the machine's, that of readings and
 * that of the SAs' lifetime.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "crypto_openssl.h"
#include "sensor_conf.h"
#include "sensor_fault.h"
#include "sensor_report.h"
#include "sensor_store.h"
#include "sensor_xfrm.h"

#define NEVER (~0ULL)
#define RENEW_PERCENT 80	/* of a lifetime, protocol.md 9 */
#define LOOK_MS 1000		/* whether the old inbound SA can go */

enum { SOCK_V4, SOCK_V6, SOCK_SIGNALS, SOCKS };

struct sent {
	u8 data[SENSOR_TX_ROOM];
	u32 len;
};

struct sensor {
	struct sensor_conf conf;
	struct sensor_store store;
	struct sensor_fault fault;
	struct sensor_xfrm *xfrm;
	struct dmk_crypto *crypto;
	struct dmk_initiator machine;
	struct dmk_initiator_conf machine_conf;
	struct dmk_party parties[SENSOR_PARTIES_MAX];
	struct dmk_standing standings[SENSOR_PARTIES_MAX];
	u8 session_data[64], sp_param[64], buf[SENSOR_TX_ROOM];
	struct sent sent[SENSOR_PARTIES_MAX];	/* for --fault replay */
	struct sent u_r;

	struct pollfd fds[SOCKS];
	int reading_fd;
	union sensor_addr r;			/* for message 6 */
	u64 next_reading, renewal, look, end;
	unsigned int sessions, readings, readings_here;
	u32 packets;			/* through the outbound SA */
	bool established;		/* since the last look of the loop */
	const char *done;		/* why the program ends */
	enum sensor_exit status;
};

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void finish(struct sensor *s, enum sensor_exit status, const char *why)
{
	if (s->done)
		return;
	s->done = why;
	s->status = status;
}

/* ---- operations of the machine */

static int on_random(void *ctx, u8 *out, size_t len)
{
	struct sensor *s = ctx;
	int err = dmk_random(s->crypto, out, len);

	if (!err && len == 4)
		sensor_fault_spi(&s->fault, &s->machine, out);
	return err;
}

static int on_next_t(void *ctx, u64 *t)
{
	struct sensor *s = ctx;

	return sensor_store_next(&s->store, t);
}

static bool on_spi_used(void *ctx, u32 spi)
{
	struct sensor *s = ctx;

	return sensor_xfrm_has_spi(s->xfrm, spi);
}

static const union sensor_addr *addr_of(const struct sensor *s, u8 party)
{
	return party == DMK_RESPONDER ? &s->r : &s->conf.party[party].addr;
}

static void send_to(struct sensor *s, u8 party, const u8 *data, u32 len)
{
	const union sensor_addr *to = addr_of(s, party);
	int fd = s->fds[to->sa.sa_family == AF_INET ? SOCK_V4 : SOCK_V6].fd;

	sensor_fault_dump(&s->fault, "tx", party, data, len);
	if (sendto(fd, data, len, 0, &to->sa, sensor_addr_len(to)) < 0)
		fprintf(stderr, "dmikey-sensor: %s%s: %s\n",
			party == DMK_RESPONDER ? "responder" : "third party ",
			party == DMK_RESPONDER ? "" : s->conf.party[party].name,
			strerror(errno));
	else
		sensor_report_sent(&s->conf, party, len);
}

static void on_send(void *ctx, u8 party, const u8 *data, u32 len)
{
	struct sensor *s = ctx;
	struct sent *sent = party == DMK_RESPONDER ? &s->u_r : &s->sent[party];

	memcpy(sent->data, data, len);
	sent->len = sensor_fault_send(&s->fault, party, sent->data, len);
	if (sent->len || s->conf.fault.truncate == 0)
		send_to(s, party, sent->data, sent->len);
}

static int on_install(void *ctx, const struct dmk_sa_pair *sa)
{
	struct sensor *s = ctx;
	int err = sensor_xfrm_install(s->xfrm, sa);

	if (err)
		return err;
	sensor_report_install(&s->conf, sa);
	s->renewal = now_ms() + sa->policy.life_seconds * 10ULL * RENEW_PERCENT;
	s->look = now_ms() + LOOK_MS;
	s->packets = 0;
	return 0;
}

static void on_event(void *ctx, const struct dmk_event *e)
{
	struct sensor *s = ctx;

	sensor_report_event(&s->conf, e);
	switch (e->type) {
	case DMK_EV_ESTABLISHED:
		s->established = true;
		break;
	case DMK_EV_UPDATED:
		if (s->conf.fault.replay)
			send_to(s, DMK_RESPONDER, s->u_r.data, s->u_r.len);
		break;
	case DMK_EV_NO_ANSWER:
	case DMK_EV_TOO_FEW:
	case DMK_EV_REFUSED:
	case DMK_EV_FAILED:
		if (s->conf.once)
			finish(s, SENSOR_FAILED, "no session");
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

/* ---- readings */

static void make_reading(unsigned int seq, char *text, size_t room)
{
	snprintf(text, room, "hr=%u spo2=%u temp=%u.%u seq=%u", 68 + seq * 7 % 11,
		 97 + seq % 3, 36U, 5 + seq * 3 % 5, seq);
}

static bool open_reading_socket(struct sensor *s)
{
	union sensor_addr local = s->conf.local;

	if (s->reading_fd >= 0)
		return true;
	local.v4.sin_port = htons(s->conf.i_port);
	s->reading_fd = socket(local.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->reading_fd >= 0 && !bind(s->reading_fd, &local.sa, sensor_addr_len(&local)))
		return true;
	fprintf(stderr, "dmikey-sensor: socket for readings: %s\n", strerror(errno));
	return false;
}

/* a reading that cannot be sent now is late, not lost: it is tried again */
static void send_reading(struct sensor *s)
{
	const union sensor_addr *r = &s->conf.responder;
	char text[64], line[sizeof(text) + 1];
	int len;

	make_reading(s->readings + 1, text, sizeof(text));
	len = snprintf(line, sizeof(line), "%s\n", text);
	s->next_reading = now_ms() + s->conf.interval_ms;
	if (sendto(s->reading_fd, line, len, 0, &r->sa, sensor_addr_len(r)) < 0) {
		fprintf(stderr, "dmikey-sensor: reading not sent: %s\n", strerror(errno));
		return;
	}
	s->readings++;
	s->readings_here++;
	s->packets++;
	sensor_report_reading(&s->conf, s->readings, text);
}

/* ---- a session's life */

static void replay(struct sensor *s)
{
	unsigned int i;

	for (i = 0; i < s->conf.m; i++)
		if (s->sent[i].len)
			send_to(s, i, s->sent[i].data, s->sent[i].len);
}

static void session_begins(struct sensor *s)
{
	s->established = false;
	s->sessions++;
	s->readings_here = 0;
	if (s->conf.fault.replay)
		replay(s);
	if (s->conf.once)
		return finish(s, SENSOR_OK, "established");
	if (!open_reading_socket(s))
		return finish(s, SENSOR_FAILED, "no socket for readings");
	s->next_reading = now_ms();
}

static void session_is_done(struct sensor *s)
{
	if (s->sessions >= (s->conf.sessions ? s->conf.sessions : 1))
		return finish(s, SENSOR_OK, "all readings sent");
	s->next_reading = NEVER;
	dmk_initiator_start(&s->machine, now_ms());
}

/* ---- the loop */

static int party_of(const struct sensor *s, const union sensor_addr *from)
{
	unsigned int i;

	for (i = 0; i < s->conf.m; i++)
		if (sensor_addr_equal(&s->conf.party[i].addr, from))
			return i;
	return sensor_addr_equal(&s->r, from) ? DMK_RESPONDER : DMK_FROM_ELSEWHERE;
}

static void receive(struct sensor *s, int fd)
{
	u8 data[DMK_MSG_MAX + 1];
	union sensor_addr from;
	socklen_t len = sizeof(from);
	enum dmk_reason r;
	ssize_t n;
	int party;

	n = recvfrom(fd, data, sizeof(data), 0, &from.sa, &len);
	if (n < 0)
		return;
	party = party_of(s, &from);
	sensor_fault_dump(&s->fault, "rx", party, data, n);
	r = dmk_initiator_receive(&s->machine, party, data, n, now_ms());
	if (r && r != DMK_REASON_HINT && r != DMK_REASON_SA)	/* an event said it */
		sensor_report_refusal(&s->conf, party, r, n);
}

static u64 earliest(u64 a, u64 b)
{
	return a < b ? a : b;
}

static int wait_ms(const struct sensor *s)
{
	u64 now = now_ms(), at;

	at = earliest(earliest(dmk_initiator_deadline(&s->machine), s->next_reading),
		      earliest(earliest(s->renewal, s->look), s->end));
	if (at <= now)
		return 0;
	return at - now > 60000 ? 60000 : (int)(at - now);
}

static bool packets_run_out(const struct sensor *s)
{
	if (s->conf.renew)
		return s->packets >= s->conf.renew;
	return s->packets * 100ULL >= s->conf.policy.life_packets * (u64)RENEW_PERCENT;
}

/* an exchange that is under way makes new keys, too */
static void renew(struct sensor *s, u64 now)
{
	if (s->done || (now < s->renewal && !packets_run_out(s)))
		return;
	s->renewal = NEVER;
	dmk_initiator_update(&s->machine, now);
}

static void on_time(struct sensor *s)
{
	u64 now = now_ms();

	dmk_initiator_tick(&s->machine, now);
	if (now >= s->next_reading)
		send_reading(s);
	if (s->conf.readings && s->readings_here >= s->conf.readings) {
		s->readings_here = 0;
		session_is_done(s);
	}
	renew(s, now);
	if (now >= s->look)
		s->look = sensor_xfrm_settle(s->xfrm) ? now + LOOK_MS : NEVER;
	if (now >= s->end)
		finish(s, SENSOR_FAILED, "out of time");
}

static void run(struct sensor *s)
{
	unsigned int i;

	dmk_initiator_start(&s->machine, now_ms());
	while (!s->done) {
		if (poll(s->fds, SOCKS, wait_ms(s)) < 0 && errno != EINTR)
			return finish(s, SENSOR_FAILED, strerror(errno));
		if (s->fds[SOCK_SIGNALS].revents)
			return finish(s, s->conf.readings || s->conf.once ? SENSOR_FAILED :
				      SENSOR_OK, "stopped by a signal");
		for (i = SOCK_V4; i <= SOCK_V6; i++)
			if (s->fds[i].revents)
				receive(s, s->fds[i].fd);
		if (s->established)
			session_begins(s);
		on_time(s);
	}
}

/* ---- start and end */

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static bool family_wanted(const struct sensor_conf *c, int family)
{
	unsigned int i;

	for (i = 0; i < c->m; i++)
		if (c->party[i].addr.sa.sa_family == family)
			return true;
	return c->local.sa.sa_family == family;
}

static bool open_socket(struct sensor *s, int which, int family)
{
	union sensor_addr a = { .sa.sa_family = family };
	int fd, one = 1;

	if (!family_wanted(&s->conf, family))
		return true;
	if (s->conf.local.sa.sa_family == family)
		a = s->conf.local;
	a.v4.sin_port = s->conf.local.v4.sin_port;
	fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	s->fds[which].fd = fd;
	if (fd >= 0 && family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (fd >= 0 && !bind(fd, &a.sa, sensor_addr_len(&a)) && !sensor_xfrm_bypass(fd, family))
		return true;
	fprintf(stderr, "dmikey-sensor: socket for MIKEY: %s\n", strerror(errno));
	return false;
}

static bool open_sockets(struct sensor *s)
{
	unsigned int i;

	s->reading_fd = -1;
	for (i = 0; i < SOCKS; i++)
		s->fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	s->fds[SOCK_SIGNALS].fd = open_signals();
	return open_socket(s, SOCK_V4, AF_INET) && open_socket(s, SOCK_V6, AF_INET6);
}

static u32 make_session_data(struct sensor *s)
{
	const struct sensor_conf *c = &s->conf;
	const union sensor_addr *a = c->fault.has_claim ? &c->fault.claim : &c->local;
	struct dmk_span octets = sensor_addr_octets(a);
	struct dmk_session_data sd = {
		.family = octets.len == 4 ? 4 : 6,
		.port = ntohs(c->local.v4.sin_port),
		.proto = c->proto,
		.r_port = c->r_port,
		.i_port = c->i_port,
	};

	memcpy(sd.addr, octets.data, octets.len);
	return dmk_session_data_emit(&sd, s->session_data);
}

static enum dmk_reason init_machine(struct sensor *s)
{
	const struct sensor_conf *c = &s->conf;
	unsigned int i;

	for (i = 0; i < c->m; i++)
		s->parties[i] = (struct dmk_party){ c->party[i].id.data, c->party[i].psk };
	s->machine_conf = (struct dmk_initiator_conf){
		.ops = &ops,
		.ctx = s,
		.crypto = s->crypto,
		.idi = c->idi,
		.idr = c->idr,
		.party = s->parties,
		.standing = s->standings,
		.m = c->m,
		.n = c->n,
		.k = c->k,
		.scheme = c->scheme,
		.suite = c->suite,
		.ts_type = c->ts_type,
		.relay = c->relay,
		.verify = c->verify,
		.session_data = DMK_SPAN(s->session_data, make_session_data(s)),
		.sp_param = DMK_SPAN(s->sp_param,
				     dmk_esp_policy_emit(&c->policy, s->sp_param)),
		.buf = s->buf,
		.room = sizeof(s->buf),
	};
	return dmk_initiator_init(&s->machine, &s->machine_conf);
}

static const char *help(enum dmk_reason r)
{
	switch (r) {
#define X(name, text, help) case DMK_REASON_##name: return help;
	DMK_REASONS(X)
#undef X
	default: return "ok";
	}
}

static enum sensor_exit start(struct sensor *s)
{
	enum dmk_reason r;

	s->crypto = dmk_crypto_openssl_new();
	if (!s->crypto)
		return SENSOR_FAILED;
	r = init_machine(s);
	if (r) {
		fprintf(stderr, "dmikey-sensor: the configuration makes no session: %s\n", help(r));
		return SENSOR_USAGE;
	}
	s->fault.conf = &s->conf;
	s->fault.crypto = s->crypto;
	s->next_reading = s->renewal = s->look = s->end = NEVER;
	s->r = s->conf.responder;
	s->r.v4.sin_port = htons(SENSOR_MIKEY_PORT);
	if (s->conf.timeout)
		s->end = now_ms() + s->conf.timeout * 1000ULL;
	s->xfrm = sensor_xfrm_open(&s->conf);
	if (!s->xfrm || !open_sockets(s))
		return SENSOR_FAILED;
	if (sensor_store_open(&s->store, &s->conf))
		return SENSOR_FAILED;
	run(s);
	sensor_store_close(&s->store);
	sensor_report_end(&s->conf, s->sessions, s->readings, s->done);
	return s->status;
}

/* readings end before the policies that protect them */
static void stop(struct sensor *s)
{
	unsigned int i;

	if (s->reading_fd >= 0)
		close(s->reading_fd);
	for (i = 0; i < SOCKS; i++)
		if (s->fds[i].fd >= 0)
			close(s->fds[i].fd);
	sensor_xfrm_close(s->xfrm);
	dmk_initiator_stop(&s->machine);
	dmk_crypto_openssl_free(s->crypto);
	sensor_conf_wipe(&s->conf);
}

int main(int argc, char **argv)
{
	static struct sensor s;
	enum sensor_exit status;

	prctl(PR_SET_DUMPABLE, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	s.reading_fd = s.fds[SOCK_V4].fd = s.fds[SOCK_V6].fd = s.fds[SOCK_SIGNALS].fd = -1;
	status = sensor_conf_load(argc, argv, &s.conf);
	if (status == SENSOR_OK)
		status = start(&s);
	stop(&s);
	return status;
}
