// SPDX-License-Identifier: GPL-2.0
#include "report.h"
#include "console.h"
#include "drv/mpu.h"
#include "drv/systick.h"

enum {
	QUIET_MS = 10000,	/* between two lines about what may come in floods */
};

/* whether it is too early for another line */
static bool quiet(u64 *until)
{
	u64 now = systick_ms();

	if (now < *until)
		return true;
	*until = now + QUIET_MS;
	return false;
}

static void number(const char *before, u32 n)
{
	console_text(before);
	console_number(n);
}

void report_keys(const struct dmk_blob *b)
{
	console_begin("keys: ");
	console_bytes(b->idi.data);
	number(", generation ", b->generation);
	number(", ", b->m);
	console_text(" third parties, responder ");
	console_bytes(b->idr.data);
	console_end();
	if (b->dev)
		console_line("DEV: ", "development keys, NOT FOR PRODUCTION");
}

/* ---- sessions */

static void party(const struct dmk_blob *b, u8 i)
{
	struct dmk_blob_party p;

	if (dmk_blob_party(b, i, &p))
		console_bytes(p.name);
}

static void begin_party(const struct dmk_blob *b, int i)
{
	console_begin("third party ");
	if (i < 0 || i == DMK_RESPONDER)
		console_text(i < 0 ? "unknown" : "none, the responder");
	else
		party(b, i);
	console_text(": ");
}

static void chosen(const struct dmk_blob *b, const struct dmk_event *e)
{
	u8 i;

	for (i = 0; i < e->n; i++) {
		console_text(i ? ", " : "");
		party(b, e->chosen[i]);
	}
}

static const char *error_name(u8 error)
{
	switch (error) {
	case 0:
		return "authentication failure";
	case 1:
		return "invalid time stamp";
	case 10:
		return "policy not allowed";
	case 243:
		return "not authorized";
	case 244:
		return "unknown responder";
	default:
		return "error";
	}
}

static void error(const char *before, u8 no)
{
	console_text(before);
	console_text(error_name(no));
	number(" (", no);
	console_text(")");
}

/* what a third party did; NULL if @e is no such news */
static const char *deed(enum dmk_event_type t)
{
	switch (t) {
	case DMK_EV_PARTY_ACCEPTED:
		return "has its share";
	case DMK_EV_PARTY_COOKIE:
		return "wants a cookie";
	case DMK_EV_PARTY_RIGHT:
		return "right share";
	case DMK_EV_PARTY_WRONG:
		return "wrong share";
	case DMK_EV_PARTY_ABSENT:
		return "no answer";
	default:
		return NULL;
	}
}

static void session(const struct dmk_blob *b, const struct dmk_initiator_conf *conf,
		    const struct dmk_event *e)
{
	console_begin("session: ");
	switch (e->type) {
	case DMK_EV_ESTABLISHING:
		console_text("asking ");
		chosen(b, e);
		number("; ", conf->k);
		console_text(" have to answer");
		break;
	case DMK_EV_REPEATING:
		number("no answer yet, asking again, ", e->count);
		number(" of ", DMK_I_REPEATS);
		break;
	case DMK_EV_ESTABLISHED:
		console_text("established");
		break;
	case DMK_EV_UPDATING:
		console_text("its lifetime is nearly over, new keys");
		break;
	case DMK_EV_UPDATED:
		console_text("updated");
		break;
	case DMK_EV_NOT_UPDATED:
		console_text("not updated; a new one");
		break;
	case DMK_EV_NO_ANSWER:
		console_text("no answer from ");
		chosen(b, e);
		console_text("; a new one");
		break;
	case DMK_EV_TOO_FEW:
		error("too few third parties are left, ", e->error);
		console_text("; again after a pause");
		break;
	case DMK_EV_REFUSED:
		error("the responder refuses, ", e->error);
		console_text("; again after a pause");
		break;
	default:
		console_text("this sensor failed; again after a pause");
	}
	console_end();
}

void report_event(const struct dmk_blob *b, const struct dmk_initiator_conf *conf,
		  const struct dmk_event *e)
{
	const char *d = deed(e->type);
	static u64 hint_until;

	if (e->type == DMK_EV_HINT && quiet(&hint_until))
		return;
	if (!d && e->type != DMK_EV_PARTY_REFUSED && e->type != DMK_EV_HINT) {
		session(b, conf, e);
		return;
	}
	begin_party(b, e->party);
	if (d)
		console_text(d);
	else
		error(e->type == DMK_EV_HINT ? "hint, ignored: " : "refuses, ",
		      e->error);
	console_end();
}

void report_session(const struct dmk_sa_pair *sa)
{
	console_begin("session: SPI ");
	console_hex(sa->spi[0]);
	console_text(" out, ");
	console_hex(sa->spi[1]);
	console_text(" in");
	console_end();
}

/* ---- readings */

static const char *reading_state(enum app_event e)
{
	switch (e) {
	case APP_SENT:
		return " sent";
	case APP_ACKNOWLEDGED:
		return " acknowledged";
	case APP_SILENT:
		return " not acknowledged; asking for a new session";
	default:
		return "";
	}
}

void report_app(enum app_event e, u32 count)
{
	static u64 lost_until;

	if (e == APP_LOST && quiet(&lost_until))
		return;
	console_begin("");
	if (e == APP_LOST) {
		number("readings: ", count);
		console_text(" lost since the start, no room");
	} else if (e == APP_REFUSED) {
		number("readings: the server refuses, ", count >> 5);
		number(count & 0x10 ? "." : ".0", count & 0x1f);
	} else if (e == APP_REPEATED) {
		number("reading: repeated, time ", count);
	} else {
		number("reading ", count);
		console_text(reading_state(e));
	}
	console_end();
}

/* ---- the rest */

void report_refused(const char *what, const char *why)
{
	static u64 until;
	static u32 untold;

	if (quiet(&until)) {
		untold++;
		return;
	}
	console_begin("refused: ");
	console_text(what);
	console_text(", ");
	console_text(why);
	if (untold)
		number("; others since: ", untold);
	console_end();
	untold = 0;
}

void report_stack(void)
{
	u32 size, deepest = mpu_stack_deepest(&size);
	static u32 told;

	if (deepest <= told)
		return;
	told = deepest;
	console_begin("stack: ");
	console_number(deepest);
	number(" of ", size);
	console_text(" bytes used at most");
	console_end();
}
