#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run a scenario of the benchmark:
#
#	run.sh image		makes build/bench/image from what is built
#	run.sh [-p] SCENARIO [NAME]
#				boots the VMs, prints the scenario's results and
#				notes; fails if it did. NAME: of the run. With -p,
#				perf samples r between the readings: perf.txt
#
# A SCENARIO is a script, or the name of one beside this file. What it wants of
# its VMs stands in a comment line near its top, as in selftests/vm/vm-option.sh:
#
#	# vm: vms=2 cpus=1 mem=1024 icount=no timeout=600 args="..."
#
#	vms	2 (default): the script runs in the VM i, r is the one measured;
#		1: the script runs in r
#	icount	in r every guest instruction takes a virtual nanosecond, on one
#		CPU; with `no` the clock is the host's
#	cpus mem args	of r (1, 1024 MiB); i has one CPU and 1024 MiB
#	timeout	seconds of the host's time for all of it, boot included (600)
#
# The image is that of the tests, with everything below selftests/bench, and the
# tree build/bench/root, where fetched programs are. lib.sh says what a scenario
# can use. What the VMs said is in build/bench/run/NAME: stream (i or r, where
# the script runs), console-r.log, console-i.log.
#
# Environment: O=<build directory>
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(realpath -m "${O:-$top/build}")
bench=$build/bench
kernel=6.1
export O=$build
. "$top/selftests/vm/vm-option.sh"

die() { echo "bench/run.sh: $*" >&2; exit 1; }

image()
{
	local vm=$top/selftests/vm base=$build/vm/base-$kernel.cpio

	mkdir -p "$build/vm" "$bench"
	"$vm/kernels.sh" $kernel
	(
		flock 8
		"$vm/initramfs.sh" base $kernel "$base"
		BASE=$base "$vm/initramfs.sh" overlay $kernel "$bench/overlay.cpio" "$here/vm.sh"
	) 8> "$build/vm/.base-$kernel.lock"
	: > "$bench/root.cpio"
	[ ! -d "$bench/root" ] || (cd "$bench/root" && find . -mindepth 1 | LC_ALL=C sort |
		cpio -o -H newc -R 0:0 --quiet) > "$bench/root.cpio"
	cat "$base" "$bench/overlay.cpio" "$bench/root.cpio" > "$bench/image.new"
	mv "$bench/image.new" "$bench/image"
	rm "$bench/overlay.cpio" "$bench/root.cpio"
}

# perf, with what it is linked to; the figures are others with it
image_perf()
{
	local root f

	f=$(type -P perf) || die "perf is not installed: package linux-perf"
	root=$(mktemp -d)
	mkdir -p "$root/usr/bin" "$root/usr/lib/x86_64-linux-gnu"
	cp "$f" "$root/usr/bin/"
	ldd "$f" | sed -n 's/^.*=> \(\/[^ ]*\) (.*/\1/p' |
		xargs -I{} cp -L {} "$root/usr/lib/x86_64-linux-gnu/"
	(cd "$root" && find usr | cpio -o -H newc -R 0:0 --quiet) | cat "$bench/image" - > "$run/image"
	rm -rf "$root"
	image=$run/image profile=dmk.profile=yes
}

# vm ROLE CPUS MEM ACCEL ARGS [QEMU..]
vm()
{
	local role=$1 cpus=$2 mem=$3 accel=$4 args=$5
	shift 5

	# cmpxchg16b of QEMU 7.2's emulation corrupts the flags: never offer it. With
	# erms and fsrm the kernel clears and copies by `rep stosb`, where each byte
	# counts as an instruction.
	# shellcheck disable=SC2086
	exec timeout --foreground -k 5 "$limit" env -C "$run" qemu-system-x86_64 $accel \
		-cpu max,-cx16,-erms,-fsrm -smp "$cpus" -m "$mem" -nodefaults -display none -no-reboot \
		-kernel "$build/kernels/$kernel/vmlinuz" -initrd "$image" \
		-append "console=ttyS0 no_timer_check panic=-1 panic_on_warn=1 oops=panic dmk.now=$now \
dmk.role=$role dmk.cpus=$cpus dmk.vms=$vms dmk.scenario=$scenario $profile $args" \
		-chardev "file,id=console,path=console-$role.log" -serial chardev:console \
		-device virtio-rng-pci \
		-device virtio-serial-pci,ioeventfd=off \
		-chardev "file,id=tests,path=stream-$role" \
		-device virtserialport,chardev=tests,name=tests \
		-chardev "file,id=logs,path=logs-$role.tar" \
		-device virtserialport,chardev=logs,name=logs "$@" \
		2> "$run/qemu-$role.log" < /dev/null
}

wire="-device virtio-net-pci,netdev=wire"
control="-device virtserialport,chardev=control,name=control -chardev socket,id=control"

# shellcheck disable=SC2086
vm_r()
{
	local accel="-accel tcg,thread=single -icount shift=0,sleep=on"

	[ "$(vm_option "$file" icount yes)" = yes ] || accel="-accel tcg,thread=multi"
	[ $vms -eq 1 ] || set -- $wire -netdev stream,id=wire,server=on,addr.type=unix,addr.path=wire \
		$control,path=control,server=on,wait=off
	vm r "$(vm_option "$file" cpus 1)" "$(vm_option "$file" mem 1024)" "$accel" \
		"$(vm_option "$file" args "")" "$@"
}

# shellcheck disable=SC2086
vm_i()
{
	vm i 1 1024 "-accel tcg" "" \
		$wire -netdev stream,id=wire,server=off,addr.type=unix,addr.path=wire \
		$control,path=control,reconnect=1
}

scenario()
{
	local last=r status=0

	vm_r & pids=$!
	if [ $vms -eq 2 ]; then
		last=i
		until [ -S "$run/wire" ] && [ -S "$run/control" ]; do sleep 0.1; done
		vm_i & pids="$pids $!"
	fi
	wait "${pids##* }" || status=$?
	# r may say good-bye, but not for long
	for _ in $(seq 100); do kill -0 "${pids%% *}" 2> /dev/null || break; sleep 0.1; done
	# shellcheck disable=SC2086
	kill $pids 2> /dev/null || :
	wait
	ln -f "$run/stream-$last" "$run/stream"
	for f in "$run"/logs-?.tar; do
		mkdir -p "${f%.tar}"
		tar -C "${f%.tar}" -xf "$f" 2> /dev/null || :
		rm "$f"
	done
	return $status
}

main()
{
	profile= image=$bench/image
	[ "${1:-}" != image ] || { image; exit; }
	[ "${1:-}" != -p ] || { profile=wanted; shift; }
	file=${1:?which scenario}
	[ -f "$file" ] || file=$here/$file.sh
	[ -f "$file" ] || die "no scenario $1"
	file=$(realpath "$file")
	[ "$file" != "${file#"$here"/}" ] || die "$file is not below $here"
	scenario=selftests/bench/${file#"$here"/}
	[ -s "$bench/image" ] || die "no image: run.sh image"
	name=${2:-$(basename "$file" .sh)}
	vms=$(vm_option "$file" vms 2) limit=$(vm_option "$file" timeout 600) now=$(date +%s)
	run=$bench/run/$name
	rm -rf "$run"
	mkdir -p "$run"
	[ -z "$profile" ] || image_perf

	pids=
	trap 'kill $pids 2> /dev/null; exit 130' INT TERM HUP
	status=0
	scenario || status=$?
	trap - INT TERM HUP
	[ -z "$profile" ] || { cp "$run"/logs-r/perf.txt "$run/" && rm "$run/image"; }
	tr -d '\r' < "$run/stream" | grep -E '^(result|note) ' || :
	! grep -aE 'Kernel panic|BUG:|WARNING:|Oops' "$run"/console-?.log >&2 ||
		die "$name: a kernel complains"
	[ $status -eq 0 ] || die "$name: QEMU ended with $status (124: after $limit s), see $run"
	grep -q '^#@ end vm 0' "$run/stream" || {
		tail -n 15 "$run/stream" >&2
		die "$name failed, see $run"
	}
}

# all of it is read before it runs: it may be edited meanwhile
main "$@"
exit
