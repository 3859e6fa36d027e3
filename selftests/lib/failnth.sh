# SPDX-License-Identifier: GPL-2.0
# dmikey.ko with calls that fail when they are told to (faults/faults.c), in the place
# of dmikey.ko. Source it behind net.sh.
#
#	faults_up		loads what tells them
#	fail_each UNDO COMMAND..	dmikeyctl's commands, each with one call after the
#				other failing (failnth.c); UNDO when one was carried out
#				all the same, for it to go on behind
#	fail_any N		the N-th call from here on, whoever makes it
#	failed_any		1 if it has failed, and no more of them; else 0
#	fail_every N		every N-th; 0: none
#	failed			how many have failed

FAULTS=/sys/kernel/debug/dmikey_faults
FAULTY=/dmikey/bin/dmikey_faulty.ko

faults_up()
{
	mkdir -p /etc/modprobe.d
	echo "install dmikey true" > /etc/modprobe.d/dmikey.conf
	insmod /dmikey/bin/dmikey_faults.ko
}

# sets faults and bad: what has failed, and what should not have been
fail_each()
{
	fail__undo=$1 fail__from=1 faults=0 bad=0
	shift
	while :; do
		: > "$WORK/failnth"
		FAILNTH_LOG=$WORK/failnth FAILNTH_FROM=$fail__from LD_PRELOAD=/dmikey/bin/failnth \
			"$@" > "$WORK/said" 2>&1
		# shellcheck disable=SC2046
		set -- $(awk '/^#/ { next }
			{ n++; faults += $3; bad += $5; if ($6 != "clean") from = $2 + 1 }
			END { print n + 0, faults + 0, bad + 0, from + 0 }' "$WORK/failnth") "$@"
		faults=$((faults + $2)) bad=$((bad + $3)) fail__from=$4
		grep '^#' "$WORK/failnth"
		[ "$1" -gt 0 ] || { cat "$WORK/said"; return 1; }
		shift 4
		[ "$fail__from" -gt 0 ] || break
		$fail__undo > /dev/null 2>&1
	done
	[ "$bad" -eq 0 ]
}

fail_any() { echo "$1" > $FAULTS/any; }
failed_any() { echo $((1 - ($(cat $FAULTS/any) > 0))); echo 0 > $FAULTS/any; }
fail_every() { echo "$1" > $FAULTS/every; }
failed() { cat $FAULTS/count; }
