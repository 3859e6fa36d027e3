#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=512 timeout=240 bin="jq tcpdump" kernels="6.12"
# Plain RFC 3830 between two hosts, each in a network namespace: by pre-shared key,
# by certificates, renewed under traffic, refused, lost, crossed and torn down.
#
# Of two machines, each side runs for itself:
#	host.sh up h1|h2 ADDRESS PEER-ADDRESS PSK-FILE	in the namespace that it is in
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/left.sh"
. "$(dirname "$0")/../lib/host.sh"

if [ "${1:-}" = up ]; then
	modprobe -a dmikey xfrm_user
	host_add "" "$2" "$4" "$5" && policies "" "$3" "$4" &&
	dmikeyctl instance set port 2269 highest-t "$(ntp_now)"
	exit
fi

# refused NAME REASON: h1 connects, h2 counts the refusal
refused()
{
	before=$(counter h2 "$2" host)
	connect h1 > /dev/null 2>&1 & trying=$!
	for i in $(seq 50); do
		[ "$(counter h2 "$2" host)" -gt "$before" ] && break
		sleep 0.1
	done
	ktap_equal "$1: $2" "$(($(counter h2 "$2" host) > before)), $(sas)" "1, 0 0"
	kill $trying
	disconnect h1
}
psk_of() { openssl rand -hex "$1" > "$PSK.$1"; echo "$PSK.$1"; }
established() { echo "$(counter h1 session-established) $(counter h2 session-established)"; }

# set_clock SECONDS: so much later
set_clock() { date -s "@$(($(date +%s) + $1))" > /dev/null; }

ktap_plan 49
ns_up
mikey_up h1
mikey_up h2
openssl rand -hex 32 > "$PSK"

# ---- pre-shared key
add h1 "$PSK"
add h2 "$PSK"
capture h2
ktap_run "connect by pre-shared key" connect h1
ktap_equal "two SAs on each side" "$(sas)" "2 2"
send h2 2
ktap_run "who answers may speak first" \
	ktap_wait 5 sh -c "[ \$(wc -l < $WORK/h1.heard) -ge 2 ]"
ktap_run "in ESP" sh -c "ip -n h1 -s xfrm state | grep -q '[1-9][0-9]*(bytes), [12](packets)'"
talk
ktap_equal "both are up" "$(state h1), $(state h2)" "up -, up -"
ktap_equal "their SPIs are each other's" \
	"$(ctl h1 -j host | jq -c '.[0] | [.spi_in, .spi_out, .initiated]')" \
	"$(ctl h2 -j host | jq -c '.[0] | [.spi_out, .spi_in, true]')"

replay h2
again() { [ "$(counter h2 repeated-answered)" -ge "$1" ]; }
ktap_run "the request comes again: its answer goes again" ktap_wait 5 again 1
ktap_equal "and nothing is installed" "$(established), $(sas)" "1 1, 2 2"

: > "$WORK/h1.heard"; : > "$WORK/h2.heard"
send h1 70 & one=$!
send h2 70 & two=$!
for i in 1 2 3; do connect h1 > /dev/null; sleep 1; done
wait $one $two
ktap_run "renewed under traffic, no reading is lost" \
	ktap_wait 5 sh -c "[ \$(cat $WORK/h1.heard $WORK/h2.heard | wc -l) -eq 140 ]"
talk
ktap_equal "four exchanges, two SAs on each side are left" "$(established), $(sas)" "4 4, 2 2"

ktap_run "disconnect leaves no SA" down
ktap_equal "and the hosts are known still" "$(state h1), $(state h2)" \
	"configured -, configured -"

# ---- V is lost: the request is repeated, and so is its answer
ip -n h2 rule add ipproto 17 sport 2269 blackhole
connect h1 > /dev/null & one=$!
lost() { [ "$(counter h2 session-established)" -ge 5 ]; }
ktap_wait 10 lost
sleep 0.5
ip -n h2 rule del ipproto 17 sport 2269 blackhole
wait $one
ktap_equal "the answer is lost, and repeated" "$?, $(established), $(sas)" "0, 5 5, 2 2"
ktap_run "as it was kept" again 2

# ---- both at once
down
for i in 1 2 3; do
	connect h1 > /dev/null 2>&1 & one=$!
	connect h2 > /dev/null 2>&1 & two=$!
	wait $one $two
done
# who lost the race begins anew: what it brought goes with the first packet behind it
settled() { talk; [ "$(sas)" = "2 2" ]; }
ktap_wait 30 settled
ktap_equal "both connect at once" "$(state h1), $(state h2), $(sas)" "up -, up -, 2 2"
down

# h1 has just connected: for a second or two it drops a request of h2, and calls its
# repetition stale
crossed=$(counter h1 unexpected host) stale=$(counter h1 stale host)
for i in 1 2 3; do
	connect h1 > /dev/null
	connect h2 > /dev/null
	begun=$?
	[ "$(counter h1 unexpected host)" -eq "$crossed" ] || break
	down
done
ktap_equal "who begins too soon behind the other begins anew" \
	"$begun, $(($(counter h1 unexpected host) > crossed)), $(($(counter h1 stale host) > stale))" \
	"0, 1, 1"
talk
ktap_equal "and has begun" "$(ctl h2 -j host | jq '.[0].initiated'), $(sas)" "true, 2 2"
down

# h1 has precedence; what it sends is lost until the request of h2 has crossed it
ip -n h1 rule add ipproto 17 sport 2269 blackhole
crossed=$(counter h1 unexpected host) stale=$(counter h1 stale host)
capture h1
connect h1 > /dev/null & one=$!
sleep 0.3
connect h2 > /dev/null 2>&1 & two=$!
for i in $(seq 50); do
	[ "$(counter h1 unexpected host)" -gt "$crossed" ] && break
	sleep 0.1
done
ip -n h1 rule del ipproto 17 sport 2269 blackhole
wait $one
ktap_equal "h1 connects, the request of h2 was dropped" \
	"$?, $(($(counter h1 unexpected host) > crossed)), $(sas)" "0, 1, 2 2"
# behind what is still on its way
sleep 3
since=$(established)
replay h1
ktap_run "which is stale from then on" ktap_wait 5 counted h1 stale $((stale + 1))
ktap_equal "and installs nothing" "$(established), $(sas)" "$since, 2 2"
wait $two
down

# ---- refusals

add h1 "$(psk_of 16)"
refused "another pre-shared key" mac
add h2 "$PSK.16"
ktap_run "a pre-shared key of 16 bytes" connect h1
down
for n in 15 65; do
	ktap_run_fails "a pre-shared key of $n bytes is refused" add h1 "$(psk_of $n)"
done
cat "$PSK" "$PSK" | tr -d '\n' > "$PSK.twice"
ktap_run_fails "a pre-shared key with two equal halves is refused" add h1 "$PSK.twice"

add h1 "$(psk_of 64)" suites legacy
add h2 "$PSK.64"
refused "legacy algorithms that h2 does not allow" algorithms
add h2 "$PSK.64" suites ccm,legacy
ktap_run "legacy algorithms that it allows" connect h1
talk
ktap_equal "carry readings" "$(sas)" "2 2"
down

add h1 "$PSK"
add h2 "$PSK" policies aes-gcm-16-256
connect h1 > "$WORK/out" 2>&1
ktap_run "an ESP policy that h2 does not allow is told to h1" grep -q sp-unsupported "$WORK/out"
ctl h2 host add uri:dmikey:h3.example own $H2 address 10.0.9.3 key "$(key_psk "$PSK")"
ctl h2 host del $H1
refused "h2 does not know h1" unknown-sender
ctl h2 host del uri:dmikey:h3.example

# ---- life: of 10 seconds, renewed by h1 at 8
for n in h1 h2; do add $n "$PSK" policies aes-ccm-8-128/life=10; done
connect h1 > /dev/null
since=$(counter h1 session-established)
: > "$WORK/h1.heard"; : > "$WORK/h2.heard"
send h1 200 & one=$!
send h2 200 & two=$!
wait $one $two
ktap_wait 10 sh -c "[ \$(cat $WORK/h1.heard $WORK/h2.heard | wc -l) -eq 400 ]"
ktap_equal "SAs of ten seconds are renewed in time, no reading is lost" \
	"$(($(counter h1 session-established) > since)), $(cat "$WORK"/h?.heard | wc -l)" "1, 400"
ktap_wait 30 settled
ktap_equal "and two on each side are left" "$(sas)" "2 2"
for n in h1 h2; do ctl $n host del "$(uri "$(other $n)")"; done
ktap_run "forgotten hosts have no SA" ktap_wait 5 none_left

# ---- certificates
certify_both
for n in h1 h2; do add $n ""; done
ktap_run_fails "legacy algorithms with certificates are refused" add h1 "" suites legacy
ktap_run "connect by certificates" connect h1
talk
ktap_equal "which carries readings" "$(state h1), $(state h2), $(sas)" "up -, up -, 2 2"
connect h2 > /dev/null
talk
ktap_equal "renewed by the other side" \
	"$(ctl h2 -j host | jq '.[0].initiated'), $(sas)" "true, 2 2"
down
connect h1 > /dev/null
ctl h2 thirdparty del $H1
ktap_run "what h1 signs with is revoked: h2 has no SA" \
	ktap_wait 5 sh -c "! ip -n h2 -o xfrm state | grep -q 'proto esp'"
disconnect h1
# no agent is there to say that the certificate is good
refused "and takes no more" no-agent
ctl h2 thirdparty add certificate "$WORK/h1.sign"
ktap_run "until it is known again" connect h1
ctl h1 local del responder $H1
ktap_run "a role is given up: h1 has no SA" \
	ktap_wait 5 sh -c "! ip -n h1 -o xfrm state | grep -q 'proto esp'"
ktap_equal "and says so" "$(state h1)" "configured certificate"

# ---- the end
# a request of h2, whose clock is ahead, and what an agent of h1 keeps of it
for n in h1 h2; do add $n "$PSK"; done
dmikeyctl -n h1 -j monitor > "$WORK/events" & monitor=$!
capture h1
set_clock 200
connect h2 > /dev/null
set_clock -200
ktap_wait 5 grep -q highest_t "$WORK/events"
kill $monitor
for n in h1 h2; do ctl $n host del "$(uri "$(other $n)")"; done

for n in h1 h2; do add $n "$PSK" connect; done
ktap_run "connected without being told again" ktap_wait 10 two_each
ip netns pids h2 | xargs -r kill
ip netns del h2
ktap_run "a namespace goes with its host" ktap_wait 10 sh -c "! ip netns list | grep -q h2"
ktap_run "the module goes" rmmod dmikey
ktap_equal "and leaves no SA, no cipher, no key" \
	"$(ip -n h1 -o xfrm state | grep -c 'proto esp') $(left_keys) $(left_rsa)" "0 0 0"

# ---- a start: nothing is known of what was accepted before
modprobe dmikey
add h1 "$PSK"
ctl h1 instance set port 2269
# its cable went with h2
ip -n h1 addr add $A1/32 dev lo
replay h1
ktap_run "a request from before the start is stale, though its T is not" \
	ktap_wait 5 counted h1 stale 1
kept=$(grep -o '"highest_t": *[0-9]*' "$WORK/events" | tail -n 1 | grep -o '[0-9]*$')
ctl h1 instance set highest-t "$kept"
replay h1
ktap_run "and when the agent has told what it kept" ktap_wait 5 counted h1 stale 2
ktap_equal "nothing is installed" "$(ip -n h1 -o xfrm state | grep -c 'proto esp')" 0
ktap_end
