#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot several VMs on one Ethernet segment, each with a kernel of its own; run a
# test across them; judge.
#
#	ward.sh [-n NAME] TEST
#
# The TEST, or the name of one in selftests/ward, says in its header which VMs:
#
#	# ward: s1=6.12 gw1=6.1 r1=6.12
#
# Each is booted by run.sh with the test, its name for a host name and the segment
# for eth0. The story is told in the first; lib/ward.sh says how it has the others
# do things. Once it is over they have half a minute to end.
#
# The segment is one QEMU more, without a machine: a hub between UNIX sockets in a
# directory that is the caller's alone. So no privileges are needed, nothing leaves
# the host, and two checks on one host do not meet.
#
# Results go to build/vm/NAME (ward-TEST); those of each VM are also in
# build/vm/NAME-VM, as run.sh leaves them:
#
#	VM.log		what run.sh said
#	tap/*.tap	VM.tap and VM-kernel.tap, of each VM
#	verdict		PASS if it is each VM's, or else a worse one; also the last
#			line printed
#
# Environment: as run.sh.
set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(realpath -m "${O:-$top/build}")
. "$here/vm-option.sh"

die() { echo "ward.sh: $*" >&2; exit 2; }

name=
while getopts n: opt; do
	case $opt in
	n) name=$OPTARG ;;
	*) sed -n '3,31s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || die "which test?"
file=$1
[ -f "$file" ] || file=$top/selftests/ward/$(basename "$1" .sh).sh
[ -f "$file" ] || die "no test $1"
test=$(basename "$file" .sh)
name=${name:-ward-$test}
run=$build/vm/$name
vms=() first=
declare -A kernel=()
for vm in $(ward_vms "$file"); do
	vms+=("${vm%=*}")
	kernel[${vm%=*}]=${vm#*=}
done
[ ${#vms[@]} -ge 2 ] || die "$file does not say which VMs it wants"

# A socket's address has to be short, so it is one in QEMU's own directory.
hub_up()
{
	local vm ports=()

	for vm in "${vms[@]}"; do
		ports+=(-netdev "stream,id=$vm,server=on,addr.type=unix,addr.path=$vm"
			-netdev "hubport,id=hub-$vm,hubid=0,netdev=$vm")
	done
	setpriv --pdeathsig KILL env -C "$run" qemu-system-x86_64 -M none -nodefaults \
		-display none "${ports[@]}" < /dev/null > "$run/hub.log" 2>&1 9>&- &
	for _ in $(seq 300); do
		[ "$(find "$run" -type s | wc -l)" -lt ${#vms[@]} ] || return 0
		kill -0 $! 2> /dev/null || break
		sleep 0.1
	done
	die "no hub: $(cat "$run/hub.log")"
}

# boot VM NUMBER
boot()
{
	local card="virtio-net-pci,netdev=segment,romfile=,mac=52:54:00:00:00:$(printf %02x "$2")"
	local wire="stream,id=segment,server=off,addr.type=unix,addr.path=../$name/$1"

	QEMU_EXTRA="${QEMU_EXTRA:-} -netdev $wire -device $card" setpriv --pdeathsig TERM \
		"$here/run.sh" -k "${kernel[$1]}" -n "$name-$1" -a "dmk.host=$1" "$file" \
		< /dev/null > "$run/$1.log" 2>&1 9>&- &
	first=${first:-$!}
}

# shellcheck disable=SC2046
end()
{
	kill $(jobs -rp)
	wait
} 2> /dev/null

# The first VM's run is bounded by run.sh.
story()
{
	local n=0 vm

	for vm in "${vms[@]}"; do
		n=$((n + 1))
		boot "$vm" $n
	done
	wait "$first"
	for _ in $(seq 300); do
		# the hub
		[ "$(jobs -rp | wc -l)" -gt 1 ] || break
		sleep 0.1
	done
}

# collect VM: its results and, as the last line, its verdict
collect()
{
	local from=$build/vm/$name-$1 t to

	for t in "$test" kernel; do
		to=$run/tap/$1$([ "$t" = "$test" ] || echo "-$t").tap
		[ ! -s "$from/tap/$t.tap" ] || { cp "$from/tap/$t.tap" "$to"; continue; }
		{
			printf 'KTAP version 1\n1..1\nnot ok 1 %s: %s\n' "$1" \
				"no result, the test was over before"
			tail -n 5 "$run/$1.log" | sed 's/^/# /'
		} > "$to"
	done
	cat "$from/verdict" 2> /dev/null || echo FAIL
}

mkdir -p "$build/vm"
exec 9> "$build/vm/.$name.lock"
flock -n 9 || die "a run called $name is going on; -n gives another name"
rm -rf "$run" "${vms[@]/#/"$run-"}"
(umask 077; mkdir -p "$run/tap") || exit 2
trap end EXIT
trap 'exit 130' INT TERM HUP
start=$(date +%s)
hub_up
story
end
trap - EXIT

verdict=PASS
for vm in "${vms[@]}"; do
	word=$(collect "$vm")
	[ "$word" = PASS ] || [ "$verdict" = PANIC ] || verdict=$word
done
rm -f "${vms[@]/#/"$run/"}"
"$here/../ktap-summary" "$run"/tap/*.tap || [ "$verdict" != PASS ] || verdict=FAIL
echo "# ${#vms[@]} VMs, $(($(date +%s) - start)) s in all"
echo "$verdict" | tee "$run/verdict"
[ "$verdict" = PASS ]
