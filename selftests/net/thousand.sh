#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=1024 timeout=600 bin="jq" kernels="6.1"
# 1,000 sessions in a row, 250 of each of four sensors at once: what they leave
# is the last one of each sensor, and what is remembered is forgotten. A sensor
# takes its SAs with it when it ends: its last session is one of a run that lasts.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/left.sh"

EACH=250	# sessions of a sensor
SKEW=30		# seconds; twice that is how long a message is remembered
REST=130	# seconds until groups and shares on their way are forgotten
# KiB of slabs that may stay: the SAs of 4 sessions, and pages half full
SLAB=2048

# Besides a copy of what is being worked on, which a slow machine may see.
refusals() { dmikeyctl -n "$1" stats | awk '$1 != "-" && $2 != "repeated" && $3'; }

slab_is_back() { [ $(($(left_slab) - slab)) -le $SLAB ]; }

# run SENSOR OPTIONS..
run()
{
	run__n=$1
	shift
	in_ns "s$run__n" dmikey-sensor --interval 10 -c "$WORK/s$run__n.conf" "$@" \
		> "$WORK/out$run__n" 2>&1
}

# states SENSOR NS: the SPIs of its SAs there
states() { ip -n "$2" -o xfrm state | grep "$(addr "s$1") " |
	grep -o 'spi 0x[0-9a-f]*' | sort | xargs echo; }

ktap_plan 19
net_up 2 4
{ tp_up 1; tp_up 2; r_up 1; } 2> /dev/null
for p in gw1 gw2 r1; do dmikeyctl -n "$p" instance set skew $SKEW; done
listen r1 "$WORK/readings"
for s in 1 2 3 4; do
	sensor_conf $s 2 2 > /dev/null
	run $s --readings 1 || diag < "$WORK/out$s"
done
sleep 2
slab=$(left_slab)
: > "$WORK/readings"

since=$(date +%s)
pids=
for s in 1 2 3 4; do
	run $s --sessions $((EACH - 1)) --readings 1 --timeout 400 &
	pids="$pids $!"
done
s=0
for pid in $pids; do
	s=$((s + 1))
	wait "$pid"
	status=$?
	ktap_equal "sensor $s has had its sessions" $status 0
	[ $status -eq 0 ] || tail -n 5 "$WORK/out$s" | diag
done
diag "$((4 * EACH - 4)) sessions in $(($(date +%s) - since)) s"
for s in 1 2 3 4; do run $s --interval 100000 & done
peak=$(left_slab)

ktap_run "all readings arrive" ktap_wait 10 \
	sh -c "[ \$(wc -l < $WORK/readings) -eq $((4 * EACH)) ]"
# confirmed, and with it the last but one has ended
ktap_run "the last ones are in use" ktap_wait 30 is counter r1 session-ended $((4 * EACH))
ktap_equal "established" "$(counter r1 session-established)" $((4 * EACH + 4))
ktap_equal "confirmed" "$(counter r1 session-confirmed)" $((4 * EACH + 4))
ktap_equal "one session of each sensor" \
	"$(dmikeyctl -j -n r1 session | jq -r '.[].sensor' | sort | xargs echo)" \
	"nai:sensor1@example nai:sensor2@example nai:sensor3@example nai:sensor4@example"
ktap_equal "their SAs at R" "$(left_states r1)" 8
for s in 1 2 3 4; do
	ktap_equal "those of sensor $s are the same there" "$(states $s s$s)" "$(states $s r1)"
done
for p in gw1 gw2 r1; do
	ktap_equal "$p has refused nothing" "$(refusals $p)" ""
done

ktap_run "what is remembered is forgotten" ktap_wait $REST slab_is_back
diag "slabs: $slab KiB before, $peak behind the last session, $(left_slab) at rest"
pkill_in s1 TERM
ktap_run "and another session comes" ktap_wait 5 run 1 --readings 1
ktap_end
