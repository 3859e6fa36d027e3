// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU's command line is where the options come from:
 *
 *	-semihosting-config enable=on,target=native,arg=dmikey,arg=flash=PATH,...
 *
 * flash=PATH		the log: both sectors, A first
 * flash-fail=1		it cannot be written
 * entropy=PATH		instead of /dev/urandom, which stands in for a TRNG
 * entropy=fail|stuck	the TRNG reports errors; gives one word for ever
 * speed=N		N milliseconds pass in one
 * uart=hang		the network line's transmitter never gets ready
 * fault=stack|bus|memory|usage|hang	provoke it, once ...
 * at=MS		... this long after the start (1000) ...
 * fault-again=1	... and at every start
 * do=...		for the tests of the drivers
 */
#include "qemu.h"

#include "regs.h"
#include "reset.h"
#include "semihost.h"
#include "systick.h"

#define NOWHERE		0x5ffffff0	/* among the peripherals, and nothing there */
#define UNMAPPED	0x00100000	/* the MPU's table has nothing there */

static const struct {
	const char *key;
	const char *line;
} options[] = {
	{ "flash", NULL },
	{ "flash-fail", "QEMU: flash fails when written (flash-fail=)" },
	{ "entropy", "QEMU: where there is a TRNG, entropy= replaces it" },
	{ "speed", "QEMU: time runs faster (speed=)" },
	{ "uart", "QEMU: the network line hangs (uart=)" },
	{ "fault", "QEMU: a fault will be provoked (fault=)" },
	{ "at", NULL },
	{ "fault-again", NULL },
	{ "do", NULL },
};

static u32 speed = 1;
static u32 fault_at;
static char fault;		/* first letter */
static bool uart_hangs;

/* after "key=" in @p, or NULL */
static const char *value_of(const char *p, const char *key)
{
	u32 len = strlen(key);

	return !strncmp(p, key, len) && p[len] == '=' ? p + len + 1 : NULL;
}

static const char *next_word(const char *p)
{
	p = strchr(p, ' ');
	return p ? p + 1 : NULL;
}

static void get_cmdline(char line[QEMU_OPTION_MAX])
{
	if (!semihost_cmdline(line, QEMU_OPTION_MAX))
		semihost_exit("dmikey: the options are too long\n", 2);
}

bool qemu_option(const char *key, char value[QEMU_OPTION_MAX])
{
	const char *from = NULL;
	u32 len;

	get_cmdline(value);
	for (const char *p = value; p && !from; p = next_word(p))
		from = value_of(p, key);
	if (!from)
		return false;
	len = strcspn(from, " ");
	memmove(value, from, len);
	value[len] = '\0';
	return true;
}

u32 qemu_number(const char *key, u32 otherwise)
{
	char digits[QEMU_OPTION_MAX];
	u32 n = 0;

	if (!qemu_option(key, digits))
		return otherwise;
	for (const char *p = digits; *p; p++) {
		if (*p < '0' || *p > '9')
			semihost_exit("dmikey: an option is no number\n", 2);
		n = n * 10 + *p - '0';
	}
	return n;
}

static bool known(const char *word)
{
	for (u32 i = 0; i < ARRAY_SIZE(options); i++)
		if (value_of(word, options[i].key))
			return true;
	return false;
}

/* what has no '=' is the program's name */
static void check_options(void)
{
	char line[QEMU_OPTION_MAX];

	get_cmdline(line);
	for (const char *p = line; p; p = next_word(p))
		if (p[strcspn(p, " =")] == '=' && !known(p))
			semihost_exit("dmikey: an option is unknown\n", 2);
}

void qemu_start(void)
{
	char word[QEMU_OPTION_MAX];

	check_options();
	speed = qemu_number("speed", 1);
	uart_hangs = qemu_option("uart", word) && !strcmp(word, "hang");
	fault_at = qemu_number("at", 1000);
	if (!qemu_option("fault", word))
		return;
	if (!qemu_number("fault-again", 0) &&
	    (reset_cause() == RESET_FAULT || reset_cause() == RESET_WATCHDOG))
		return;
	fault = *word;
}

u32 qemu_cpu_hz(u32 hz)
{
	(void)hz;
	return QEMU_CPU_HZ;
}

u32 qemu_speed(void)
{
	return speed;
}

bool qemu_uart_hangs(void)
{
	return uart_hangs;
}

static u32 recurse(u32 depth)
{
	volatile u32 here[16] = { depth };

	return depth ? recurse(depth + 1) + here[depth % 16] : 0;
}

void qemu_poll(void)
{
	if (!fault || systick_ms() < fault_at)
		return;
	switch (fault) {
	case 's':
		recurse(1);
		break;
	case 'b':
		(void)REG(NOWHERE);
		break;
	case 'm':
		(void)REG(UNMAPPED);
		break;
	case 'u':
		__asm__ __volatile__("udf #0");
		break;
	default:
		for (;;)
			;
	}
}

const char *qemu_substitute(u32 i)
{
	char value[QEMU_OPTION_MAX];

	if (i == 0)
		return "QEMU: SysTick counts what QEMU says, there are no clocks to set";
	if (i == 1)
		return qemu_flash_name();
	i--;
	for (u32 n = 0; n < ARRAY_SIZE(options); n++) {
		const char *line = options[n].line;

		if (line && qemu_option(options[n].key, value) && !--i)
			return line;
	}
	return NULL;
}
