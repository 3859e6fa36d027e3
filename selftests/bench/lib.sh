# SPDX-License-Identifier: GPL-2.0
# For the scenarios of the benchmark; bash. A scenario is a script that vm.sh
# sources in the VM i, or in r if it has one VM only; its header says what it
# wants (run.sh). What it does not do right it reports by `die`.
#
#	on_r COMMAND..		runs it in the VM r, where nothing else runs; its output,
#				its status. Functions of this file are known there.
#	result NAME VALUE UNIT	a figure, for results.json
#	note TEXT..		for the reader of build/bench/run/*/stream
#	calibrate		what r does when it does nothing; once, first
#	busy_from, busy_to	around the load: sets BUSY, the instructions that r has
#				spent on it, and ELAPSED, both in virtual nanoseconds
#	die TEXT..
#
# r is 10.1.0.1 and fd00:1::1, i is 10.1.0.2 and fd00:1::2. With one VM, on_r runs
# the command in it.

BACKGROUND=0	# instructions of r a second, without a load
READING=0	# those of a reading

die() { echo "bench: $*"; exit 1; }
result() { echo "result $1 $2 $3"; }
note() { echo "note $*"; }

bench_port()
{
	local p

	for p in /sys/class/virtio-ports/*; do
		[ "$(cat "$p/name")" != "$1" ] || { echo "/dev/${p##*/}"; return; }
	done
	return 1
}

bench_connect()
{
	exec 6<> "$(bench_port control)"
	CONNECTED=yes
	on_r true || die "r does not answer"
}

on_r()
{
	local line held=

	[ -n "${CONNECTED:-}" ] || { "$@"; return; }
	printf '%q ' "$@" >&6
	echo >&6
	while IFS= read -r -t "${ON_R_TIMEOUT:-600}" -u 6 line; do
		[ -z "${held#.}" ] || [ "${line#\#= }" = "$line" ] || echo "${held#.}"
		case $line in
		'#= '*)	return "${line#\#= }" ;;
		esac
		[ -z "$held" ] || echo "${held#.}"
		held=.$line
	done
	die "r is lost in: $*"
}

# as r prints it: time since boot, idle time of it
busy() { read -r line < /proc/dmk_busy; echo "$line"; }

busy_read()
{
	# shellcheck disable=SC2046
	set -- $(on_r busy)
	[ $# -eq 2 ] || die "no reading: $*"
	AT=$1 IDLE=$2
}

busy_from()
{
	[ -z "${PROFILE:-}" ] || on_r profile_from
	busy_read
	FROM_AT=$AT FROM_IDLE=$IDLE
}

busy_to()
{
	busy_read
	ELAPSED=$((AT - FROM_AT))
	BUSY=$((ELAPSED - (IDLE - FROM_IDLE) - READING - BACKGROUND * (ELAPSED / 1000) / 1000000))
	[ -z "${PROFILE:-}" ] || on_r profile_to
}

# a sample is a virtual time, so an instruction; what runs with interrupts off is
# seen when they are on again
profile_from()
{
	sysctl -q -w kernel.perf_cpu_time_max_percent=25 \
		kernel.perf_event_max_sample_rate=100000 kernel.perf_cpu_time_max_percent=0
	perf record -q -a -g -e cpu-clock -F 9973 -o /tmp/perf.data sleep 1000 > /dev/null 2>&1 &
	PERF=$!
	sleep 1
}

profile_to()
{
	kill -INT $PERF
	wait $PERF
	perf script -F comm,ip,sym -i /tmp/perf.data >> "$LOGS/perf.txt" 2> /dev/null
}

calibrate()
{
	local least= PROFILE=

	BACKGROUND=0 READING=0
	for _ in 1 2 3 4 5; do
		busy_from; busy_to
		[ -n "$least" ] && [ "$least" -lt "$BUSY" ] || least=$BUSY
	done
	READING=$least
	busy_from; sleep 8; busy_to
	BACKGROUND=$((BUSY * 1000 / (ELAPSED / 1000000)))
	note "a reading costs $READING, an idle second $BACKGROUND"
}

# per TOTAL COUNT
per()
{
	[ "$2" -gt 0 ] || die "nothing has happened"
	awk -v n="$1" -v c="$2" 'BEGIN { printf "%.0f\n", n / c }'
}
