// SPDX-License-Identifier: GPL-2.0
/*
 * What the firmware executes for what it is there for: everything from its main
 * loop down to the registers of the serial line, with world.h around it.
 */
#include "board.h"
#include "initiator.h"
#include "selfcheck.h"
#include "sensor.h"
#include "drv/systick.h"
#include "drv/usart.h"
#include "world.h"

enum {
	REPEAT_MS = 4000,		/* the first repetition is due after 3 s at most */
	RENEW_MS = 86400 * 800,		/* 80 % of the lifetime */
	ANSWER_MS = 50000,		/* the longest wait for R_U is 48 s */
	READING_MS = WORLD_PERIOD_MS - (DMK_I_REPEATS + 1) * ANSWER_MS,
};

/* rounds of the main loop, until there is nothing to do */
static void poll(struct count *c)
{
	bool more;

	do {
		count_begin();
		more = sensor_poll(systick_ms());
		count_end(c);
	} while (more);
}

static void receive(struct count *c, struct dmk_span packet, const char *bytes)
{
	report_number(bytes, packet.len, "bytes");
	line_receive(c, packet);
	poll(c);
}

static void boot(void)
{
	struct count check = { 0 }, start = { 0 };
	const char *wrong;

	count_begin();
	wrong = selfcheck();
	count_end(&check);
	MUST(!wrong);
	report_count("boot-selfcheck", &check);

	count_begin();
	MUST(sensor_start(0) == SENSOR_RUNS);
	count_end(&start);
	report_count("boot-start", &start);
}

/* nobody has seen the messages of boot(); with the session the reading that waited
 * goes out
 */
static void repeat(void)
{
	struct count c = { 0 }, rest = { 0 };

	line_watch();
	world_pass(REPEAT_MS);
	poll(&c);
	MUST(line_sent(WORLD_PARTIES - 1).len);
	report_count("repeat", &c);
	line_receive(&rest, responder_establish());
	report_number("repeat-sent-bytes", line_forget(), "bytes");
	poll(&rest);
	line_receive(&rest, responder_acknowledge());
	line_forget();
	poll(&rest);
}

static void idle(void)
{
	struct count c = { 0 };

	poll(&c);
	MUST(!line_sent(0).len);
	report_count("idle", &c);
}

/* the lifetime of the first session is nearly over, and no reading is due: nobody
 * answers the update and its repetitions
 */
static void update(void)
{
	struct count c = { 0 };
	u32 i;

	world_pass(RENEW_MS);
	for (i = 0; i <= DMK_I_REPEATS; i++) {
		poll(&c);
		MUST(line_sent(0).len && !line_sent(1).len);
		line_forget();
		if (i < DMK_I_REPEATS)
			world_pass(ANSWER_MS);
	}
}

/* and so it becomes a whole session */
static void establish(void)
{
	struct count sent = { 0 }, received = { 0 };

	world_pass(ANSWER_MS);
	poll(&sent);
	MUST(line_sent(WORLD_PARTIES - 1).len && !line_sent(WORLD_PARTIES).len);
	report_count("establish-sent", &sent);
	receive(&received, responder_establish(), "establish-received-bytes");
	report_count("establish-received", &received);
	report_number("establish-sent-bytes", line_forget(), "bytes");
}

static void reading(void)
{
	struct count sent = { 0 }, received = { 0 };

	world_pass(READING_MS - RENEW_MS);
	poll(&sent);
	MUST(line_sent(0).len && !line_sent(1).len);
	report_count("reading-sent", &sent);
	receive(&received, responder_acknowledge(), "reading-received-bytes");
	report_count("reading-received", &received);
	report_number("reading-sent-bytes", line_forget(), "bytes");
}

int main(void)
{
	struct board_clocks clocks;

	board_start(&clocks);
	usart_start(clocks.bus2, clocks.bus1);
	count_start();
	line_start();
	responder_provision();
	boot();
	repeat();
	idle();
	update();
	establish();
	reading();
	report_end(NULL);
}
