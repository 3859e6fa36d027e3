# SPDX-License-Identifier: GPL-2.0
# bringup.c on the drivers, for both boards, as for QEMU and as for the chip:
#
#	make -f bringup.mk O=<absolute directory>
fw := $(abspath ../../sensor-fw)

CROSS_COMPILE ?= arm-none-eabi-
CC := $(CROSS_COMPILE)gcc
cpu_f405 := -mcpu=cortex-m4 -mfloat-abi=soft
cpu_f100 := -mcpu=cortex-m3
include $(fw)/drv/drivers.mk
flags_release :=
flags_qemu := -DDMK_QEMU
CFLAGS := -std=gnu11 -Os -g -mthumb -ffunction-sections \
	  -fdata-sections -Wall -Wextra -Werror

.PHONY: all
all: $(foreach b,f405 f100,$(foreach v,qemu release,$(O)/$(b)-$(v).elf))

define image
$(O)/$(1)-$(2).elf: bringup.c $$(drivers_$(1)_$(2):%=$(fw)/%.c) \
		$(fw)/board/startup.c $(fw)/board/$(1)/board.c \
		$(fw)/board/$(1)/memory.ld $(fw)/board/sections.ld
	$$(CC) $$(cpu_$(1)) $$(CFLAGS) $$(flags_$(2)) -iquote $(fw)/drv -iquote $(fw)/board \
		-iquote $(fw)/board/$(1) -iquote ../../core -nostartfiles --specs=nano.specs \
		-Wl,--gc-sections -L $(fw)/board -T $(fw)/board/$(1)/memory.ld \
		-o $$@ $$(filter %.c,$$^)
endef
$(foreach b,f405 f100,$(foreach v,qemu release,$(eval $(call image,$(b),$(v)))))
