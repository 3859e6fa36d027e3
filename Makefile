# SPDX-License-Identifier: GPL-2.0
# dmikey: IPsec keys for sensors, by MIKEY.
#
#	make			userspace, and modules for all three kernels
#	make modules KERNEL=6.12
#	make check		everything that must hold; the last line is the count
#				(builds two debugging kernels the first time: minutes)
#	make kunit		the module's suites by KUnit in User-Mode Linux: seconds
#	make kcsan		data races of the module, by KCSAN: minutes, and a kernel of
#				its own the first time
#	make fuzz SECONDS=n TARGET=x
#				libFuzzer on what parses: all targets, 60 s each, unless told
#	make coverage		which lines of core/ unit tests and the fuzz inputs reach
#	make check-unit, make check-fw, make check-vm KERNEL=6.1
#	make check-long		every VM test on every kernel, and the long forms: a day
#	make static		what tools see without running anything: sparse, clang,
#				cppcheck, coccinelle, checkpatch, stack (KTAP)
#	make prove		no run-time error in core/'s parser and sharing, by Frama-C;
#				Documentation/assurance/prove.md
#	make demo		the whole story in one VM, with the firmware as the sensor
#	make demo SENSOR=linux	the same with the program dmikey-sensor
#	make firmware		build/fw/{f405,f100}/dmikey.elf, and dmikey-qemu.elf
#	make flash BOARD=f405	write it to a chip (or BOARD=f100)
#	make size		what it takes of flash and RAM, against the limits
#	make deb		Debian's packages, in build/deb
#	make firmware-bench	what a session costs it: Documentation/firmware-cost.md
#	make bench		what everything costs, beside its peers: half an hour;
#				Documentation/benchmark.md
#	make pictures		Documentation/pictures/*.svg from their sources
#
# Everything built goes under build/ (or O=). What a kernel's own build needs
# stands in Kbuild; `make -C KDIR M=$PWD modules` works as for any module.

O ?= build
KERNEL ?= 6.1
KERNELS ?= 6.1 6.12 7
SELFTEST ?= y
SENSOR ?= board

ifeq ($(filter board linux,$(SENSOR)),)
$(error SENSOR is board, the firmware in QEMU, or linux, the program)
endif

override O := $(abspath $(O))
export O

.PHONY: all deps modules modules-all agent tools unit net check kunit kcsan check-unit check-vm \
	check-long check-fw check-harness static prove fuzz coverage demo deb firmware fw-tests \
	flash size firmware-bench bench pictures clean distclean
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
	+@MAKE="$(MAKE)" scripts/check.sh $(KERNELS) debug uml

kunit: deps
	+@$(MAKE) --no-print-directory modules KERNEL=uml
	@selftests/vm/run.sh -k uml kernel_vectors

kcsan: deps
	+@$(MAKE) --no-print-directory agent tools net
	+@$(MAKE) --no-print-directory modules KERNEL=kcsan SELFTEST=n
	@selftests/vm/run.sh -k kcsan -t 600 -a LASTS=120 races

check-unit: deps
	+@MAKE="$(MAKE)" scripts/check.sh unit

check-fw: deps
	+@MAKE="$(MAKE)" scripts/check.sh fw

# What runs in the VM is what was built: build first.
check-vm: deps
	+@MAKE="$(MAKE)" scripts/check.sh build vm \
		$(if $(filter command%,$(origin KERNEL)),$(KERNEL),$(KERNELS) debug uml)

check-long: deps
	+@MAKE="$(MAKE)" scripts/check.sh build long \
		$(if $(filter command%,$(origin KERNEL)),$(KERNEL),$(KERNELS) debug uml kcsan)

# Scripts that fail, hang and panic on purpose: does the harness notice?
check-harness: deps
	@selftests/vm/prove.sh $(KERNELS)

# Sources to look at it needs of two kernels: headers to build for, scripts to look with.
static: deps
	@selftests/vm/kernels.sh 6.1 debug
	@LONG=1 scripts/static.sh

prove: deps
	@O=$(O) selftests/long/prove.sh

demo: deps
	+@{ $(MAKE) --no-print-directory agent tools net $(if $(filter linux,$(SENSOR)),,firmware) && \
		$(MAKE) --no-print-directory modules SELFTEST=n; } >&2
	@selftests/vm/run.sh -l -k $(KERNEL) -n demo-$(KERNEL) \
		selftests/vm/demo$(if $(filter linux,$(SENSOR)),_linux).sh

deb: deps
	@O=$(O) scripts/deb.sh

firmware:
	+@$(MAKE) --no-print-directory -C sensor-fw O=$(O)

flash: firmware
	@scripts/fw-flash.sh "$(BOARD)" "$(O)/fw/$(BOARD)/dmikey.elf"

# What is at the other end of a board's line in QEMU.
fw-tests: tools
	+@$(MAKE) --no-print-directory -C selftests/fw O=$(O)

# The deepest stack is measured by one of the firmware's tests.
size: firmware fw-tests
	@for b in f405 f100; do \
		[ $(O)/fw/$$b/stack -nt $(O)/fw/$$b/dmikey-qemu.elf ] || \
			{ rm -f $(O)/fw/*/stack; \
			  selftests/fw/session.sh > $(O)/fw/session.log 2>&1; break; }; done
	@scripts/fw-size.sh $(O)

# What a session costs a sensor, in instructions; the page is the result.
firmware-bench: deps
	+@O=$(O) MAKE="$(MAKE)" scripts/fw-bench.sh > Documentation/firmware-cost.md

bench: deps
	+@O=$(O) MAKE="$(MAKE)" scripts/bench.sh

pictures: deps
	@scripts/pictures.sh

SECONDS ?= 60

fuzz: deps
	+@$(MAKE) --no-print-directory -C selftests/fuzz O=$(O)
	@O=$(O) selftests/fuzz/fuzz.sh seconds $(SECONDS) $(TARGET)

coverage: deps
	@O=$(O) MAKE="$(MAKE)" selftests/fuzz/coverage.sh

# The downloads survive a clean.
clean:
	rm -rf $(O)/agent $(O)/tools $(O)/core $(O)/fw $(O)/selftests $(O)/modules \
		$(O)/results $(O)/vm $(O)/bench $(O)/deb $(O)/coverage

distclean:
	rm -rf $(O)
