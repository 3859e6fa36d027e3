# SPDX-License-Identifier: GPL-2.0
# dmikey: IPsec keys for sensors, by MIKEY.
#
#	make			userspace, and modules for both kernels
#	make modules KERNEL=6.12
#	make check		everything that must hold; the last line is the count
#				(builds a debugging kernel the first time: minutes)
#	make check-unit, make check-vm KERNEL=6.1
#	make demo		the whole story in one VM
#	make firmware		build/fw/{f405,f100}/dmikey.elf, and dmikey-qemu.elf
#	make flash BOARD=f405	write it to a chip (or BOARD=f100)
#	make size		what it takes of flash and RAM, against the limits
#
# Everything built goes under build/ (or O=). What a kernel's own build needs
# stands in Kbuild; `make -C KDIR M=$PWD modules` works as for any module.

O ?= build
KERNEL ?= 6.1
KERNELS ?= 6.1 6.12
SELFTEST ?= y

override O := $(abspath $(O))
export O

.PHONY: all deps modules modules-all agent tools unit net check check-unit check-vm \
	check-harness demo firmware flash size clean distclean
.DEFAULT_GOAL := all

all: agent tools modules-all

deps:
	@scripts/install-deps.sh

modules:
	+@MAKE="$(MAKE)" SELFTEST=$(SELFTEST) scripts/modules.sh $(KERNEL)

# One after the other: each has its own parallel make inside.
modules-all:
	+@for k in $(KERNELS); do MAKE="$(MAKE)" scripts/modules.sh $$k || exit; done

# Each room builds itself under $(O); the rooms know each other only by headers.
agent tools:
	+@if [ -e $@/Makefile ]; then $(MAKE) --no-print-directory -C $@ O=$(O); fi

unit:
	+@if [ -e selftests/unit/Makefile ]; then \
		$(MAKE) --no-print-directory -C selftests/unit O=$(O); fi

# Programs that tests in the VM run against the module.
net:
	+@$(MAKE) --no-print-directory -C selftests/net O=$(O)

check: deps
	+@MAKE="$(MAKE)" scripts/check.sh $(KERNELS) debug

check-unit: deps
	+@MAKE="$(MAKE)" scripts/check.sh unit

# What runs in the VM is what was built: build first.
check-vm: deps
	+@MAKE="$(MAKE)" scripts/check.sh build vm \
		$(if $(filter command%,$(origin KERNEL)),$(KERNEL),$(KERNELS) debug)

# Scripts that fail, hang and panic on purpose: does the harness notice?
check-harness: deps
	@selftests/vm/prove.sh $(KERNELS)

demo: deps
	+@{ $(MAKE) --no-print-directory agent tools && \
		$(MAKE) --no-print-directory modules SELFTEST=n; } >&2
	@selftests/vm/run.sh -l -k $(KERNEL) -n demo-$(KERNEL) selftests/vm/demo.sh

firmware:
	+@$(MAKE) --no-print-directory -C sensor-fw O=$(O)

flash: firmware
	@scripts/fw-flash.sh "$(BOARD)" "$(O)/fw/$(BOARD)/dmikey.elf"

# The stack is measured by the firmware's tests in QEMU.
size: firmware
	@scripts/fw-size.sh $(O)

# The downloads survive a clean.
clean:
	rm -rf $(O)/agent $(O)/tools $(O)/core $(O)/fw $(O)/selftests $(O)/modules \
		$(O)/results $(O)/vm

distclean:
	rm -rf $(O)
