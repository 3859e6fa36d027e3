/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dmikey-load: many sensors in one process and one thread. What happens, in
 * order: load_conf reads, dmikey-load.c moves sensors through an exchange (an
 * establishment, or an update), load_net carries datagrams, load_party plays
 * the third parties in mode r, load_esp sends readings.
 */
#ifndef LOAD_H
#define LOAD_H

#include <netinet/in.h>
#include <openssl/types.h>

#include "initiator.h"

enum load_limits {
	LOAD_PARTIES_MAX = 64,
	LOAD_SENSORS_MAX = 1000000,
	LOAD_WINDOW_MAX = 65536,
	LOAD_NAME = 128,		/* bytes of a sensor's identity, NUL included */
	LOAD_READINGS_MAX = 1000,
	LOAD_UPDATES_MAX = 1000,
	LOAD_PORT = 2269,
};

/* exit codes, documented in dmikey-load(8) */
enum load_exit {
	LOAD_OK = 0,
	LOAD_FAILED = 1,
	LOAD_USAGE = 2,
};

enum load_mode {
	LOAD_TP,		/* real third parties */
	LOAD_R,			/* their part is played here */
	LOAD_REGISTER,		/* the module of this namespace learns the sensors */
};

/* what a sensor is asked to do */
enum load_kind {
	LOAD_ESTABLISH,
	LOAD_UPDATE,
	LOAD_KINDS,
};

/* X(NAME, "name"): datagrams, by what they are */
#define LOAD_SENT(X) \
	X(I_TP, "i_tp") \
	X(TP_R, "tp_r") \
	X(TP_R_CACHED, "tp_r_cached") \
	X(U_R, "u_r") \
	X(ESP, "esp") \
	X(FAILED, "failed")

#define LOAD_RECEIVED(X) \
	X(R_TP, "r_tp") \
	X(R_I, "r_i") \
	X(R_U, "r_u") \
	X(COOKIE, "cookie") \
	X(ENVELOPE, "unknown_envelope") \
	X(ERR, "error") \
	X(OTHER, "other")

/* X(NAME, "name"): why a sensor got no session, or no update */
#define LOAD_FAILURES(X) \
	X(NO_ANSWER, "no-answer") \
	X(TOO_FEW, "too-few-third-parties") \
	X(REFUSED, "refused") \
	X(INTERNAL, "internal") \
	X(TIMEOUT, "timeout")

#define X(name, text) LOAD_OUT_##name,
enum load_sent { LOAD_SENT(X) LOAD_OUT_COUNT };
#undef X
#define X(name, text) LOAD_IN_##name,
enum load_received { LOAD_RECEIVED(X) LOAD_IN_COUNT };
#undef X
#define X(name, text) LOAD_FAIL_##name,
enum load_failure { LOAD_FAILURES(X) LOAD_FAIL_COUNT };
#undef X

/**
 * struct load_envelope - an envelope key that a played third party has sent to R
 * @key: the key
 * @id: ENVID
 * @auth: key of V in message 4 to the message that carried it
 * @t: T' of that message; 0: there is none
 * @sensor: whose share it carried
 */
struct load_envelope {
	u8 key[DMK_ENVELOPE_LEN];
	u8 id[DMK_ENVID_LEN];
	u8 auth[DMK_MAC_LEN];
	u64 t;
	u32 sensor;
};

/**
 * struct load_party - a third party
 * @id: its identity
 * @addr: its address (mode tp)
 * @cert: its certificate, DER (mode r)
 * @key: its private key (mode r)
 * @cached: the key that R has acknowledged; t is 0 while there is none
 * @fresh: the newest key that R was sent
 */
struct load_party {
	struct dmk_id id;
	struct sockaddr_in6 addr;
	struct dmk_span cert;
	EVP_PKEY *key;
	struct load_envelope cached;
	struct load_envelope fresh;
};

/**
 * struct load_conf - the command line
 * @mode: what to do
 * @idr: the responder's identity
 * @r: its address, port of MIKEY
 * @r_key: its public key (mode r)
 * @r_hash: SHA-256 of its certificate (mode r)
 * @party: third parties
 * @m: their number
 * @n: third parties of a session
 * @k: threshold
 * @liars: of each session's third parties so many lie (mode r)
 * @sensors: how many
 * @first: number of the first
 * @realm: of their identities
 * @prefix: of their addresses; the low 32 bits are the sensor's number
 * @port: their port of MIKEY
 * @r_port: the port that readings go to
 * @master: where their PSKs come from, protocol.md 6.5
 * @generation: of the master key
 * @serial: of the master key in the kernel (register)
 * @window: exchanges that are under way at once
 * @rate: new ones in a second, 0 any
 * @updates: of every session
 * @readings: ESP packets with each new key
 * @timeout: seconds for one exchange of all sensors, 0 as long as it takes
 * @no_cache: every share is signed
 * @endure: a sensor begins anew until a reading of its has come back from R
 * @prepare: messages are built before the first is sent, answers are checked
 *	after the last has come
 * @pause: wait for a line of standard input between the phases
 * @json: the result as JSON
 */
struct load_conf {
	enum load_mode mode;
	struct dmk_id idr;
	struct sockaddr_in6 r;
	EVP_PKEY *r_key;
	u8 r_hash[DMK_HASH_LEN];
	struct load_party party[LOAD_PARTIES_MAX];
	unsigned int m, n, k, liars;
	u32 sensors, first;
	const char *realm;
	struct in6_addr prefix;
	u16 port, r_port;
	u8 master[DMK_PSK_LEN];
	u32 generation;
	int32_t serial;
	u32 window, rate, updates, readings, timeout;
	bool no_cache, endure, prepare, pause, json;
};

/**
 * struct load_out - a message that waits for its answer
 * @t: T' of a message 3
 * @len: its length
 * @cookies: cookies followed
 * @again: it was built anew, because R did not know the envelope key
 * @cached: it is a message 3 in the cached form
 * @data: the message
 */
struct load_out {
	u64 t;
	u16 len;
	u8 cookies;
	bool again;
	bool cached;
	u8 data[];
};

/**
 * struct load_esp - an SA
 * @spi: its SPI
 * @seq: last sequence number, of an outbound one
 * @key: AES key
 * @salt: salt
 */
struct load_esp {
	u32 spi;
	u32 seq;
	u8 key[16];
	u8 salt[3];
};

enum load_state {
	LOAD_WAITING,		/* for its turn */
	LOAD_HELD,		/* its messages are built, and not sent */
	LOAD_UNDER_WAY,
	LOAD_PROVING,		/* keys are there; a reading has not come back */
	LOAD_ANSWERED,		/* the answer is kept, and not checked */
	LOAD_DONE,		/* as asked */
	LOAD_LOST,		/* not as asked; nothing more is asked */
};

struct load;

/**
 * struct load_sensor - a sensor
 * @machine: the initiator
 * @conf: its configuration
 * @load: the run
 * @number: its number, which its name and address are made of
 * @state: enum load_state
 * @lost: shares that R refused for good (mode r)
 * @news: enum load_state that the machine's events have led to
 * @why: enum load_failure
 * @error: Error no that came with it
 * @slot: its place in the window
 * @zero: when its first message went out, us: the machine's clock begins there
 * @due: when the next reading is due that is to come back, us
 * @proofs: readings since there are keys
 * @esp: outbound SA
 * @in: inbound SA
 * @answer: R_I or R_U, kept
 * @session_data: Session Data
 */
struct load_sensor {
	struct dmk_initiator machine;
	struct dmk_initiator_conf conf;
	struct load *load;
	u32 number;
	u8 state;
	u8 lost;
	u8 news;
	u8 why;
	u8 error;
	u32 slot;
	u64 zero;
	u64 due;
	u8 proofs;
	struct load_esp esp, in;
	struct load_out *answer;
	u8 session_data[32];
};

/**
 * struct load_result - what came of all
 * @done: sensors, by kind; of updates, all rounds together
 * @failed: by reason
 * @errors: by Error no, of refusals
 * @anew: sessions that were begun in place of one that came to nothing
 * @mirrored: readings that came back
 * @repeated: messages that had to be sent again
 * @readings: ESP packets sent
 * @lies: shares that liars changed
 * @wrong: shares that R found wrong
 * @blamed: of those, of honest third parties
 * @absent: shares that R did not see in time
 * @seconds: wall clock, from the first message out to the last answer, by kind
 * @latency: from a sensor's first message to its answer, us, by kind and
 *	sensor; of updates, the last
 * @sent: datagrams by enum load_sent
 * @received: datagrams by enum load_received
 * @dropped: datagrams that the machine refused, by reason
 */
struct load_result {
	u32 done[LOAD_KINDS];
	u32 failed[LOAD_FAIL_COUNT];
	u32 errors[256];
	u32 anew, mirrored;
	u32 repeated;
	u32 readings;
	u32 lies, wrong, blamed;
	u32 absent;
	double seconds[LOAD_KINDS];
	u32 *latency[LOAD_KINDS];
	u32 sent[LOAD_OUT_COUNT];
	u32 received[LOAD_IN_COUNT];
	u32 dropped[DMK_REASON_COUNT];
};

/**
 * struct load - one run
 * @conf: what was asked for
 * @crypto: crypto backend
 * @buf: where machines build messages
 * @stale: the newest share that a liar did not pass on
 * @last_t: the newest T or T'
 * @sensor: the sensors
 * @names: their identities
 * @party: the parties of each, @conf.n a sensor
 * @standing: likewise
 * @psk: likewise, PSKs (mode tp)
 * @out: likewise, messages that wait
 * @fd: socket of the sensors
 * @tp_fd: socket of the played third parties, or -1
 * @esp_fd: raw socket, or -1
 * @kind: the exchange under way
 * @hold: messages are built, and not sent
 * @collect: answers are kept, and not checked
 * @slot: sensors that are under way
 * @open: their number
 * @begun: when the first message of the exchange went out, us; 0: not yet
 * @admitted: sensors that have begun it
 * @result: what came of it
 */
struct load {
	struct load_conf conf;
	struct dmk_crypto *crypto;
	u8 buf[DMK_SENSOR_MSG_MAX];
	u8 stale[DMK_SHARE_LEN];
	u64 last_t;
	struct load_sensor *sensor;
	char (*names)[LOAD_NAME];
	struct dmk_party *party;
	struct dmk_standing *standing;
	u8 (*psk)[DMK_PSK_LEN];
	struct load_out **out;
	int fd, tp_fd, esp_fd;
	enum load_kind kind;
	bool hold, collect;
	u32 *slot;
	u32 open;
	u64 begun;
	u32 admitted;
	struct load_result result;
};

/* ---- load_conf.c */

/* says on standard error what is wrong, and ends the program */
__attribute__((format(printf, 1, 2), noreturn)) void load_die(const char *fmt, ...);

/* command line and the files that it names; ends the program if they are no good */
void load_conf_read(int argc, char **argv, struct load_conf *conf);
/* secrets, and what OpenSSL made of them */
void load_conf_wipe(struct load_conf *conf);

/* identity and address of sensor @number */
void load_conf_name(const struct load_conf *conf, u32 number, char name[LOAD_NAME]);
struct in6_addr load_conf_addr(const struct load_conf *conf, u32 number);

/* ---- dmikey-load.c */

u64 load_now_us(void);

/* the sensor that is under way with @csb_id, or NULL */
struct load_sensor *load_find(struct load *l, u32 csb_id);

/* what the last call of its machine, or load_lose(), has led to */
void load_follow(struct load *l, struct load_sensor *s);

/* ---- load_sensor.c */

/* NTP-UTC, greater than any given before */
u64 load_next_t(struct load *l);

/* zeroed; ends the program if there is none */
void *load_room(size_t n, size_t size);

static inline u32 load_index(const struct load *l, const struct load_sensor *s)
{
	return s - l->sensor;
}

/* which of all third parties is @party of sensor @i */
static inline unsigned int load_party_of(const struct load *l, u32 i, u8 party)
{
	return ((u64)i * l->conf.n + party) % l->conf.m;
}

/* where @party's message of a sensor waits; in an update, R's is the first one */
static inline struct load_out **load_out_of(struct load *l, const struct load_sensor *s,
					    u8 party)
{
	return &l->out[(size_t)load_index(l, s) * l->conf.n + party];
}

/* in place of what waits there */
struct load_out *load_keep(struct load_out **at, const u8 *data, u32 len);

/* sensor @i of the run, idle */
void load_sensor_make(struct load *l, u32 i);
/* its messages and its answer */
void load_sensor_forget(struct load *l, struct load_sensor *s);

/* its part in the exchange; messages are only built while @l->hold is set */
void load_sensor_begin(struct load *l, struct load_sensor *s);
/* what was held goes out */
void load_sensor_release(struct load *l, struct load_sensor *s);

/* the attempt has ended without a session; load_follow() is to be called */
void load_lose(struct load_sensor *s, enum load_failure why, u8 error);

/* ---- load_net.c */

void load_net_open(struct load *l);
void load_net_close(struct load *l);

/* one datagram from a sensor's address */
void load_net_send(struct load *l, const struct load_sensor *s, const struct sockaddr_in6 *to,
		   const u8 *data, u32 len, enum load_sent kind);
/* one from a played third party to R */
void load_net_send_r(struct load *l, const u8 *data, u32 len, enum load_sent kind);
/* an ESP packet from a sensor to R */
void load_net_send_esp(struct load *l, const struct load_sensor *s, const u8 *data, u32 len);

/* an ESP packet from R to the sensor of that index has come */
typedef void load_net_esp(struct load *l, u32 i, u8 *data, u32 len);

/**
 * load_net_wait() - until something has come, or time has passed; then take all
 * @l: the run
 * @ms: how long at most
 * @sensor: for a datagram to the sensor of that index
 * @tp: for a datagram to the played third parties
 * @esp: for an ESP packet, while @l->conf.endure is set
 */
void load_net_wait(struct load *l, int ms,
		   void (*sensor)(struct load *l, u32 i, const struct sockaddr_in6 *from,
				  u8 *data, u32 len),
		   void (*tp)(struct load *l, u8 *data, u32 len), load_net_esp *esp);

/* ---- load_party.c: the third parties' part, protocol.md 6.3, 7 */

/**
 * load_party_take() - message 1 becomes message 3, which waits in load_out_of()
 * @l: the run
 * @s: the sensor
 * @party: index of its third party
 * @data: message 1
 * @len: its length
 */
void load_party_take(struct load *l, struct load_sensor *s, u8 party, const u8 *data, u32 len);

/* sends message 3 of a sensor's third party, once more if need be */
void load_party_send(struct load *l, const struct load_sensor *s, u8 party);

/* what R answered: message 4 and errors */
void load_party_receive(struct load *l, u8 *data, u32 len);

/* whether all of them have an envelope key at R */
bool load_party_ready(const struct load *l);

/* ---- load_esp.c */

void load_esp_init(struct load_esp *esp, const struct dmk_sa_pair *sa, unsigned int cs);
/* whether a packet under that inbound SA is one of our readings; changed in place */
bool load_esp_is_reading(const struct load_esp *esp, u8 *packet, u32 len);
/* a reading in a packet of its own */
void load_esp_send(struct load *l, struct load_sensor *s);

/* ---- load_liar.c */

/**
 * struct load_lie - what a liar may change of a share on its way
 * @ext: SHARE
 * @share: the share
 */
struct load_lie {
	u8 ext[DMK_SHARE_EXT_LEN];
	u8 share[DMK_SHARE_LEN];
};

void load_liar_change(struct load *l, struct load_sensor *s, u8 party, struct load_lie *lie);

/* ---- load_report.c */

void load_report(const struct load *l);

#endif
