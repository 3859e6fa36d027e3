#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 bin="jq" kernels="6.12"
# A thousand updates of one session under traffic: two SAs at each side whenever
# nothing is under way, and no reading is lost.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/lose.sh"

UPDATES=1000
SAMPLES=4
READINGS=$WORK/readings

updated() { counter r1 session-updated; }
reached() { [ "$(updated)" -ge "$1" ]; }
something_lost() { [ "$(lost r1)" -ge 1 ]; }
quiet() { [ "$(sa_count r1) $(sa_count s1)" = "2 2" ]; }
two_at_r() { [ "$(sa_count r1)" -eq 2 ]; }
# ESP on its way to the sensor
returned()
{
	in_ns router tc -s filter show dev s1 egress |
		awk '$1 == "Sent" { n += $4 } END { print n + 0 }'
}
sessions() { dmikeyctl -j -n r1 session | jq -s 'flatten | length'; }

explain()
{
	for p in r1 s1; do
		diag "$p: $(sa_count $p) SAs"
		in_ns $p cat /proc/net/xfrm_stat /proc/net/snmp6 | grep '^Xfrm\|Err\|Disc' |
			grep -v '	0$' | diag
	done
	diag "mirror: $(cat "$WORK/mirror")"
}

# missing: readings that were sent and have not arrived, by number
missing()
{
	sed -n 's/.* seq=/seq=/p' "$READINGS" > "$WORK/there"
	sed -n 's/^reading sent: .* seq=/seq=/p' "$WORK/out" | grep -vxFf "$WORK/there"
}

# The next message 6 does not arrive: what is there stays, and readings go on.
sample()
{
	lose r1 "$LOSE_U_R" s1
	ktap_wait 10 something_lost
	ktap_run "after $(updated) updates each side has two SAs, and R one session" \
		ktap_wait 5 quiet
	quiet || explain
	arrive r1
}

ktap_plan $((SAMPLES + 6))
net_up 3 1
{ for n in 1 2 3; do tp_up "$n"; done; r_up 1; } 2> /dev/null
lose_up r1 s1
in_ns router tc filter add dev s1 egress protocol ipv6 u32 match ip6 protocol 50 0xff action ok
# what arrives goes back, by which the sensor knows that R has the new SAs
in_ns r1 mirror 7777 > "$READINGS" 2> "$WORK/mirror" &
ktap_wait 10 sh -c "ip netns exec r1 ss -Huln | grep -q :7777"

conf=$(sensor_conf 1 3 2)
# no function: the signal below is for the program
ip netns exec s1 dmikey-sensor -c "$conf" --renew 2 --interval 10 > "$WORK/out" 2>&1 &
sensor=$!
for i in $(seq $SAMPLES); do
	ktap_wait 180 reached $((i * UPDATES / SAMPLES)) || diag "$(updated) updates"
	sample
done
ktap_run "$UPDATES updates" ktap_wait 60 reached $((UPDATES + 1))
# none is under way when it ends: its SAs would wait for a first packet
lose r1 "$LOSE_U_R" s1
ktap_wait 10 something_lost
ktap_wait 5 quiet
kill $sensor
wait $sensor
ktap_equal "the sensor ends well" $? 0
tail -n 1 "$WORK/out" | diag
sent=$(grep -c '^reading sent' "$WORK/out")
ktap_wait 10 sh -c "[ \$(wc -l < $READINGS) -ge $sent ]"
ktap_equal "each of $sent readings arrives, and once" \
	"$(grep -c . "$READINGS") $(sort -u "$READINGS" | wc -l)" "$sent $sent"
[ -z "$(missing)" ] || { missing | diag; explain; }
ktap_equal "all in one session" "$(counter r1 session-established) $(sessions)" "1 1"
ktap_run "with two SAs at its end" ktap_wait 5 two_at_r
ip netns pids r1 | xargs -r kill
sleep 0.1
# two updates in a hundredth of a second leave a packet no second of grace
diag "$(returned) of $sent went back"
diag "mirror: $(cat "$WORK/mirror")"
# a message 6 that is repeated before its answer has arrived
ktap_equal "nothing else was refused" "$(dmikeyctl -n r1 stats |
	awk '$1 == "responder" && $2 != "repeated"')" ""
ktap_end
