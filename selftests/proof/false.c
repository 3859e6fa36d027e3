// SPDX-License-Identifier: GPL-2.0
/* What must not be proved: a byte behind the datagram that may be read. */
#include "wire.c"

/*@ requires cursor(c);
    terminates \true;
    assigns \nothing;
 */
static u8 byte_behind(const struct dmk_cursor *c)
{
	return c->data[c->len];
}
