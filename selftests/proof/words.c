// SPDX-License-Identifier: GPL-2.0
/*
 * load() and store() of core/share.c copy between bytes and a word, which WP's
 * model of memory cannot express: Eva runs them on exactly as much memory as
 * their contracts ask for.
 */
#include "share.c"

void words(void)
{
	u8 from[sizeof(word)] = { 1 }, to[sizeof(word)];

	store(to, load(from));
}
