#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot a kernel in QEMU, or User-Mode Linux without, run test scripts in it, judge.
#
#	run.sh [-k 6.1|6.12|7|debug|uml|kcsan] [-c CPUS] [-m MEM] [-t SECONDS]
#	       [-a "kernel args"] [-n NAME] [-l] TEST...
#
#	-t	limit for each test, instead of its header's
#	-n	name of the run (the kernel and the first test)
#	-l	live: the scripts' output on stdout, the verdict on stderr,
#		the exit status is the last script's
#
# A TEST is a script, or the name of one in selftests/net. What it may ask of
# its VM stands in vm-option.sh. Results go to build/vm/NAME:
#
#	console.log	the kernel's words (first-console.log: of a boot that never got to
#			init; there is a second one then)
#	results.tap	everything, one subtest a script
#	tap/*.tap	one file a script, and kernel.tap: how the boot went
#	logs/		what the scripts left in $TEST_LOGS
#	verdict		PASS, FAIL, PANIC or TIMEOUT; also the last line printed
#	sensor.log	the console of a board, with board.log and flash.bin beside it
#
# Environment: ACCEL=kvm (default tcg), QEMU_EXTRA, DMK_NOW=<epoch>, BOOT_SECONDS that
# init has to say something (240), KEEP=1 keeps the initramfs, O=<build directory>.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(realpath -m "${O:-$top/build}")
. "$here/vm-option.sh"

die() { echo "run.sh: $*" >&2; exit 2; }

kernel=${KERNEL:-6.1} cpus= mem= limit= args= name= live= board= peers= icount=
while getopts k:c:m:t:a:n:l opt; do
	case $opt in
	k) kernel=$OPTARG ;;
	c) cpus=$OPTARG ;;
	m) mem=$OPTARG ;;
	t) limit=$OPTARG ;;
	a) args=$OPTARG ;;
	n) name=$OPTARG ;;
	l) live=1 ;;
	*) sed -n '3,29s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || die "which test?"

# a kernel that watches takes its time
[ "$kernel" = debug ] && slow=3 || slow=1
tests=() want_cpus=1 want_mem=512 budget=0
for t; do
	[ -f "$t" ] || t=$top/selftests/net/$(basename "$t" .sh).sh
	[ -f "$t" ] || die "no test $t"
	tests+=("$t")
	n=$(vm_option "$t" cpus 1); [ "$n" -le "$want_cpus" ] || want_cpus=$n
	n=$(vm_option "$t" mem 512); [ "$n" -le "$want_mem" ] || want_mem=$n
	budget=$((budget + slow * ${limit:-$(vm_option "$t" timeout 120)} + 10))
	args="$args $(vm_option "$t" args "")"
	board=$(vm_option "$t" board "$board")
	peers=$(vm_option "$t" peers "$peers")
	icount=$(vm_option "$t" icount "$icount")
done
image=$build/fw/$board/dmikey-qemu.elf
[ -z "$board" ] || [ -s "$image" ] || die "no $image: make firmware"
cpus=${cpus:-$want_cpus} mem=${mem:-$want_mem}
first=$(basename "${tests[0]}" .sh)
name=${name:-$kernel-$first}
# A boot takes seconds; a crowded machine gets minutes.
budget=$((budget + 120))

run=$build/vm/$name
mkdir -p "$build/vm"
exec 9> "$build/vm/.$name.lock"
flock -n 9 || die "a run called $name is going on; -n gives another name"
rm -rf "$run"
mkdir -p "$run/tap" "$run/logs"

"$here/kernels.sh" "$kernel"
kdir=$build/kernels/$kernel
[ -z "$peers" ] || "$top/selftests/bench/peers/fetch.sh"
(
	flock 8
	"$here/initramfs.sh" base "$kernel" "$build/vm/base-$kernel.cpio"
	BASE=$build/vm/base-$kernel.cpio timeout=$limit slow=$slow "$here/initramfs.sh" \
		overlay "$kernel" "$run/overlay.cpio" "${tests[@]}"
	cat "$build/vm/base-$kernel.cpio" "$run/overlay.cpio" > "$run/initramfs"
	[ -z "$peers" ] || (cd "$build/bench/root" && find . -mindepth 1 |
		cpio -o -H newc -R 0:0 --quiet) >> "$run/initramfs"
) 8> "$build/vm/.base-$kernel.lock"

case ${ACCEL:-tcg} in
kvm)	accel="-accel kvm -cpu host" ;;
# cmpxchg16b of QEMU 7.2's emulation corrupts the flags: never offer it.
*)	accel="-accel tcg,thread=multi -cpu max,-cx16" ;;
esac
# with erms and fsrm each byte that is cleared or copied counts as an instruction
if [ -n "$icount" ]; then
	accel="-accel tcg,thread=single -icount shift=0,sleep=on -cpu max,-cx16,-erms,-fsrm"
	cpus=1
fi
[ "$kernel" != uml ] || cpus=1

# a host that is busy gives QEMU no time for the ticks that the kernel looks for
cmdline="console=ttyS0 no_timer_check ignore_loglevel panic=-1 panic_on_warn=1 oops=panic"
cmdline="$cmdline dmk.now=${DMK_NOW:-$(date +%s)} dmk.cpus=$cpus"
[ -z "${COLUMNS:-}" ] || cmdline="$cmdline dmk.columns=$COLUMNS"

# shellcheck disable=SC2086
set -- qemu-system-x86_64 $accel -smp "$cpus" -m "$mem" -nodefaults -display none -no-reboot \
	-kernel "$kdir/vmlinuz" -initrd "$run/initramfs" -append "$cmdline $args" \
	-chardev "file,id=console,path=$run/console.log" -serial chardev:console \
	-device virtio-serial-pci \
	-chardev "file,id=tests,path=$run/stream" \
	-device virtserialport,chardev=tests,name=tests \
	-chardev "file,id=logs,path=$run/logs.tar" \
	-device virtserialport,chardev=logs,name=logs \
	-device virtio-rng-pci ${QEMU_EXTRA:-}

# A program with consoles, which are files that boot() opens for it. Its clock does not
# wait for what sleeps: minutes of waiting are seconds, and what computes takes its time.
# The kernel and its programs run in turns, on one CPU in half of the time.
if [ "$kernel" = uml ]; then
	[ -z "$board" ] || die "User-Mode Linux has no line to a board"
	# shellcheck disable=SC2086
	set -- taskset -c "$(taskset -cp $$ | sed 's/.*[ ,-]//')" "$kdir/vmlinuz" time-travel \
		"mem=${mem}M" "initrd=$run/initramfs" con=null con0=null,fd:1 \
		con1=null,fd:3 con2=null,fd:4 ${cmdline#console=* } $args
fi

# Addresses of sockets have to be short, so QEMU's directory is $run.
if [ -n "$board" ]; then
	set -- "$@" -chardev socket,id=line,path=line,server=on,wait=off -serial chardev:line \
		-monitor unix:monitor,server=on,wait=off
	for p in sensor=console board=board; do
		set -- "$@" -device "virtserialport,chardev=${p%=*},name=${p%=*}" \
			-chardev "socket,id=${p%=*},path=${p#*=},server=on,wait=off"
	done
fi

# comes_up PID: ends the VM if init says nothing for minutes
comes_up()
{
	local i

	for i in $(seq "${BOOT_SECONDS:-240}"); do
		[ ! -s "$run/stream" ] && kill -0 "$1" || return 0
		sleep 1
	done
	kill "$1"
}

# boot COMMAND...: sets status
boot()
{
	touch "$run/stream" "$run/console.log"
	timeout --foreground -k 5 "$budget" env -C "$run" "$@" < /dev/null > "$run/console.log" \
		2> "$run/qemu.log" 3> "$run/stream" 4> "$run/logs.tar" 8>&- 9>&- &
	qemu=$!
	comes_up $qemu > /dev/null 2>&1 8>&- 9>&- &
	# ends with the VM
	[ -z "$board" ] || "$here/board.sh" "$board" "$run" "$image" < /dev/null 8>&- 9>&- &
	if [ -n "$live" ]; then
		# Without our own lines, and the empty one before each "end".
		tail -n +1 -f --pid=$qemu "$run/stream" | sed -u -e 's/\r$//' \
			-e '/^$/{' -e '$!N' -e '/^\n#@ /d' -e 'P;D' -e '}' -e '/^#@ /d' &
		# a signal is heard while one waits, not while a program runs
		wait $!
	fi
	status=0
	wait $qemu || status=$?
	wait
}

trap 'kill $qemu 2>/dev/null; exit 130' INT TERM HUP
start=$(date +%s%N)
boot "$@"
# QEMU 7.2's emulation of two CPUs can lose a race against a kernel that patches its own
# code at boot, or looks for its clocks. As long as init has not run, nothing of ours has.
if [ ! -s "$run/stream" ] && [ -s "$run/console.log" ]; then
	echo "run.sh: the kernel did not come to init; once more" >&2
	mv "$run/console.log" "$run/first-console.log"
	boot "$@"
fi
trap - INT TERM HUP
seconds=$(( ($(date +%s%N) - start) / 100000000 ))
seconds=$((seconds / 10)).$((seconds % 10))

tar -C "$run/logs" -xf "$run/logs.tar" 2>/dev/null || :
rm -f "$run/logs.tar" "$run/overlay.cpio" "$run"/{line,console,board,monitor}
[ -n "${KEEP:-}" ] || rm -f "$run/initramfs"

report=$(LIVE=$live "$here/judge.sh" "$run" "$status" "$seconds" "${tests[@]}")
verdict=${report##*$'\n'}
echo "$verdict" > "$run/verdict"

if [ -n "$live" ]; then
	last=$(basename "${tests[-1]}" .sh)
	status=$(sed -n "s/^#@ end $last \([0-9]*\).*/\1/p" "$run/stream" | tail -n 1)
	if [ "$verdict" != PASS ]; then
		echo "run.sh: $verdict, see build/vm/$name" >&2
		[ -n "$status" ] && [ "$status" -ne 0 ] || status=1
	fi
	exit "$status"
fi
echo "$report"
[ "$verdict" = PASS ]
