/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Readings to the responder: SenML-CBOR (RFC 8428) in confirmable CoAP POSTs
 * (RFC 7252). One request is outstanding at a time (NSTART = 1); readings wait in a
 * queue, and when it is full the oldest is given up and counted. A reading is
 * repeated, under the same Message ID, until it is acknowledged. When its
 * transmissions are used up (4.2) the owner is told; it stays the first of the queue
 * and is sent as a new message in the next session, or after a pause.
 *
 * A message is kept nowhere: it is built again from its reading each time, and is
 * the same to the byte under the same Message ID. The number in it tells a receiver
 * of readings that it got twice or not at all.
 *
 * Like core/initiator.h: no clock, no sockets, no memory of its own.
 */
#ifndef APP_H
#define APP_H

#include "port.h"
#include "vitals.h"

#ifndef APP_QUEUE
#define APP_QUEUE 8		/* readings that wait */
#endif

enum {
	APP_PAYLOAD_MAX = 264,	/* a CoAP message of ours at most */
	APP_PATH_MAX = 32,
	APP_NAME_MAX = 64,
};

/**
 * enum app_event - news for a status line
 * @APP_SENT: a reading went out; @count: its number
 * @APP_REPEATED: it went out again; @count: for which time
 * @APP_ACKNOWLEDGED: the responder has it; @count: its number
 * @APP_REFUSED: the responder answered with an error; @count: the CoAP code (0x84
 *	is 4.04), 0 for a reset; the reading is given up
 * @APP_SILENT: no acknowledgement after all repetitions; @count: its number
 * @APP_LOST: the queue was full; @count: readings lost since the start
 */
enum app_event {
	APP_SENT,
	APP_REPEATED,
	APP_ACKNOWLEDGED,
	APP_REFUSED,
	APP_SILENT,
	APP_LOST,
};

/**
 * struct app_ops - what the owner does
 * @send: one CoAP message, through ESP; false if it could not be sent now: it is
 *	tried again a second later. Not called before app_up(), but from
 *	app_receive() as well, to acknowledge
 * @random: random bytes; 0 or negative
 * @event: news
 */
struct app_ops {
	bool (*send)(void *ctx, u8 *data, u32 len);
	int (*random)(void *ctx, u8 *out, size_t len);
	void (*event)(void *ctx, enum app_event e, u32 count);
};

/**
 * struct app - the application
 * @ops: operations
 * @ctx: for the operations
 * @path: Uri-Path, one segment or several with '/', up to APP_PATH_MAX bytes
 * @name: SenML base name ("urn:dev:..." or the sensor's identity), up to
 *	APP_NAME_MAX bytes
 * @period: between readings, ms
 *
 * The rest is its own.
 */
struct app {
	const struct app_ops *ops;
	void *ctx;
	struct { const u8 *data; u32 len; } path, name;
	u32 period;
	/* private */
	struct vitals queue[APP_QUEUE];
	u64 next_reading;
	u64 deadline;		/* of what is outstanding; in the past: now */
	u32 number;		/* of the newest reading */
	u32 asked;		/* number of the reading in the last message */
	u32 lost;
	u32 age;		/* of the first reading when its message was made, seconds */
	u16 timeout;		/* before the first repetition, ms */
	u16 message_id;		/* 0: none chosen yet */
	u16 confirmed;		/* Message ID of the last separate response */
	u8 token[4];
	u8 head, waiting;
	u8 transmissions;
	u8 state;
	bool up;
};

/**
 * app_init() - nothing to send yet
 * @a: with @ops, @ctx, @path, @name and @period set; the first reading is due at once
 * @now: monotonic clock, ms
 */
void app_init(struct app *a, u64 now);

/**
 * app_up() - a session is there, or another one: what is outstanding is sent at once
 * @a: the application
 * @now: monotonic clock, ms
 */
void app_up(struct app *a, u64 now);

/**
 * app_receive() - a CoAP message came out of ESP
 * @a: the application
 * @data: the message
 * @len: its length
 * @now: monotonic clock, ms
 */
void app_receive(struct app *a, const u8 *data, u32 len, u64 now);

/**
 * app_tick() - take readings and send what is due
 * @a: the application
 * @buf: where a message is built: APP_PAYLOAD_MAX bytes
 * @now: monotonic clock, ms
 */
void app_tick(struct app *a, u8 *buf, u64 now);

/**
 * app_deadline() - when app_tick() has something to do, ms
 */
u64 app_deadline(const struct app *a);

#endif
