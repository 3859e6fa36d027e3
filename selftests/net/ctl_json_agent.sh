#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: group=tool timeout=240 kernels=6.1 bin=jq mem=768
# What of -j and monitor wants agents, refusals, a liar, an update or another host,
# beside ctl_golden as in ctl_json.sh. gw1 and r1 have agents; gw2 and gw3 have none, and
# are hosts to each other as well.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/golden.sh"
TEST_LOGS=$logs
. "$(dirname "$0")/../lib/agent.sh"

H2=uri:dmikey:h2.example H3=uri:dmikey:h3.example

# monitor NAME: its process is $!
monitor() { dmikeyctl -n "$1" -j monitor > "$WORK/$1.events" & }
# heard FILE EVENT [CONDITION]
heard() { ktap_wait 20 sh -c "jq -e 'select(.event == \"$2\" and ${3:-true})' $1 | grep -q ."; }
sensor() { n=$1; shift; in_ns "s$n" dmikey-sensor -c "$WORK/s$n.conf" --interval 50 "$@"; }
# remembers PARTY REASON..: its agent has written them down
remembers()
{
	for reason in $2; do
		ktap_wait 20 grep -q "\"$reason\"" "$WORK/$1/refusals.json" || return 1
	done
}
# a wrong share that comes late is not looked at: once more
liar_named()
{
	for turn in 1 2 3; do
		sensor 1 --readings 1 --fault corrupt-share=1 > /dev/null
		heard "$WORK/r1.events" verdict && return
	done
	return 1
}
twice() { [ "$(grep -o "\"$2\"" "$1" | wc -l)" -ge 2 ]; }
# by_agent NAME PARTY FILTER WORDS..
by_agent()
{
	name=$1 party=$2 filter=$3
	shift 3
	shows "$name" "$filter" -n "$party" -S "$WORK/$party/status.json" "$@"
}
# which is the newest, and what is repeated, is not the same in each run
certain='map(select(.reason != "repeated")) | sort_by(.reason, .side, .sensor, .peer)'
# of messages those of hosts are enough: ctl_json.sh has the others
new='select((.event != "message" or .side == "host") and .event != "counter" and
	.reason != "repeated")'
host() { dmikeyctl -n "$1" host add "$2" own "$3" address "$4" key "$5" reqid 9; }
hosts()
{
	openssl rand -hex 32 > "$WORK/psk.$1"
	host gw2 $H3 $H2 "$(addr gw3)" "$(key_psk "$WORK/psk.$1")"
}

ktap_plan 13
net_up 3 2
gateway_conf gw1
agent_conf r1 <<EOC
	responder "dmikey:r1.example" { certificate = "$PKI/r1.pem" key = "$PKI/r1.key" }
	rule "one" { sensor = "sensor1@example" min-k = 2 reqid = 7 }
EOC
agent_up gw1
agent_up r1
tp_up 2
tp_up 3
r_policies r1
listen r1 "$WORK/readings"
for n in gw1 gw3 r1; do monitor $n; done
for n in 1 2; do sensor_conf $n 3 2 > /dev/null; done
ktap_wait 10 sh -c "[ \$(pidof dmikeyctl | wc -w) -eq 3 ]"
sleep 1

# ---- one lies, one is not believed, one is unknown, and no rule covers it
ktap_run "a wrong share" liar_named
sensor 1 --readings 12 --renew 4 --fault wrong-psk=1 > /dev/null
ktap_run "an update" heard "$WORK/r1.events" session-updated
sensor 2 --once --timeout 4 > /dev/null 2>&1
remembers gw1 "mac sensor-denied"
remembers r1 no-rule
# of both third parties: one may be later than the other
ktap_wait 20 twice "$WORK/r1/refusals.json" no-rule

ktap_run "why, at the third party" by_agent why-thirdparty.json gw1 ".refusals |= ($certain)" why
ktap_run "why, at the responder" by_agent why-responder.json r1 ".refusals |= ($certain)" why
ktap_run "why, of a sensor that nobody knows" by_agent why-unknown.json gw1 \
	".refusals |= ($certain)" why nai:sensor2@example
ktap_run "show" by_agent show-agent.json r1 '.thirdparties |= sort_by(.id) |
	.agent.status.certificates |= sort_by(.kind, .name) |
	.agent.refusals.refusals |= ('"$certain"') | del(.stats[1:]) |
	.sessions |= map(.thirdparties |= (sort_by(.id) | map(.x = 1)))' show
ktap_run "a session is ended" dmikeyctl -n r1 session del nai:sensor1@example
ktap_run "which is told" heard "$WORK/r1.events" session-end '.spi_in'
ktap_run "what the responder's monitor said" events "$WORK/r1.events" \
	monitor-agent-responder.jsonl "$new"
ktap_run "what the third party's said" events "$WORK/gw1.events" \
	monitor-agent-thirdparty.jsonl "$new"

# ---- hosts
hosts right
host gw3 $H2 $H3 "$(addr gw2)" "$(key_psk "$WORK/psk.right")"
ktap_run "host connect" shows connect.json . -n gw2 host connect $H3
hosts wrong
dmikeyctl -n gw2 host connect $H3 > /dev/null 2>&1 & trying=$!
heard "$WORK/gw3.events" refused '.side == "host"'
kill $trying
dmikeyctl -n gw2 host del $H3
ktap_run "what the host's monitor said" events "$WORK/gw3.events" \
	monitor-host.jsonl "$new"

# ---- more than a monitor can hold while it does not read
sysctl -q -w net.core.rmem_max=32768
dmikeyctl -n gw2 -j monitor > "$WORK/lost" & slow=$!
ktap_wait 10 sh -c "echo x | ip netns exec gw2 socat -u - UDP4:127.0.0.1:2269; [ -s $WORK/lost ]"
kill -STOP $slow
echo "this is no message of MIKEY" > "$WORK/noise"
in_ns gw2 flood 127.0.0.1 2269 "$WORK/noise" 500 1000 > /dev/null
kill -CONT $slow
ktap_wait 10 grep -q '"lost"' "$WORK/lost"
ktap_run "a monitor that does not keep up says so" events "$WORK/lost" monitor-lost.jsonl
ktap_end
