# SPDX-License-Identifier: GPL-2.0
# Which files of drv/ belong to which image: $(drivers_BOARD_VARIANT), without
# their suffix. Startup and the board's own files are in board/.

drivers_all := flash_layout mpu reset systick usart
drivers_release := $(drivers_all) flash watchdog
drivers_qemu := $(drivers_all) qemu qemu_flash qemu_watchdog semihost

drivers_f405_release := $(addprefix drv/,$(drivers_release) flash_f4 rng_f4)
drivers_f100_release := $(addprefix drv/,$(drivers_release) flash_f1 rng_none)
drivers_f405_qemu := $(addprefix drv/,$(drivers_qemu) qemu_rng)
drivers_f100_qemu := $(addprefix drv/,$(drivers_qemu) rng_none)
