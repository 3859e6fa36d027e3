#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=240 bin="jq" kernels="6.12"
# Why does it not work? An unknown sensor, a wrong key, no rule, a wrong clock, a
# revoked certificate and a missing agent: dmikeyctl why names side, reason and cure,
# and says what is only claimed. show and -s on the same ward.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

log() { echo "${TEST_LOGS:-$WORK}/$1.log"; }

# gw3 does not know that it is revoked
conf_tp()
{
	mkdir -p -m 700 "$WORK/gw$1/state"
	{
		echo "ca = {\"$PKI/ca.pem\"}"
		[ "$1" = 3 ] || echo "crl = {\"$PKI/crl.pem\"}"
		echo "thirdparty { certificate = \"$PKI/gw$1.pem\" key = \"$PKI/gw$1.key\" }"
		echo "peer-responder \"uri:dmikey:r1.example\" {"
		echo "  certificate = \"$PKI/r1.pem\" address = \"$(addr r1)\""
		echo "}"
		for s in 1 3 4; do
			echo "sensor \"sensor$s@example\" { psk-file = \"$PKI/psk/sensor$s.gw$1\" }"
		done
	} > "$WORK/gw$1/dmikey.conf"
}

# of its two names one is revoked, and stays down
conf_r()
{
	mkdir -p -m 700 "$WORK/r1/state"
	{
		echo "ca = {\"$PKI/ca.pem\"} crl = {\"$PKI/crl.pem\"}"
		echo "responder \"dmikey:r1.example\" {"
		echo "  certificate = \"$PKI/r1.pem\" key = \"$PKI/r1.key\""
		echo "}"
		echo "responder \"dmikey:r2.example\" {"
		echo "  certificate = \"$PKI/r2.pem\" key = \"$PKI/r2.key\""
		echo "}"
		echo "rule \"one\" { sensor = \"sensor1@example\" min-k = 2 reqid = 7 }"
	} > "$WORK/r1/dmikey.conf"
}

agent_up()
{
	in_ns "$1" dmikeyd -c "$WORK/$1/dmikey.conf" -s "$WORK/$1/state" \
		-S "$WORK/$1/status.json" 2>> "$(log "$1")" &
	ktap_wait 20 sh -c "ip netns exec $1 ss -Huln | grep -q :2269" &&
		ktap_wait 20 test -s "$WORK/$1/refusals.json"
}

revoke()
{
	(
		cd "$PKI" || exit
		for c; do openssl ca -config ca/openssl.cnf -revoke "$c"; done
		openssl ca -gencrl -config ca/openssl.cnf -out crl.pem
	) > "$WORK/openssl" 2>&1 || diag < "$WORK/openssl"
}

sensor() { n=$1; shift; in_ns "s$n" dmikey-sensor -c "$WORK/s$n.conf" --timeout 20 "$@"; }
# in vain SENSOR OPTIONS..: it gives up soon
in_vain() { sensor "$@" --once --timeout 4 > /dev/null 2>&1; }
ctl() { party=$1; shift; dmikeyctl -n "$party" -S "$WORK/$party/status.json" "$@"; }

# said PARTY ID TEXT: why says so
said() { ctl "$1" why "$2" > "$WORK/why" && grep -qF -- "$3" "$WORK/why"; }
# because NAME PARTY ID SIDE REASON HOW WHAT-TO-DO
because()
{
	ktap_wait 10 said "$2" "$3" "($5)"
	if grep -q "at $4: .*($5)" "$WORK/why" && grep -qF -- "$6" "$WORK/why" &&
	   grep -qF -- "what to do: $7" "$WORK/why"; then
		ktap_pass "$1"
	else
		ktap_fail "$1" "$(cat "$WORK/why")"
	fi
}

ktap_plan 27
net_up 3 4
revoke gw3.pem r2.pem
for n in 1 2 3; do conf_tp $n; done
for n in 1 2 3 4; do sensor_conf $n 3 2 > /dev/null; done
conf_r
r_policies r1
listen r1 "$WORK/readings"
# r1's agent has little room for events
sysctl -q -w net.core.rmem_max=32768
for p in gw1 gw2 gw3 r1; do agent_up $p || diag < "$(log $p)"; done

# 6.1 keeps the time of what goes out alone
case $(uname -r) in
6.1.*) used='(has("used_in") | not)' last= ;;
*) used='.used_in >= .since' last=', the last one .* ago' ;;
esac
ktap_run "a session" sensor 1 --readings 5 --interval 50
ktap_equal "-s: packets each way" \
	"$(ctl r1 -s -j session | jq -c '.[] | [.packets_in, .packets_out]')" "[5,0]"
ktap_run "bytes, and when the last one came" sh -c "dmikeyctl -n r1 -s -j session | jq -e '.[] |
	.bytes_in > 5 and .bytes_out == 0 and $used and
	(has(\"used_out\") | not)'"
ktap_equal "nothing of that without -s" \
	"$(ctl r1 -j session | jq -c '.[] | has("packets_in", "used_in")')" "$(printf 'false\nfalse')"
ktap_run "in words" sh -c "dmikeyctl -n r1 -s show | grep -q 'in 5 packets, [0-9]* bytes$last; out 0'"

in_vain 2 &
two=$!
in_vain 3 --fault wrong-psk=1 &
three=$!
in_vain 4 &
four=$!
in_vain 1 --fault time=-5000 --state-file "$WORK/s1.wrong" &
wait $two $three $four $!

because "an unknown sensor" gw1 nai:sensor2@example "third party" sensor-denied \
	"the agent says: it is not configured, nor registered" "add the sensor to dmikey.conf"
ktap_run "its name is only claimed" said gw1 nai:sensor2@example "only claimed, anybody"
ktap_run "it asked for r1" said gw1 nai:sensor2@example "I_TP of nai:sensor2@example, other end uri:dmikey:r1.example"
ktap_run "from there" said gw1 nai:sensor2@example "from $(addr s2)"
because "a wrong pre-shared key" gw1 sensor3@example "third party" mac "only claimed" \
	"the keys differ"
because "no rule" r1 nai:sensor4@example responder no-rule "authenticated" "add a rule"
ktap_run "which gateway vouched" said r1 uri:dmikey:gw1.example "of nai:sensor4@example, other end uri:dmikey:gw1.example"
because "a wrong clock" gw1 nai:sensor1@example "third party" stale "only claimed" \
	"compare the clocks"
because "a revoked certificate" r1 uri:dmikey:gw3.example responder certificate \
	"the agent says: certificate revoked" "look what is wrong with it in the agent's log"
ktap_run "a session that is up" said r1 nai:sensor1@example "session: up, confirmed by ESP"
ktap_run "its rule" said r1 nai:sensor1@example "covered by rule one"

ktap_run "show: a sensor without a session" sh -c "dmikeyctl -n r1 -S $WORK/r1/status.json show |
	grep -q 'DOWN: sensor nai:sensor4@example has no session; last refused .* ago: no-rule'"
ktap_run "show: configured, but down" sh -c "dmikeyctl -n r1 -S $WORK/r1/status.json |
	grep -q 'CONFIGURED BUT DOWN: responder dmikey:r2.example, .*dmikey.conf:[0-9]*: certificate revoked; cure: '"
ktap_run "show: the rule's sessions" sh -c "dmikeyctl -n r1 | grep -q 'rule one: .* 1 session up'"
ktap_run "show -j has the agent" sh -c "dmikeyctl -n r1 -S $WORK/r1/status.json -j |
	jq -e '.agent.running and (.agent.refusals.refusals | length > 0)'"

# strangers send while r1's agent is held up: events are lost, and it says so
ktap_equal "no event was lost so far" "$(jq .lost "$WORK/r1/refusals.json")" 0
echo "this is no message of MIKEY" > "$WORK/noise"
kill -STOP "$(cat "$WORK/r1/state/dmikeyd.pid")"
in_ns s2 flood "$(addr r1)" 2269 "$WORK/noise" 3000 1000 > /dev/null
kill -CONT "$(cat "$WORK/r1/state/dmikeyd.pid")"
ktap_run "events are lost, and the agent notes it" \
	ktap_wait 10 sh -c "[ \$(jq .lost $WORK/r1/refusals.json) -ge 1 ]"
ktap_run "why says so" said r1 nai:sensor4@example "refusals are missing: events came too fast"
ktap_run "who was authenticated is not displaced" said r1 nai:sensor4@example "(no-rule)"

# gw2's agent dies; a sensor comes that the module was never told of
kill -9 "$(cat "$WORK/gw2/state/dmikeyd.pid")"
sed -i 's/sensor2@example/sensor9@example/' "$WORK/s2.conf"
in_vain 2
ktap_run "a missing agent" said gw2 nai:sensor9@example "the agent has died; cure: systemctl enable --now dmikeyd"
ktap_run "and the module's counter" said gw2 nai:sensor9@example "at third party: no agent listens for upcalls (no-agent)"
ktap_run "an agent elsewhere is not taken for ours" sh -c \
	"dmikeyctl -n gw2 -S $WORK/gw1/status.json why | grep -q 'no agent runs in this network namespace'"
net_down
ktap_end
