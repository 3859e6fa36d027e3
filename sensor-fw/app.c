// SPDX-License-Identifier: GPL-2.0
#include "app.h"
#include "coap.h"
#include "senml.h"

enum {
	ACK_TIMEOUT = 2000,	/* ms; RFC 7252 4.8 */
	ACK_SPREAD = 1000,	/* ACK_TIMEOUT * (ACK_RANDOM_FACTOR - 1) */
	MAX_RETRANSMIT = 4,
	SEPARATE_WAIT = 100000,	/* for a separate response: MAX_LATENCY, 4.8.2 */
	PAUSE = 60000,		/* before a silent responder is tried again */
	RETRY = 1000,		/* after what could not be sent */
};

/* of the request */
enum state {
	TRYING,			/* to be sent, or without an answer yet */
	ACCEPTED,		/* acknowledged, the response will come */
	SILENT,			/* given up for now; a late answer is still good */
};

/* ---- readings */

static u32 first_number(const struct app *a)
{
	return a->number - a->waiting + 1;
}

/* whether the first reading is the one that the last message was made of */
static bool is_asked(const struct app *a)
{
	return a->asked == first_number(a);
}

static void drop_first(struct app *a)
{
	a->head = (a->head + 1) % APP_QUEUE;
	a->waiting--;
}

/* send what is first from the beginning */
static void begin(struct app *a, u64 now)
{
	a->state = TRYING;
	a->transmissions = 0;
	a->deadline = now;
}

/* Only a responder that answers is asked at once; towards one that does not, the
 * next reading takes the place of the lost one and waits as long.
 */
static void lose_first(struct app *a, u64 now)
{
	drop_first(a);
	if (a->state == ACCEPTED)
		begin(a, now);
	a->ops->event(a->ctx, APP_LOST, ++a->lost);
}

static void take_reading(struct app *a, u64 now)
{
	if (a->waiting == APP_QUEUE)
		lose_first(a, now);
	vitals_read(&a->queue[(a->head + a->waiting) % APP_QUEUE], now);
	a->waiting++;
	a->number++;
	a->next_reading += a->period;
	if (a->next_reading <= now)
		a->next_reading = now + a->period;
}

/* ---- the request */

static u32 build(const struct app *a, u8 *buf)
{
	struct out o = { .data = buf, .room = APP_PAYLOAD_MAX };
	const struct senml pack = {
		.name = DMK_SPAN(a->name.data, a->name.len),
		.number = first_number(a),
		.age = a->age,
		.v = &a->queue[a->head],
	};

	coap_put_post(&o, a->message_id, a->token, DMK_SPAN(a->path.data, a->path.len));
	senml_put(&o, &pack);
	return out_fits(&o) ? o.len : 0;
}

static u16 next_id(u16 id, u16 start)
{
	id = id ? id + 1 : start;
	return id ? id : 1;
}

/* a message of its own: Message ID, token, age and timeout (RFC 7252 4.2) */
static bool new_message(struct app *a, u64 now)
{
	u8 r[4 + sizeof(a->token)];

	if (a->ops->random(a->ctx, r, sizeof(r)))
		return false;
	a->timeout = ACK_TIMEOUT + ((r[0] << 8 | r[1]) * (ACK_SPREAD + 1u) >> 16);
	a->message_id = next_id(a->message_id, r[2] << 8 | r[3]);
	memcpy(a->token, r + 4, sizeof(a->token));
	a->age = ((u32)now - a->queue[a->head].at) / 1000;
	a->asked = first_number(a);
	return true;
}

static bool transmit(struct app *a, u8 *buf, u64 now)
{
	bool fresh = !is_asked(a);
	u32 len;

	if (fresh && !new_message(a, now))
		return false;
	len = build(a, buf);
	if (!len || !a->ops->send(a->ctx, buf, len))
		return false;
	a->deadline = now + ((u32)a->timeout << a->transmissions);
	if (a->transmissions && !fresh)
		a->ops->event(a->ctx, APP_REPEATED, a->transmissions);
	else
		a->ops->event(a->ctx, APP_SENT, a->asked);
	a->transmissions++;
	return true;
}

static void give_up(struct app *a, u64 now)
{
	a->state = SILENT;
	a->deadline = now + PAUSE;
	a->ops->event(a->ctx, APP_SILENT, first_number(a));
}

static void go_on(struct app *a, u8 *buf, u64 now)
{
	bool used_up = a->state == TRYING && a->transmissions > MAX_RETRANSMIT;

	if (used_up || a->state == ACCEPTED) {
		give_up(a, now);
		return;
	}
	if (a->state == SILENT) {
		begin(a, now);
		a->asked = 0;	/* a new message */
	}
	if (!transmit(a, buf, now))
		a->deadline = now + RETRY;
}

/* ---- answers */

static void answer(struct app *a, enum coap_type type, u16 id)
{
	u8 out[COAP_HEAD];

	coap_empty(out, type, id);
	if (a->up)
		a->ops->send(a->ctx, out, sizeof(out));
}

static void finish(struct app *a, u8 code, u64 now)
{
	drop_first(a);
	begin(a, now);
	if (coap_class(code) == 2)
		a->ops->event(a->ctx, APP_ACKNOWLEDGED, a->asked);
	else
		a->ops->event(a->ctx, APP_REFUSED, code);
}

static bool is_response(const struct app *a, const struct coap_message *m)
{
	u8 class = coap_class(m->code);

	return is_asked(a) && !m->critical && (class == 2 || class == 4 || class == 5) &&
	       dmk_span_equal(m->token, DMK_SPAN(a->token, sizeof(a->token)));
}

/* an acknowledgement or a reset of our message */
static void receive_ack(struct app *a, const struct coap_message *m, u64 now)
{
	if (!is_asked(a) || m->id != a->message_id)
		return;
	if (m->type == COAP_RST) {
		finish(a, 0, now);
	} else if (m->code == COAP_EMPTY) {
		a->state = ACCEPTED;
		a->deadline = now + SEPARATE_WAIT;
	} else if (is_response(a, m)) {
		finish(a, m->code, now);
	}
}

/* a separate response, or none of ours: RFC 7252 4.2, 4.3, 5.2.2. A repetition
 * gets the same answer as the first.
 */
static void receive_message(struct app *a, const struct coap_message *m, u64 now)
{
	bool ours = is_response(a, m);

	if (m->type == COAP_CON && ours)
		a->confirmed = m->id;
	if (m->type == COAP_CON)
		answer(a, m->code && m->id == a->confirmed ? COAP_ACK : COAP_RST, m->id);
	if (ours)
		finish(a, m->code, now);
}

void app_receive(struct app *a, const u8 *data, u32 len, u64 now)
{
	struct coap_message m;
	enum coap_verdict v = coap_parse(&m, data, len);

	if (v == COAP_FORMAT && m.type == COAP_CON)
		answer(a, COAP_RST, m.id);
	if (v != COAP_GOOD)
		return;
	if (m.type == COAP_ACK || m.type == COAP_RST)
		receive_ack(a, &m, now);
	else
		receive_message(a, &m, now);
}

/* ---- the owner's */

void app_init(struct app *a, u64 now)
{
	a->next_reading = now;
	a->number = 0;
	a->lost = 0;
	a->asked = 0;
	a->message_id = 0;
	a->confirmed = 0;
	a->head = 0;
	a->waiting = 0;
	a->up = false;
	begin(a, now);
}

/* A message without an answer is repeated; the responder that had accepted one may
 * have been restarted.
 */
void app_up(struct app *a, u64 now)
{
	a->up = true;
	if (a->state == SILENT)
		a->deadline = now;
	else
		begin(a, now);
}

void app_tick(struct app *a, u8 *buf, u64 now)
{
	if (now >= a->next_reading)
		take_reading(a, now);
	if (a->up && a->waiting && now >= a->deadline)
		go_on(a, buf, now);
}

u64 app_deadline(const struct app *a)
{
	bool sends = a->up && a->waiting;

	return sends && a->deadline < a->next_reading ? a->deadline : a->next_reading;
}
