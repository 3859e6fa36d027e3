#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=900 kernels="7"
# The agent: sessions whose sensors and certificates only it knows, and what
# it does when it is told something new, killed, or the module is reloaded.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

# conf_tp N: dmikey.conf of gateway N
conf_tp()
{
	mkdir -p -m 700 "$WORK/gw$1/conf.d"
	{
		echo "ca = {\"$PKI/ca.pem\"}"
		echo "crl = {\"$PKI/crl.pem\"}"
		echo "thirdparty { certificate = \"$PKI/gw$1.pem\" key = \"$PKI/gw$1.key\" }"
		echo "peer-responder \"uri:dmikey:r1.example\" {"
		echo "  certificate = \"$PKI/r1.pem\""
		echo "  address = \"$(addr r1)\""
		echo "}"
		echo "sensor \"sensor1@example\" { psk-file = \"$PKI/psk/sensor1.gw$1\" }"
		echo "sensor \"sensor4@example\" { psk-file = \"$PKI/psk/sensor4.gw$1\" }"
		echo "sensor \"sensor3@example\" {"
		echo "  psk-file = \"$PKI/psk/sensor3.gw$1\" timestamp = counter"
		echo "}"
	} > "$WORK/gw$1/dmikey.conf"
}

# gw3's agent becomes another user, whose files its files are
conf_user()
{
	cp -R "$PKI" "$WORK/gw3/pki"
	sed -i "s,$PKI,$WORK/gw3/pki,g" "$WORK/gw3/dmikey.conf"
	echo 'instance { user = dmikey }' >> "$WORK/gw3/dmikey.conf"
	mkdir -p "$WORK/gw3/state"
	chown -R dmikey "$WORK/gw3"
	chmod 755 "$WORK"
}

# caps PARTY: user, effective and permitted capabilities, no_new_privs
caps()
{
	awk '/^(Uid|CapEff|CapPrm|NoNewPrivs):/ { print $2 }' "/proc/$(pid "$1")/status" |
		tr '\n' ' '
}

conf_r()
{
	mkdir -p -m 700 "$WORK/r1/conf.d"
	{
		echo "ca = {\"$PKI/ca.pem\"}"
		echo "responder \"dmikey:r1.example\" {"
		echo "  certificate = \"$PKI/r1.pem\" key = \"$PKI/r1.key\""
		echo "}"
		echo "rule \"ward\" { realm = \"example\" min-k = 2 reqid = 7 }"
	} > "$WORK/r1/dmikey.conf"
}

agent() { echo "${TEST_LOGS:-$WORK}/$1.log"; }
pid() { cat "$WORK/$1/state/dmikeyd.pid"; }

agent_up()
{
	in_ns "$1" dmikeyd -v -c "$WORK/$1/dmikey.conf" -s "$WORK/$1/state" 2>> "$(agent "$1")" &
	ktap_wait 20 sh -c "ip netns exec $1 ss -Huln | grep -q :2269" &&
		ktap_wait 20 grep -q 'dmikey.conf: loaded' "$(agent "$1")"
}

# logged PARTY TEXT [SECONDS]
logged() { ktap_wait "${3:-10}" grep -q -- "$2" "$(agent "$1")"; }

reload()
{
	cat "$(agent "$1")" >> "$(agent "$1").old"
	: > "$(agent "$1")"
	kill -HUP "$(pid "$1")"
}

session()
{
	in_ns "s$1" dmikey-sensor --readings 1 --interval 100 --timeout 40 -c "$2" \
		> "$WORK/out" 2>&1
}

# works NAME SENSOR CONF
works()
{
	if session "$2" "$3"; then
		ktap_pass "$1"
		return
	fi
	ktap_fail "$1" "$(cat "$WORK/out")"
	for p in gw1 gw2 gw3 r1; do
		diag "$p:"
		tail -n 15 "$(agent $p)" | diag
		dmikeyctl -n $p stats | grep -v ' 0$' | diag
	done
}

ktap_plan 42
net_up 3 4
for n in 1 2 3; do conf_tp $n; done
conf_user
conf_r
for p in gw1 gw2 gw3 r1; do
	ktap_run "$p: the agent sets up the module" agent_up $p
	[ -s "$WORK/$p/state/dmikeyd.pid" ] || diag < "$(agent $p)"
done
ktap_equal "CAP_NET_ADMIN is all that root keeps" "$(caps gw1)" \
	"0 0000000000001000 0000000000001000 1 "
ktap_equal "gw3's agent is another user" "$(caps gw3)" \
	"990 0000000000001000 0000000000001000 1 "
r_policies r1
listen r1 "$WORK/readings"
conf=$(sensor_conf 1 3 2)

works "a session" 1 "$conf"
ktap_run "r1 was asked for a certificate" logged r1 'third party dmikey:gw1.example: valid, revocation not checked'
ktap_run "gw1 was asked for the sensor" logged gw1 'sensor nai:sensor1@example: known'
ktap_run_fails "the second agent in one directory" timeout 5 ip netns exec gw1 \
	dmikeyd -c "$WORK/gw1/dmikey.conf" -s "$WORK/gw1/state"

# an unknown sensor
ktap_run_fails "an unknown sensor gets no session" timeout 20 ip netns exec s2 \
	dmikey-sensor --readings 1 --timeout 10 -c "$(sensor_conf 2 3 2)"
ktap_run "gw1 says why" logged gw1 'sensor nai:sensor2@example: refused: it is not configured'
ktap_equal "and says it once" \
	"$(grep -c 'sensor2@example: refused' "$(agent gw1)")" 1

# it becomes known: refusals are void, the rest is not touched
for n in 1 2 3; do
	psk=$PKI/psk/sensor2.gw$n
	[ ! -d "$WORK/gw$n/pki" ] || psk=$WORK/gw$n/pki/psk/sensor2.gw$n
	echo "sensor \"sensor2@example\" { psk-file = \"$psk\" }" > "$WORK/gw$n/conf.d/new.conf"
	reload gw$n
done
ktap_run "gw1 loads conf.d" logged gw1 'loaded'
ktap_equal "only the difference is told" \
	"$(grep -c ': told' "$(agent gw1)")" 0
works "the new sensor's session" 2 "$WORK/s2.conf"

# a bad file changes nothing
echo 'frob = 1' > "$WORK/gw1/conf.d/bad.conf"
reload gw1
ktap_run "a bad file is named with its line" logged gw1 'bad.conf:1: no such option'
ktap_run "and the running configuration stays" logged gw1 'the running configuration stays'
rm "$WORK/gw1/conf.d/bad.conf"
works "as a session shows" 1 "$conf"

# a denied sensor
echo 'deny = {"sensor2@example"}' >> "$WORK/gw1/conf.d/new.conf"
reload gw1
ktap_run "a denied sensor is removed" logged gw1 'sensor nai:sensor2@example: removed'

# gw1 gets a certificate that stands in a CRL which r1 has not seen yet
sed -i "s,$PKI/gw1.pem,$PKI/bad/gw-revoked.pem,; /^crl/d" "$WORK/gw1/dmikey.conf"
reload gw1
ktap_run "gw1 changes its certificate" logged gw1 'thirdparty dmikey:gw1.example: told'
conf2=$(sensor_conf 1 2 2)
works "r1 accepts it" 1 "$conf2"
echo "crl = {\"$PKI/crl.pem\"}" > "$WORK/r1/conf.d/crl.conf"
reload r1
ktap_run "with the CRL r1 takes that back" logged r1 'dmikey:gw1.example: its certificate is no longer valid: .*revoked'
session 1 "$conf2"
ktap_run "and refuses it from now on" logged r1 'refused: .*revoked'
ktap_run "while gw2 stays valid" sh -c "dmikeyctl -n r1 thirdparty | grep -q gw2"
works "n = 3, k = 2 without gw1" 1 "$(sensor_conf 1 3 2)"

# certificates that no agent of a gateway would give to the module
refused()
{
	serial=$(key_private "$PKI/gw1.key.der")
	dmikeyctl -n gw1 local add thirdparty certificate "$PKI/bad/gw-$1.der" key "$serial"
	timeout 10 ip netns exec s4 dmikey-sensor --readings 1 --timeout 5 -c "$conf4" \
		> "$WORK/out" 2>&1
	ktap_run "r1 refuses a certificate: $1" logged r1 "refused: .*$2"
}
conf4=$(sensor_conf 4 2 2)
refused not-yet 'not yet valid'
refused other-ca 'unable to get'
refused other-role 'does not name a third party'
refused both-roles 'names both roles'
refused any-usage 'does not name a third party'
reload gw1
ktap_run "gw1's agent puts its certificate back" logged gw1 'thirdparty dmikey:gw1.example: told'
conf=$(sensor_conf 1 3 2)

# killed, and the module goes on with what it knows; started, it takes over
kill -KILL "$(pid r1)" "$(pid gw2)"
works "agents killed: known sensors and certificates still do" 1 "$conf"
agent_up r1
agent_up gw2
works "started again" 1 "$conf"

# the last COUNTER is kept over a restart of everything
conf3=$(sensor_conf 3 3 2 'timestamp = "counter"')
works "a sensor with a COUNTER" 3 "$conf3"
sleep 2
counter_of() { dmikeyctl -j -n gw2 sensor | tr -d ' \n' | sed 's/.*"counter":\([0-9]*\).*/\1/'; }
before=$(counter_of)
kill -KILL "$(pid gw2)"
ktap_run "the module is unloaded" rmmod dmikey
ktap_run "r1's agent notices" logged r1 'dmikey.ko was unloaded'
modprobe dmikey
ktap_run "and tells a new one everything" ktap_wait 10 \
	sh -c "ip netns exec r1 ss -Huln | grep -q :2269"
agent_up gw2
session 3 "$conf3"
diag "counter before: $before, now: $(counter_of)"
ktap_run "a COUNTER goes on where it was" [ "$(counter_of)" -gt "$before" ]
# time goes by
date -u -s "@$(($(date +%s) + 800 * 86400))" > /dev/null
ktap_run "expired certificates of sensors' third parties are taken back" \
	logged r1 'its certificate is no longer valid: .*expired' 90
ktap_run "and the host's own role" logged r1 'responder dmikey:r1.example: removed' 90

ktap_equal "no request failed that should not have" "$(cat "$TEST_LOGS"/*.log* |
	grep 'error:' | grep -v 'bad.conf\|not loaded, the running')" ""
ktap_end
