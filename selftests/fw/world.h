/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that a board can meet at the other end of its serial line: its third
 * parties, its responder, noise, and somebody who means ill. The world knows
 * every key, so it sees what nobody else could: it records what the board does,
 * one JSON object a line, and says when something must not be.
 *
 *	world_input(): bytes of the board	-> world_line.c -> world_ip.c
 *	  MIKEY		-> world_party.c -> world_responder.c
 *	  ESP		-> world_esp.c -> world_app.c
 *	what must hold	-> world_watch.c
 *	what goes wrong	-> world_command.c, world_attack.c
 *
 * It has no clock and no sockets; world.c and world_test.c do.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdio.h>

#include "seal.h"
#include "sensor_conf.h"
#include "share.h"
#include "slip.h"

enum {
	WORLD_FRAME = 2048,		/* of the board; it never sends that much */
	WORLD_ATTEMPTS = 8,		/* remembered with all that belongs to them */
	WORLD_SESSIONS = 16,
	WORLD_SENT = 32,		/* datagrams to the board, for replays */
	WORLD_IP_HEAD = 40,
	WORLD_UDP_HEAD = 8,
};

/* ---- packets: world_ip.c */

/**
 * struct world_packet - an IPv6 packet without extension headers
 * @src: source
 * @dst: destination
 * @next: Next Header
 * @data: what it carries
 */
struct world_packet {
	const u8 *src;
	const u8 *dst;
	u8 next;
	struct dmk_span data;
};

/**
 * struct world_udp - a datagram
 * @sport: source port
 * @dport: destination port
 * @data: payload
 */
struct world_udp {
	u16 sport;
	u16 dport;
	struct dmk_span data;
};

/* NULL, or what is wrong with it */
const char *world_ip_parse(struct dmk_span frame, struct world_packet *p);
const char *world_udp_parse(const struct world_packet *p, struct world_udp *u);
/* whether the checksum of an ICMPv6 message is right */
bool world_icmp_good(const struct world_packet *p);

/* these write into room for WORLD_FRAME bytes, and return the length */
u32 world_ip_put(u8 *out, const u8 src[16], const u8 dst[16], u8 next, struct dmk_span data);
/* the UDP header and data alone, as ESP carries them */
u32 world_udp_put(u8 *out, const u8 src[16], const u8 dst[16], const struct world_udp *u);
u32 world_echo_put(u8 *out, const u8 src[16], const u8 dst[16], u16 number, u32 len);

/* ---- the line: world_line.c */

/**
 * struct world_noise - of one direction; one byte in so many, 0 none
 * @loss: is lost
 * @twice: comes twice
 * @flip: has a bit turned
 */
struct world_noise {
	u32 loss;
	u32 twice;
	u32 flip;
};

enum world_junk { JUNK_NONE, JUNK_RANDOM, JUNK_END, JUNK_ESC, JUNK_NO_END, JUNK_HUGE };

/* ---- ESP: world_esp.c */

/**
 * struct world_sa - one direction
 * @spi: SPI
 * @policy: cipher
 * @keys: keys
 * @seq: last sequence number sent, or the greatest received
 */
struct world_sa {
	u32 spi;
	struct dmk_esp_policy policy;
	struct dmk_esp_keys keys;
	u32 seq;
};

/**
 * world_esp_seal() - the packet's length; @out has room for WORLD_FRAME bytes
 */
u32 world_esp_seal(struct world_sa *sa, u8 next, struct dmk_span data, u8 *out);

/**
 * world_esp_open() - check and decrypt
 * @sa: the SA; not changed
 * @packet: from SPI to ICV
 * @plain: room for WORLD_FRAME bytes
 * @len: length of the payload
 * @next: Next Header
 *
 * Return: NULL, or what is wrong.
 */
const char *world_esp_open(const struct world_sa *sa, struct dmk_span packet, u8 *plain,
			   u32 *len, u8 *next);

/* ---- parties and sessions */

enum world_party_does {
	PARTY_ALIVE,
	PARTY_DEAD,
	PARTY_LIES,		/* forwards a wrong share */
	PARTY_REFUSES,		/* ERR under PSK_i */
	PARTY_OVERLOADED,	/* wants a cookie for each message */
	PARTY_WRONG_PSK,	/* holds another key */
};

struct world_party {
	enum world_party_does does;
	u8 error;
};

/**
 * struct world_attempt - a session that the board tries to establish
 * @used: whether this is one
 * @csb_id: CSB ID
 * @t: T
 * @first: the first message 1 without COOKIE
 * @first_len: its length
 * @binding: SHA-256 over what all messages 1 of it have in common
 * @x: position of each third party, 0 none seen
 * @hash: SHA-256 of the message 1 of each
 * @point: candidates of R
 * @who: the third party of each
 * @n_points: their number
 * @found: k right shares are there; @coeff holds the polynomial
 * @deadline: when R answers at the latest, ms
 * @answer: R_I or ERR; length 0 until it is made
 * @answered: when it was sent last, ms
 * @bytes: of IPv6, both ways, without ESP
 * @repeated: messages 1 that came again
 */
struct world_attempt {
	bool used;
	u32 csb_id;
	u64 t;
	u8 first[DMK_SENSOR_MSG_MAX];
	u32 first_len;
	u8 binding[DMK_HASH_LEN];
	u8 x[SENSOR_PARTIES_MAX];
	u8 hash[SENSOR_PARTIES_MAX][DMK_HASH_LEN];
	struct dmk_point point[DMK_CANDIDATES_MAX];
	u8 who[DMK_CANDIDATES_MAX];
	u8 n_points;
	bool found;
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN];
	u64 deadline;
	u8 answer[DMK_SENSOR_MSG_MAX];
	u32 answer_len;
	u64 answered;
	u32 bytes;
	u32 repeated;
};

/**
 * struct world_session - an established one
 * @csb_id: CSB ID
 * @in: from the board
 * @out: to the board
 * @confirmed: ESP has come
 * @forgotten: R has lost it
 * @attempt: what it came of; NULL when that is no longer remembered
 */
struct world_session {
	u32 csb_id;
	struct world_sa in;
	struct world_sa out;
	bool confirmed;
	bool forgotten;
	struct world_attempt *attempt;
};

/* ---- the world */

struct world_datagram {
	u8 src[16];
	struct world_udp udp;
	u8 data[DMK_SENSOR_MSG_MAX];
};

/**
 * struct world - everything
 * @conf: the sensor's configuration
 * @c: crypto
 * @now: monotonic clock, ms; set by the owner before each call
 * @record: JSON lines
 * @state: what must never come again, over restarts of the world
 * @wrong: how often something was not as it must be
 */
struct world {
	struct sensor_conf conf;
	struct dmk_crypto *c;
	u64 now;
	FILE *record;
	FILE *state;
	unsigned int wrong;

	/* the line */
	struct dmk_slip slip;
	u8 frame[WORLD_FRAME];
	struct world_noise from_board, to_board;
	u64 dice;
	int touched;		/* by noise: this frame and perhaps the next one */
	bool talks;		/* a byte has come since it was connected */
	enum world_junk junk;
	u64 junk_left;
	u8 *out;
	size_t out_len, out_room;

	/* third parties and the responder */
	struct world_party party[SENSOR_PARTIES_MAX];
	u64 t_max;
	struct world_attempt attempt[WORLD_ATTEMPTS];
	u32 attempts;
	struct world_session session[WORLD_SESSIONS];
	u32 sessions;
	u32 lose_r_i;
	u32 r_i_copies;
	bool mutate;
	u8 refuse;		/* Error no, 0: R does not refuse */

	/* readings */
	u8 coap_code;		/* of the answer; 0: none */
	u8 coap[256];
	u32 coap_len;

	/* for attacks */
	struct world_datagram sent[WORLD_SENT];
	u32 n_sent;
	u8 esp[WORLD_FRAME];
	u32 esp_len;
	u16 ping, pong;		/* the last number asked, and answered */
	u32 ping_len;
};

/* ends the program: what the test stands on has failed */
__attribute__((format(printf, 1, 2), noreturn)) void world_die(const char *fmt, ...);

static inline const u8 *world_addr(const union sensor_addr *a)
{
	return a->v6.sin6_addr.s6_addr;
}

static inline u16 world_port(const union sensor_addr *a)
{
	return ntohs(a->v6.sin6_port);
}

/* bytes from the board */
void world_input(struct world *w, const u8 *data, size_t len);
/* a partial frame ends with the connection */
void world_connected(struct world *w);
/* a packet for the board */
void world_send(struct world *w, struct dmk_span packet);
/* bytes for the line as they are */
void world_raw(struct world *w, const u8 *data, size_t len);
void world_junk(struct world *w);
/* one in @n */
bool world_chance(struct world *w, u32 n);

/* a whole frame; @touched: by noise, so that it may be anything */
void world_frame(struct world *w, struct dmk_span frame, bool touched);

/* a datagram to the board; remembered for replays */
void world_send_udp(struct world *w, const u8 src[16], const struct world_udp *u);

/* MIKEY to third party @i */
void world_party_receive(struct world *w, u8 i, const struct world_udp *u, bool touched);
/* a share that a third party passes on */
void world_share(struct world *w, struct world_attempt *a, u8 party, const struct dmk_point *p);
/* message 1 came again */
void world_again(struct world *w, struct world_attempt *a);
/* time has passed; the next moment of interest, ms, or ~0 */
u64 world_responder_tick(struct world *w);
void world_forget(struct world *w);
struct world_session *world_newest(struct world *w);

void world_esp_receive(struct world *w, struct dmk_span packet, bool touched);
/* in ESP to the board; false without a session */
bool world_esp_send(struct world *w, struct world_session *s, struct dmk_span udp);
/* a UDP datagram out of ESP */
void world_app_receive(struct world *w, struct world_session *s, const struct world_udp *u);

/* events "secret" with all that the newest session rests on; false: there is none */
bool world_secrets(struct world *w);

/* a command; false: unknown */
bool world_command(struct world *w, const char *text);
/* attacks: world_attack.c */
void world_ping(struct world *w, u32 len);
void world_vectors(struct world *w);
void world_replay(struct world *w);
void world_esp_attack(struct world *w, const char *how);
/* every way to damage a datagram by little */
void world_mutations(struct world *w, const u8 src[16], const struct world_udp *u);

/* ---- what must hold: world_watch.c */

/* an event: {"event":"@name",...} with members from @fmt */
__attribute__((format(printf, 3, 4)))
void world_say(struct world *w, const char *name, const char *fmt, ...);

/* something that must not be */
__attribute__((format(printf, 2, 3))) void world_wrong(struct world *w, const char *fmt, ...);

/* the same, unless noise explains it */
#define world_suspect(w, touched, ...) \
	((touched) ? world_say(w, "damaged", NULL) : world_wrong(w, __VA_ARGS__))

/**
 * world_once() - that @key never stands for two different things
 * @w: the world
 * @kind: what it is
 * @key: a value that may come again only with the same @content
 * @content: what it was used for
 *
 * Return: false if it did come again with another; that was said.
 */
bool world_once(struct world *w, const char *kind, struct dmk_span key, struct dmk_span content);
/* whether @key was ever there */
bool world_known(const char *kind, struct dmk_span key);
/* reads @path, and writes it from now on; forgets what another world knew */
void world_state_open(struct world *w, const char *path);
/* for "%s": bytes in hex; good for a few calls */
const char *world_hex(const u8 *p, size_t len);
void world_sha256(struct world *w, struct dmk_span in, u8 out[DMK_HASH_LEN]);

/**
 * world_watch_i_tp() - message 1 was authenticated
 * @w: the world
 * @party: which third party
 * @m: the message without COOKIE
 * @keys: what protected it
 *
 * Return: the attempt that it belongs to.
 */
struct world_attempt *world_watch_i_tp(struct world *w, u8 party, const struct dmk_message *m,
				       const struct dmk_msg_keys *keys);
/* what a session rests on was reconstructed */
void world_watch_secrets(struct world *w, const struct world_attempt *a, u8 k,
			 struct dmk_span tgk);
/* an authenticated ESP packet */
void world_watch_esp(struct world *w, struct world_session *s, struct dmk_span packet);

#endif
