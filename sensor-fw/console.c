// SPDX-License-Identifier: GPL-2.0
#include "console.h"
#include "drv/systick.h"
#include "drv/usart.h"

void console_text(const char *s)
{
	usart_console(s, strlen(s));
}

void console_bytes(struct dmk_span s)
{
	u32 i;
	char c;

	for (i = 0; i < s.len; i++) {
		c = s.data[i] >= ' ' && s.data[i] <= '~' ? s.data[i] : '?';
		usart_console(&c, 1);
	}
}

/* at least @width digits of @n to @base */
static void digits(u32 n, u32 base, u32 width)
{
	char text[10];
	u32 at = sizeof(text);

	do {
		text[--at] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n || sizeof(text) - at < width);
	usart_console(text + at, sizeof(text) - at);
}

void console_number(u32 n)
{
	digits(n, 10, 1);
}

void console_hex(u32 n)
{
	digits(n, 16, 8);
}

void console_begin(const char *what)
{
	u32 now = systick_ms();

	console_text("[");
	digits(now / 1000, 10, 1);
	console_text(".");
	digits(now % 1000, 10, 3);
	console_text("] ");
	console_text(what);
}

void console_end(void)
{
	console_text("\r\n");
}

void console_line(const char *what, const char *s)
{
	console_begin(what);
	console_text(s);
	console_end();
}
