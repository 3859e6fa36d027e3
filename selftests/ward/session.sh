#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ward: s1=6.12 gw1=6.1 gw2=6.12 gw3=6.1 r1=6.12
# vm: mem=384 timeout=300 bin="jq"
# The distributed mode across five machines of both kernels, with agents: sessions,
# updates, a third party that lies, one that loses its power, and what each machine
# has counted in the end.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/agent.sh"
. "$here/../lib/ward.sh"

SENSOR=$WORK/sensor READINGS=$WORK/readings PCAP=$WORK/segment.pcap

# ---- what they do when they are told

gateway_up() { gateway_conf "$1" && agent_up "$1"; }

responder_up()
{
	responder_conf r1 && agent_up r1 || return
	r_policy r1 s1 7777
	listen r1 "$READINGS"
}

agent_down() { kill "$(cat "$WORK/$1/state/dmikeyd.pid")"; }
liar_down() { kill "$(pidof liar)"; }

# everything on the segment passes every machine
capture_up()
{
	tcpdump -Z root -n -U -i eth0 -w "$PCAP" 2> /dev/null &
	ktap_wait 10 test -s "$PCAP"
}
# readings of four sessions
captured_esp() { [ "$(tcpdump -Z root -nn -r "$PCAP" esp 2> /dev/null | wc -l)" -ge 34 ]; }
in_clear() { grep -ac 'hr=' "$PCAP"; }

arrived() { grep -c 'hr=' "$READINGS"; }
arrive() { [ "$(arrived)" -ge "$1" ]; }
kernel() { uname -r | cut -d. -f1,2; }
kernels() { kernel; for vm in $(ward_others); do on "$vm" kernel; done; }

# established, confirmed, updated; wrong shares. And all shares, however late
counts()
{
	echo "$(counter r1 session-established) $(counter r1 session-confirmed)" \
		"$(counter r1 session-updated)" "$(counter r1 share-wrong)"
}
shares() { echo "$(($(counter r1 share-accepted) + $(counter r1 share-late)))"; }

# A session that cannot be made is refused when its time is over, which may be later.
refusals() { dmikeyctl -n r1 stats | awk '$1 != "-" && $2 != "no-session" { print $1, $2 }'; }

liars()
{
	dmikeyctl -j -n r1 session |
		jq -r '.[-1].thirdparties[] | select(.verdict == "wrong") | .id'
}

# the old pair stays for the grace of an update
two_at_r() { [ "$(sa_count r1)" -eq 2 ]; }

# ---- the story

# session NAME READINGS [OPTIONS..]: a session, and its readings at R's socket
session()
{
	local name=$1 n=$2 before
	shift 2

	before=$(on r1 arrived)
	in_ns s1 dmikey-sensor -c "$conf" --readings "$n" --interval 100 --timeout 30 "$@" \
		> "$SENSOR" 2>&1
	on r1 ktap_wait 10 arrive $((before + n))
	on r1 ktap_wait 20 two_at_r
	ktap_equal "$name" "$(($(on r1 arrived) - before)) readings, $(on r1 sa_count r1) SAs" \
		"$n readings, 2 SAs"
	explain "$(on r1 arrived)" $((before + n))
}

# explain GOT WANTED: what everybody knows, if that is not the same
explain()
{
	[ "$1" != "$2" ] || return
	diag < "$SENSOR"
	for p in $(ward_others); do
		diag "$p:"
		on "$p" dmikeyctl -n "$p" stats | diag
		on "$p" tail -n 5 "$TEST_LOGS/$p.log" | diag
	done
}

ward_begin "$@"
ktap_plan 25
ktap_equal "five machines, two kernels" "$(kernels | xargs)" "6.12 6.1 6.12 6.1 6.12"
for p in gw1 gw2 gw3; do ktap_run "$p: the agent sets up the module" on $p gateway_up $p; done
ktap_run "r1: the agent sets up the module" on r1 responder_up
ktap_run "gw1 listens to the segment" on gw1 capture_up
conf=$(sensor_conf 1 3 2)

session "a session with three third parties" 3
ktap_equal "nobody lied" "$(on r1 liars)" ""
session "a session, with updates" 25 --renew 10
ktap_equal "of one session" "$(on r1 counter r1 session-established) sessions, \
$(on r1 counter r1 session-updated) updates" "2 sessions, 2 updates"

# the liar is heard before the second of the others
on gw3 tc qdisc add dev eth0 root netem delay 400ms
on gw2 agent_down gw2
ktap_run "gw2 lies" on gw2 liar_up 2
session "a session all the same" 3
ktap_equal "r1 knows who lied" "$(on r1 liars)" uri:dmikey:gw2.example
ktap_run "the sensor is told" grep 'gw2: LIES' "$SENSOR"

ktap_run "gw3 loses its power" power_cut gw3
ktap_run_fails "one right share of two makes no session" \
	in_ns s1 dmikey-sensor -c "$conf" --once --timeout 10
on gw2 liar_down
ktap_run "gw2 is honest again" on gw2 agent_up gw2
session "a session without gw3" 3
ktap_run "the sensor is told" grep 'gw3: no share' "$SENSOR"

ktap_equal "what r1 has counted" "$(on r1 counts)" "4 4 2 1"
# three times three and twice two; the liar may answer a repetition with another one
ktap_run "and how many shares" [ "$(on r1 shares)" -ge 13 ]
ktap_equal "what gw1 and gw2 have passed on" "$(on gw1 counter gw1 share-forwarded) \
$(on gw2 counter gw2 share-forwarded)" "5 3"
ktap_equal "r1 has refused nothing else" "$(on r1 refusals)" ""
ktap_run "ESP on the segment" on gw1 captured_esp
ktap_equal "and no reading" "$(on gw1 in_clear)" 0
ward_end
