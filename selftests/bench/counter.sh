# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 timeout=300
# How good the counter is: a loop of a billion instructions, a machine at rest, an
# echo request and its answer.
calibrate
for _ in 1 2 3; do
	busy_from; on_r loop 1000; busy_to
	few=$BUSY
	busy_from; on_r loop 500001000; busy_to
	result counter.billion $((BUSY - few)) instructions
	busy_from; sleep 5; busy_to
	note "at rest, in 5 s, beyond what was taken off: $BUSY"
	busy_from; ping -q -c 1000 -i 0.002 fd00:1::1 > /dev/null || die "no echo"; busy_to
	result counter.echo "$(per "$BUSY" 1000)" instructions
done
