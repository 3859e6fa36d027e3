/* SPDX-License-Identifier: GPL-2.0 */
/* What the linker script knows: addresses; a size is a symbol's address too. */
#ifndef BOARD_LAYOUT_H
#define BOARD_LAYOUT_H

#include "port.h"

extern u32 __stack_bottom[], __stack_top[], __stack_size[];
extern u32 __data_start[], __data_end[], __bss_start[], __bss_end[];
extern const u32 __data_load[];
extern const u8 __keys_start[], __keys_size[];
extern u8 __log_a_start[], __log_b_start[], __log_size[];

#endif
