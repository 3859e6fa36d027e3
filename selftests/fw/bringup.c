// SPDX-License-Identifier: GPL-2.0
/*
 * A program on the drivers alone, for bringup.sh: says on the console what it finds,
 * does what do= asks for, and then echoes the network line.
 */
#include "board.h"
#include "cortexm.h"
#include "flash.h"
#include "layout.h"
#include "mpu.h"
#include "qemu.h"
#include "reset.h"
#include "rng.h"
#include "systick.h"
#include "usart.h"
#include "watchdog.h"

#define MARK	0x12345678

static void say(const char *text)
{
	usart_console(text, strlen(text));
}

static void say_number(const char *before, u32 n)
{
	char digits[11], *p = digits + sizeof(digits);

	*--p = '\0';
	do {
		*--p = '0' + n % 10;
		n /= 10;
	} while (n);
	say(before);
	say(p);
}

static void say_hex(const char *before, u32 n)
{
	char digit;

	say(before);
	for (int shift = 28; shift >= 0; shift -= 4) {
		digit = "0123456789abcdef"[n >> shift & 15];
		usart_console(&digit, 1);
	}
}

static bool asked(const char *what)
{
#ifdef DMK_QEMU
	char value[QEMU_OPTION_MAX];

	return qemu_option("do", value) && !strcmp(value, what);
#else
	(void)what;
	return false;
#endif
}

static void say_start(void)
{
	struct reset_fault f;
	const char *line;

	say("\nboard ");
	say(board_name());
	say("\ncause ");
	say(reset_cause_name());
	say_number("\nbad starts ", reset_bad_starts());
	if (reset_fault(&f)) {
		say("\nfault ");
		say(f.name);
		say_hex(" pc ", f.pc);
		say_hex(" lr ", f.lr);
		say_hex(" cfsr ", f.cfsr);
		say_hex(" hfsr ", f.hfsr);
		say_hex(" address ", f.address);
	}
	for (u32 i = 0; (line = board_substitutes(i)); i++) {
		say("\n");
		say(line);
	}
	say("\n");
	say(watchdog_name());
}

static void say_keys(void)
{
	u32 len;
	const u8 *keys = flash_keys(&len);

	say_number("\nkeys ", len);
	say_hex(" first ", *(const u32 *)keys);
}

static void say_random(void)
{
	u32 a, b;

	say("\n");
	say(rng_name());
	say_number(" start ", rng_start());
	say_number(" status ", rng_word(&a));
	say_hex(" word ", a);
	rng_word(&b);
	say(a == b ? " same" : " different");
}

static void __attribute__((noinline)) use_stack(void)
{
	volatile u8 some[1024];

	for (u32 i = 0; i < sizeof(some); i++)
		some[i] = i;
}

static void say_stack(void)
{
	u32 size, before = mpu_stack_deepest(&size);

	use_stack();
	say_number("\nstack ", size);
	say_number(" used ", before);
	say_number(" then ", mpu_stack_deepest(&size));
}

static u32 word_at(u32 at)
{
	u32 word;

	flash_read(FLASH_LOG_B, at, &word, sizeof(word));
	return word;
}

/* erased and programmed as a power cut finds it, at any instant, in log B */
static void use_flash(void)
{
	const u32 last = flash_log_size() - FLASH_WORD, mark = MARK;
	enum drv_status s;

	say_hex("\nflash first ", word_at(0));
	say_hex(" last ", word_at(last));
	do {
		s = flash_erase(FLASH_LOG_B);
		if (s == DRV_OK)
			s = flash_program(FLASH_LOG_B, 0, &mark, sizeof(mark));
		if (s == DRV_OK)
			s = flash_program(FLASH_LOG_B, last, &mark, sizeof(mark));
		watchdog_feed();
	} while (s == DRV_OK && asked("flash-again"));
	say_number("\nflash status ", s);
	say_hex(" first ", word_at(0));
	say_hex(" last ", word_at(last));
	say_number(" twice ", flash_program(FLASH_LOG_B, 0, &mark, sizeof(mark)));
	flash_program(FLASH_LOG_B, 8, &mark, sizeof(mark));
	say_number(" zero ", flash_zero(FLASH_LOG_B, 8, FLASH_WORD));
	say_hex(" is ", word_at(8));
	say_number(" outside ", flash_program(FLASH_LOG_A, last + FLASH_WORD, &mark,
					      sizeof(mark)));
}

/* leave less than half of the stack, then fault */
static void __attribute__((noinline)) fault_deep(void)
{
	volatile u8 here[64];

	here[0] = 0;
	if ((u32)__builtin_frame_address(0) - (u32)__stack_bottom > 256)
		fault_deep();
	__asm__ __volatile__("udf #0");
	here[1] = here[0];
}

static void provoke(void)
{
	static volatile u32 bx_lr = 0x47704770, zero;

	if (asked("ram"))
		((void (*)(void))((u32)&bx_lr | 1))();
	if (asked("keys"))
		*(volatile u32 *)__keys_start = 0;
	if (asked("code"))
		*(volatile u32 *)0x08000100 = 0;
	if (asked("divide"))
		zero = MARK / zero;
	if (asked("unaligned"))
		__asm__ __volatile__("ldm %0, {r0, r1}" : : "r"((u32)&bx_lr + 1) : "r0", "r1");
	if (asked("deep"))
		fault_deep();
	if (asked("hard")) {
		irq_off();
		__asm__ __volatile__("udf #0");
	}
}

/* nobody takes bytes from the ring: what does not fit is counted */
static void __attribute__((noreturn)) be_deaf(void)
{
	u32 lost = 0;

	for (;;) {
		u64 until = systick_ms() + 200;

		while (systick_ms() < until)
			systick_sleep(usart_net_waiting);
		watchdog_feed();
		if (lost != usart_net_lost()) {
			lost = usart_net_lost();
			say_number("\nlost ", lost);
		}
	}
}

static void echo(void)
{
	u8 some[32];
	u32 n = 0;
	int c;

	while (n < sizeof(some) && (c = usart_net_receive()) >= 0)
		some[n++] = c;
	if (n && usart_net_send(some, n) != DRV_OK)
		say("\nsend timeout");
}

static void live(void)
{
	u64 next = 0;

	for (;;) {
		u64 now = systick_ms();

		if (now >= next) {
			next = (now / 500 + 1) * 500;
			say_number("\nms ", now);
			say_number(" lost ", usart_net_lost());
			say("\n");
		}
		watchdog_feed();
		qemu_poll();
		echo();
		systick_sleep(usart_net_waiting);
	}
}

int main(void)
{
	struct board_clocks clocks;

	reset_init();
	board_start(&clocks);
	usart_start(clocks.bus2, clocks.bus1);
	systick_start(clocks.cpu);
	watchdog_start();
	say_start();
	if (!asked("no-mpu"))
		say(mpu_start() ? "\nmpu on" : "\nmpu absent");
	say_stack();
	say_keys();
	say_random();
	use_flash();
	if (reset_cause() == RESET_POWER && asked("restart"))
		reset_now();
	if (reset_cause() != RESET_FAULT)
		provoke();
	if (asked("well"))
		reset_all_well();
	if (asked("deaf"))
		be_deaf();
	live();
}
