#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 args="init_on_alloc=0 slub_debug=P,kmalloc-*" kernels="6.1"
# What may go wrong, and who is told: third parties that are dead or lie,
# sensors that are unknown, not covered, too weak or in each other's way.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

# established NAME SENSOR CONF [OPTIONS]: one session, readings arrive
established()
{
	local name=$1 n=$2 conf=$3
	shift 3
	: > "$WORK/readings"
	in_ns "s$n" dmikey-sensor -c "$conf" --readings 2 --interval 100 --timeout 60 "$@" \
		> "$WORK/out" 2>&1
	ktap_wait 5 sh -c "[ \$(wc -l < $WORK/readings) -ge 2 ]"
	ktap_equal "$name" "$(wc -l < "$WORK/readings") readings, $(sa_count r1) SAs" \
		"2 readings, ${WANT_SAS:-2} SAs"
}

# refused NAME NS REASON SENSOR CONF [OPTIONS]: no session, no SA more, and the
# reason is counted
refused()
{
	local name=$1 ns=$2 reason=$3 n=$4 conf=$5 sas before
	shift 5
	sas=$(sa_count r1) before=$(counter "$ns" "$reason")
	if in_ns "s$n" dmikey-sensor -c "$conf" --once --timeout 20 "$@" > "$WORK/out" 2>&1; then
		ktap_fail "$name" "a session came up"
		return
	fi
	if [ "$(counter "$ns" "$reason")" -le "$before" ]; then
		ktap_fail "$name" "$reason was not counted at $ns"
		diag < "$WORK/out"
		dmikeyctl -n "$ns" stats | diag
		return
	fi
	ktap_equal "$name" "$(sa_count r1) SAs" "$sas SAs"
}

verdicts()
{
	dmikeyctl -j -n r1 session |
		jq -r '.[-1].thirdparties | map(select(.verdict == "wrong") | .id) | sort | join(" ")'
}

rule() { dmikeyctl -n r1 rule add ward realm example reqid 7 "$@"; }
end_sessions() { dmikeyctl -n r1 session del nai:sensor1@example; }

ktap_plan 24
net_up 5 2
for n in $(seq 5); do tp_up "$n"; done
r_up 1
listen r1 "$WORK/readings"
conf5=$WORK/five.conf
mv "$(sensor_conf 1 5 3)" "$conf5"
conf=$(sensor_conf 1 3 2) conf2=$(sensor_conf 2 3 2)

# third parties
established "one third party of three is dead" 1 "$conf" --fault drop=2
ktap_equal "nobody is blamed for it" "$(verdicts)" ""
established "two of five lie" 1 "$conf5" --fault corrupt-share=2 --fault corrupt-share=4
# R waits a little for shares behind the k-th right one, and a crowded machine is late
liars="uri:dmikey:gw2.example uri:dmikey:gw4.example"
for _ in 1 2 3 4 5; do
	[ "$(verdicts)" != "$liars" ] || break
	in_ns s1 dmikey-sensor -c "$conf5" --readings 1 --timeout 60 --fault corrupt-share=2 \
		--fault corrupt-share=4 > "$WORK/out" 2>&1
done
ktap_equal "the two liars are named" "$(verdicts)" "$liars"
ktap_run "the sensor is told who lied" grep -q "gw2.*wrong\|gw2.*lie\|gw2.*lying" "$WORK/out"
ktap_run_fails "k - 1 right shares make no session" in_ns s2 dmikey-sensor -c "$conf2" \
	--once --timeout 8 --fault drop=1 --fault drop=2
ktap_equal "k - 1 right shares install nothing" "$(dmikeyctl -j -n r1 session |
	jq '[.[] | select(.id == "nai:sensor2@example")] | length')" 0
ktap_run_fails "more than n - k wrong shares make no session" in_ns s2 dmikey-sensor \
	-c "$conf2" --once --timeout 8 --fault corrupt-share=1 --fault corrupt-share=2

# repetitions cost no RSA and change nothing
established "message 1 is sent again after the session" 1 "$conf" --fault replay
# the last share of a session may come late
sleep 3
spent=$(($(counter gw1 rsa-sign) + $(counter r1 rsa-decrypt)))
established "and again" 1 "$conf" --fault replay
sleep 3
ktap_equal "nothing was paid in RSA" \
	"$(($(counter gw1 rsa-sign) + $(counter r1 rsa-decrypt) - spent))" 0

# who is refused, and why
refused "the clock is wrong" gw1 stale 2 "$conf2" --fault time=400 --state-file "$WORK/future"
refused "the PSK is wrong" gw1 mac 2 "$conf2" --fault wrong-psk=1 --fault drop=2
dmikeyctl -n gw1 sensor del nai:sensor2@example
refused "the sensor is unknown and there is no agent" gw1 no-agent 2 "$conf2" --fault drop=2
dmikeyctl -n gw1 sensor add nai:sensor2@example \
	key "$(key_psk "$PKI/psk/sensor2.gw1")"
rule min-k 3
refused "k is below the rule's" r1 k-minimum 2 "$conf2"
rule min-k 2 thirdparties uri:dmikey:gw3.example,uri:dmikey:gw4.example
refused "third parties that may not vouch" r1 authorization 2 "$conf2"
rule min-k 2 addresses 10.99.0.0/16,fd99::/16
refused "an address that is not allowed" r1 address 2 "$conf2"
rule min-k 2 policies aes-gcm-16-256
refused "an ESP policy that is not allowed" r1 sp-unsupported 2 "$conf2"
dmikeyctl -n r1 rule del ward
refused "no rule" r1 no-rule 2 "$conf2"
rule min-k 2

# in each other's way
refused "another sensor's address" r1 address-in-use 2 "$conf2" \
	--fault claim-address="$(addr s1)"
end_sessions
in_ns r1 ip xfrm state add src "$(addr r1)" dst "$(addr s2)" proto esp spi 0x4242 \
	mode transport aead 'rfc4106(gcm(aes))' 0x0102030405060708090a0b0c0d0e0f1011121314 128
refused "an SPI towards the sensor that is in use" r1 spi2-in-use 2 "$conf2" \
	--fault spi-cs2=4242
in_ns r1 ip xfrm state flush
in_ns r1 ip xfrm state add src "$(addr s1)" dst "$(addr r1)" proto esp spi 0x4343 \
	mode transport aead 'rfc4106(gcm(aes))' 0x0102030405060708090a0b0c0d0e0f1011121314 128
WANT_SAS=3
established "an SPI towards R that is in use is replaced" 1 "$conf" --fault spi-cs1=4343

# groups that never fitted are counted when their time is over
ktap_run "shares that fit nothing are counted" ktap_wait 120 sh -c \
	"dmikeyctl -n r1 stats | grep -q 'no-session'"
ktap_run "too few shares are counted" ktap_wait 120 sh -c \
	"dmikeyctl -n r1 stats | grep -q 'group-expired'"
ktap_end
