// SPDX-License-Identifier: GPL-2.0
/* The firmware of a sensor: start, tell, and go round. */
#include "board/board.h"
#include "console.h"
#include "drv/mpu.h"
#include "drv/qemu.h"
#include "drv/reset.h"
#include "drv/rng.h"
#include "drv/systick.h"
#include "drv/usart.h"
#include "drv/watchdog.h"
#include "selfcheck.h"
#include "sensor.h"
#include "vitals.h"

enum {
	BAD_STARTS = 3,		/* in a row, until starts are held up */
	HOLD_MAX_S = 600,
	AGAIN_MS = 60000,	/* until sensor_start() is tried again */
};

static enum sensor_state state = SENSOR_LATER;
static u64 start_at;

static void tell_start(const struct board_clocks *clocks)
{
	const char *s;
	u32 i;

	console_begin("dmikey: sensor firmware on ");
	console_text(board_name());
	console_text(", ");
	console_number(clocks->cpu / 1000000);
	console_text(sensor_is_dev() ? " MHz, DEV" : " MHz");
	console_end();
	for (i = 0; (s = board_substitutes(i)); i++)
		console_line("NOT FOR PRODUCTION: ", s);
	if (!clocks->crystal)
		console_line("clock: ", "the crystal does not start, internal oscillator");
}

static void tell_reset(void)
{
	struct reset_fault f;

	console_line("start: ", reset_cause_name());
	if (!reset_fault(&f))
		return;
	console_begin("start: after a ");
	console_text(f.name);
	console_text(" at ");
	console_hex(f.pc);
	console_text(", called from ");
	console_hex(f.lr);
	console_text(", CFSR ");
	console_hex(f.cfsr);
	console_text(", HFSR ");
	console_hex(f.hfsr);
	console_text(", address ");
	console_hex(f.address);
	console_end();
}

/* a fault that comes back at once must not become a loop of starts */
static u32 hold_seconds(void)
{
	u32 bad = reset_bad_starts(), seconds;

	if (bad < BAD_STARTS)
		return 0;
	seconds = bad - BAD_STARTS < 8 ? 4u << (bad - BAD_STARTS) : HOLD_MAX_S;
	return seconds < HOLD_MAX_S ? seconds : HOLD_MAX_S;
}

static bool never(void)
{
	return false;
}

/* before anything that may have been what failed */
static void hold(void)
{
	u32 seconds = hold_seconds();
	u64 until = systick_ms() + (u64)seconds * 1000;

	if (!seconds)
		return;
	console_begin("start: bad starts in a row: ");
	console_number(reset_bad_starts());
	console_text(", waiting ");
	console_number(seconds);
	console_text(" s");
	console_end();
	while (systick_ms() < until) {
		watchdog_feed();
		systick_sleep(never);
	}
}

/* false: this chip or image is not to be trusted with keys */
static bool check(void)
{
	const char *wrong = selfcheck();

	console_line("self-check: ", wrong ? wrong : "ok");
	if (wrong)
		console_line("self-check: ", "failed, nothing is sent");
	return !wrong;
}

/* a sensor that cannot work yet, or never */
static bool wait_to_start(u64 now)
{
	if (state == SENSOR_NEVER || now < start_at)
		return false;
	state = sensor_start(now);
	start_at = now + AGAIN_MS;
	if (state == SENSOR_LATER)
		console_line("sensor: ", "trying again in 60 s");
	if (state == SENSOR_NEVER)
		console_line("sensor: ", "stopped");
	return false;
}

/* a round that does not come to its end leaves the watchdog hungry */
static void go_round(void)
{
	u64 now = systick_ms();
	bool more;

	more = state == SENSOR_RUNS ? sensor_poll(now) : wait_to_start(now);
	qemu_poll();
	watchdog_feed();
	if (!more)
		systick_sleep(usart_net_waiting);
}

int main(void)
{
	struct board_clocks clocks;

	reset_init();
	board_start(&clocks);
	systick_start(clocks.cpu);
	usart_start(clocks.bus2, clocks.bus1);
	tell_start(&clocks);
	tell_reset();
	watchdog_start();
	console_line("watchdog: ", watchdog_name());
	hold();
	console_line("memory: ", mpu_start() ? "protected" :
					       "this chip has no protection unit");
	console_line("readings: ", vitals_name());
	if (!check())
		state = SENSOR_NEVER;
	for (;;)
		go_round();
}
