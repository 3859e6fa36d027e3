/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The sensor: I of protocol.md 1, 2, 6, 7.2, 7.3, 7.5, 8 and 9 as a state machine.
 *
 * It has no sockets, no clock, no memory of its own and no global state. The
 * owner calls it when there is something to do (start, a datagram, a moment
 * in time) and gets messages, keys and news through struct dmk_initiator_ops.
 * One thread of control at a time; the operations must not call back into the
 * machine.
 *
 *	dmk_initiator_init(&i, &conf);
 *	dmk_initiator_start(&i, now);
 *	for (;;)
 *		until dmk_initiator_deadline(&i): dmk_initiator_receive(&i, ...)
 *		then: dmk_initiator_tick(&i, now)
 *		and before the SAs' lifetime ends: dmk_initiator_update(&i, now)
 *
 * Messages 1 and 6 are never stored: they are functions of the state, so a
 * repetition is built anew and has the same bytes.
 */
#ifndef DMK_INITIATOR_H
#define DMK_INITIATOR_H

#include "seal.h"
#include "share.h"
#include "standing.h"

/**
 * struct dmk_party - a third party, as configured; may lie in flash
 * @id: its ID Data octets, by which PART names it
 * @psk: 32 bytes, PSK_i
 */
struct dmk_party {
	struct dmk_span id;
	const u8 *psk;
};

/**
 * struct dmk_sa_pair - what an established session gives
 * @csb_id: CSB ID
 * @spi: SPI of CS 1 (I to R) and of CS 2 (R to I)
 * @policy: ESP policy
 * @keys: key material of CS 1 and of CS 2; wiped when install() returns
 */
struct dmk_sa_pair {
	u32 csb_id;
	u32 spi[2];
	struct dmk_esp_policy policy;
	struct dmk_esp_keys keys[2];
};

/**
 * enum dmk_event_type - news for a status line
 * @DMK_EV_ESTABLISHING: a session begins with the third parties of @chosen
 * @DMK_EV_REPEATING: R_I or R_U is missing; message 1 or 6 goes out for the
 *	@count-th time again
 * @DMK_EV_PARTY_ACCEPTED: a third party accepted its share (TP_I)
 * @DMK_EV_PARTY_REFUSED: a third party refused, or R refused it: @error
 * @DMK_EV_PARTY_COOKIE: a third party, or R, asks for a cookie, which is followed
 * @DMK_EV_PARTY_RIGHT: R had a right share from it
 * @DMK_EV_PARTY_WRONG: R had a wrong share from it: it lies
 * @DMK_EV_PARTY_ABSENT: R had no share from it in time
 * @DMK_EV_HINT: an ERR that nobody vouches for; nothing changed: @error
 * @DMK_EV_ESTABLISHED: keys are installed
 * @DMK_EV_NO_ANSWER: R_I never came; a new session follows at once
 * @DMK_EV_TOO_FEW: more than n - k third parties refused; a new session follows
 *	after a pause
 * @DMK_EV_REFUSED: R refused the session: @error; a new one follows after a pause
 * @DMK_EV_FAILED: this host failed: @reason; a new session follows after a pause
 * @DMK_EV_UPDATING: R is asked for new keys
 * @DMK_EV_UPDATED: they are installed
 * @DMK_EV_NOT_UPDATED: R refused them with @error, or (0) never answered; a new
 *	session follows at once
 */
enum dmk_event_type {
	DMK_EV_ESTABLISHING,
	DMK_EV_REPEATING,
	DMK_EV_PARTY_ACCEPTED,
	DMK_EV_PARTY_REFUSED,
	DMK_EV_PARTY_COOKIE,
	DMK_EV_PARTY_RIGHT,
	DMK_EV_PARTY_WRONG,
	DMK_EV_PARTY_ABSENT,
	DMK_EV_HINT,
	DMK_EV_ESTABLISHED,
	DMK_EV_NO_ANSWER,
	DMK_EV_TOO_FEW,
	DMK_EV_REFUSED,
	DMK_EV_FAILED,
	DMK_EV_UPDATING,
	DMK_EV_UPDATED,
	DMK_EV_NOT_UPDATED,
};

/**
 * struct dmk_event - news
 * @type: enum dmk_event_type
 * @party: index of the third party, DMK_RESPONDER, or -1
 * @error: Error no
 * @count: of repetitions
 * @reason: enum dmk_reason
 * @chosen: indices of the session's third parties, x = 1 first
 * @n: their number
 */
struct dmk_event {
	enum dmk_event_type type;
	int party;
	u8 error;
	u8 count;
	enum dmk_reason reason;
	const u8 *chosen;
	u8 n;
};

/**
 * struct dmk_initiator_ops - what the owner does for the machine
 * @random: random bytes fit for keys (dmk_random() but in tests); 0 or negative
 * @next_t: T, strictly greater than every one given before, also over restarts
 *	(core/stamp.h); 0, or negative: then nothing is sent
 * @spi_used: whether an SA of this host has the SPI already
 * @send: one datagram to a third party, or to DMK_RESPONDER; a loss is made good
 *	by repetition
 * @install: the keys of a session or an update, each exactly once; 0 or negative
 * @event: news
 */
struct dmk_initiator_ops {
	int (*random)(void *ctx, u8 *out, size_t len);
	int (*next_t)(void *ctx, u64 *t);
	bool (*spi_used)(void *ctx, u32 spi);
	void (*send)(void *ctx, u8 party, const u8 *data, u32 len);
	int (*install)(void *ctx, const struct dmk_sa_pair *sa);
	void (*event)(void *ctx, const struct dmk_event *e);
};

/**
 * struct dmk_initiator_conf - the owner's; lives as long as the machine and
 *	does not change while a session is being established
 * @ops: operations
 * @ctx: for the operations
 * @crypto: crypto backend
 * @idi: the sensor's identity
 * @idr: the responder's identity
 * @party: m third parties
 * @standing: m standings
 * @m: 1 to 255
 * @n: third parties of a session, 1 to 16, not above @m
 * @k: threshold
 * @scheme: DMK_SCHEME_SHAMIR or DMK_SCHEME_RS
 * @suite: PRF 1 with AES-CCM, or with AES-CM and HMAC-SHA-256
 * @ts_type: DMK_TS_NTP_UTC or DMK_TS_COUNTER
 * @relay: R_I may come through third parties
 * @verify: asks third parties for TP_I; costs radio time, proves less than R_I
 * @session_data: Session Data of CS 1, dmk_session_data_emit()
 * @sp_param: parameters of SP, dmk_esp_policy_emit()
 * @buf: where messages are built
 * @room: its size; 1232 bytes always suffice
 */
struct dmk_initiator_conf {
	const struct dmk_initiator_ops *ops;
	void *ctx;
	struct dmk_crypto *crypto;
	struct dmk_id idi;
	struct dmk_id idr;
	const struct dmk_party *party;
	struct dmk_standing *standing;
	u8 m;
	u8 n;
	u8 k;
	u8 scheme;
	struct dmk_suite suite;
	u8 ts_type;
	bool relay;
	bool verify;
	struct dmk_span session_data;
	struct dmk_span sp_param;
	u8 *buf;
	u32 room;
};

enum dmk_initiator_state {
	DMK_I_IDLE,		/* nothing to do */
	DMK_I_ESTABLISHING,	/* messages 1 are out */
	DMK_I_ESTABLISHED,
	DMK_I_PAUSE,		/* until the next attempt */
	DMK_I_UPDATING,		/* message 6 is out */
};

/**
 * struct dmk_attempt - the session that is being established, or updated
 * @csb_id: CSB ID
 * @spi: proposed SPIs
 * @rand: RAND
 * @coeff: c_0 to c_(k-1); the TGK follows from them. In an update c_0 is the TGK,
 *	as if k were 1
 * @commitment: commitment
 * @chosen: third parties, x = 1 first; in an update DMK_RESPONDER alone
 * @cookies: cookies followed, a third party
 * @refused: bit x - 1: that third party sent an ERR under PSK_i
 * @repeats: repetitions sent
 */
struct dmk_attempt {
	u32 csb_id;
	u32 spi[2];
	u8 rand[DMK_RAND_LEN];
	u8 coeff[DMK_N_MAX][DMK_SHARE_LEN];
	u8 commitment[DMK_COMMITMENT_LEN];
	u8 chosen[DMK_N_MAX];
	u8 cookies[DMK_N_MAX];
	u16 refused;
	u8 repeats;
};

/**
 * struct dmk_live - the newest established session: what an update (protocol.md
 *	9) starts from
 * @csb_id: CSB ID; no new session takes it
 * @rand: RAND of message 1
 * @k_update: K_update; wiped as soon as a new session is begun
 */
struct dmk_live {
	u32 csb_id;
	u8 rand[DMK_RAND_LEN];
	u8 k_update[32];
};

/**
 * struct dmk_initiator - the machine; about 500 bytes
 * @conf: configuration
 * @state: enum dmk_initiator_state
 * @deadline: when dmk_initiator_tick() has something to do, ms
 * @t: T of the newest message
 * @has_live: whether @live holds a session
 * @attempt: what is being established or updated, wiped with its end
 * @live: the newest established session
 */
struct dmk_initiator {
	const struct dmk_initiator_conf *conf;
	u8 state;
	bool has_live;
	u64 deadline;
	struct dmk_ts t;
	struct dmk_attempt attempt;
	struct dmk_live live;
};

/* R in place of a third party's index, which is 254 at most */
#define DMK_RESPONDER 255

/* the source of a datagram that came from neither's address */
#define DMK_FROM_ELSEWHERE (-1)

/**
 * dmk_initiator_init() - check the configuration and be idle
 * @i: the machine; the owner ends it with dmk_initiator_stop()
 * @conf: configuration
 *
 * Return: DMK_OK, or what is wrong: N_RANGE, K_RANGE, SCHEME, ALGORITHMS,
 * TS_TYPE, ID_LENGTH, SESSION_DATA, SP_PARAM, SP_UNSUPPORTED, TRUNCATED; or
 * OVERSIZED when message 1 exceeds 1232 bytes or @conf->room.
 */
enum dmk_reason dmk_initiator_init(struct dmk_initiator *i,
				   const struct dmk_initiator_conf *conf);

/**
 * dmk_initiator_start() - a new session, protocol.md 7.2
 * @i: the machine, in any state; an attempt or update under way is dropped, the
 *	SAs of an established session stay, but it cannot be updated any more
 * @now: monotonic clock, ms
 *
 * Return: DMK_OK when n messages were sent; DMK_REASON_INTERNAL, and a pause
 * begins.
 */
enum dmk_reason dmk_initiator_start(struct dmk_initiator *i, u64 now);

/**
 * dmk_initiator_update() - new keys for the established session, protocol.md 9
 * @i: the machine; dmk_initiator_tick() repeats what is lost, and starts a new
 *	session if R never answers
 * @now: monotonic clock, ms
 *
 * Return: DMK_OK when the message was sent; UNEXPECTED if no session is
 * established, or one is being established or updated: then nothing happens;
 * INTERNAL, and a pause begins, with a new session behind it.
 */
enum dmk_reason dmk_initiator_update(struct dmk_initiator *i, u64 now);

/**
 * dmk_initiator_receive() - a datagram
 * @i: the machine
 * @from: index of the third party from whose address it came, DMK_RESPONDER for
 *	the address that messages go to as such, or DMK_FROM_ELSEWHERE
 * @data: the datagram, not in @conf->buf; changed in place if it holds a COOKIE
 * @len: its length
 * @now: monotonic clock, ms
 *
 * Return: DMK_OK if it was of use, else why it was refused: then nothing has
 * changed.
 */
enum dmk_reason dmk_initiator_receive(struct dmk_initiator *i, int from, u8 *data,
				      u32 len, u64 now);

/**
 * dmk_initiator_tick() - time has passed
 * @i: the machine
 * @now: monotonic clock, ms
 *
 * Return: DMK_OK, or as dmk_initiator_start().
 */
enum dmk_reason dmk_initiator_tick(struct dmk_initiator *i, u64 now);

/**
 * dmk_initiator_deadline() - when dmk_initiator_tick() is due
 * @i: the machine
 *
 * Return: milliseconds of the clock that @now was of; ~0 if never.
 */
u64 dmk_initiator_deadline(const struct dmk_initiator *i);

/**
 * dmk_initiator_stop() - forget everything, secrets first
 * @i: the machine; idle afterwards
 */
void dmk_initiator_stop(struct dmk_initiator *i);

/* ---- between the files of the machine */

/* how many the attempt's message goes to: positions 1 to n */
static inline u8 dmk_initiator_n(const struct dmk_initiator *i)
{
	return i->state == DMK_I_UPDATING ? 1 : i->conf->n;
}

/* what protects the message for position @x and its answer: PSK_i or K_update */
const u8 *dmk_initiator_psk(const struct dmk_initiator *i, u8 x);

/* message 1 or 6 for position @x as it stands in @i->conf->buf; its length, 0 if
 * it could not be built
 */
u32 dmk_initiator_message(struct dmk_initiator *i, u8 x);

/* an attempt ends without a session: secrets are wiped, a pause begins */
void dmk_initiator_end(struct dmk_initiator *i, u64 now, enum dmk_event_type why,
		       u8 error, enum dmk_reason reason);

/* news about third party @party, or -1 */
void dmk_initiator_tell(const struct dmk_initiator *i, enum dmk_event_type type,
			int party, u8 error);

#endif
