#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=1536 timeout=900 bin="jq sqlite3" kernels="6.12"
# One sensor of a million in the registry comes up, the module knows few of them
# at any time, and whoever is forgotten keeps the COUNTER that he had: also over
# restarts of the agent and of the machine.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

SENSORS_MAX=16	# that the module should know
FORGET=6	# seconds without use
# KiB of slabs that registry and strangers may cost. A million struct dmk_sensor would be
# 488 MiB. What may grow: SENSORS_MAX of them at two gateways (16 KiB), up to 8 messages
# of each of 48 strangers that wait for the agent at each gateway (768 KiB), three
# instances, two sessions, and what the kernel keeps of the programs that run here.
SLAB=8192

conf_tp()
{
	mkdir -p -m 700 "$WORK/gw$1/state"
	(umask 077 && openssl rand -hex 32 > "$WORK/gw$1/master.key")
	cp "$PKI/psk/sensor2.gw$1" "$WORK/gw$1/sensor2"
	{
		echo "ca = {\"$PKI/ca.pem\"}"
		echo "crl = {\"$PKI/crl.pem\"}"
		echo "thirdparty { certificate = \"$PKI/gw$1.pem\" key = \"$PKI/gw$1.key\" }"
		echo "peer-responder \"uri:dmikey:r1.example\" {"
		echo "  certificate = \"$PKI/r1.pem\" address = \"$(addr r1)\""
		echo "}"
		echo "instance { sensors = $SENSORS_MAX forget-after = 600 }"
		echo "master \"gw$1\" { key-file = \"master.key\" }"
	} > "$WORK/gw$1/dmikey.conf"
}

conf_r()
{
	mkdir -p -m 700 "$WORK/r1/state"
	{
		echo "ca = {\"$PKI/ca.pem\"}"
		echo "crl = {\"$PKI/crl.pem\"}"
		echo "responder \"dmikey:r1.example\" {"
		echo "  certificate = \"$PKI/r1.pem\" key = \"$PKI/r1.key\""
		echo "}"
		echo "rule \"ward\" { realm = \"example\" min-k = 2 reqid = 7 }"
	} > "$WORK/r1/dmikey.conf"
}

registry() { dmikey-registry -s "$WORK/$1/state" "$2" "$3" ${4:+"$4"} ${5:+"$5"} ${6:+"$6"} \
	${7:+"$7"} ${8:+"$8"} ${9:+"$9"}; }

# a million rows beside those that are there
million()
{
	sqlite3 "$WORK/gw1/state/registry.db" "
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
		INSERT INTO sensor SELECT printf('bed%07d@example', i), 0, NULL, 'gw1', 1, 2, 3,
			NULL, NULL FROM n"
}

log() { echo "${TEST_LOGS:-$WORK}/$1.log"; }
pid() { cat "$WORK/$1/state/dmikeyd.pid"; }
logged() { ktap_wait "${3:-10}" grep -q -- "$2" "$(log "$1")"; }

agent_up()
{
	in_ns "$1" dmikeyd -v -c "$WORK/$1/dmikey.conf" -s "$WORK/$1/state" \
		-S "$WORK/$1/status.json" 2>> "$(log "$1")" &
	ktap_wait 20 sh -c "ip netns exec $1 ss -Huln | grep -q :2269" &&
		ktap_wait 20 test -s "$WORK/$1/status.json"
}

session()
{
	in_ns "s$1" dmikey-sensor --readings 1 --interval 100 --timeout "${2:-40}" \
		-c "$WORK/s$1.conf" > "$WORK/out" 2>&1
}

works()
{
	if session "$2"; then
		ktap_pass "$1"
		return
	fi
	ktap_fail "$1" "$(cat "$WORK/out")"
	for p in gw1 gw2 r1; do
		diag "$p:"
		tail -n 8 "$(log $p)" | diag
		dmikeyctl -n $p stats | grep -v ' 0$' | diag
	done
}

# fails NAME SENSOR REASON: there is no session, and gw1 has counted that
fails()
{
	fails__before=$(counter gw1 "$3")
	session "$2" 8
	ktap_run "$1" [ "$(counter gw1 "$3")" -gt "$fails__before" ]
}

known() { dmikeyctl -n gw1 -j sensor | jq length; }
at_most() { [ "$(known)" -le "$1" ]; }
forgotten() { ! dmikeyctl -n gw1 -j sensor | grep -q "$1"; }
kept() { sqlite3 "$WORK/gw1/state/state.db" \
	"SELECT value FROM counter WHERE id = CAST('sensor$1@example' AS BLOB)"; }

# sensor N says a T again that it has said: what gw1 knows of it decides
again()
{
	cp "$WORK/s$1.state" "$WORK/s$1.now"
	cp "$WORK/s$1.old" "$WORK/s$1.state"
	fails "$2" "$1" stale
	cp "$WORK/s$1.now" "$WORK/s$1.state"
}

# one message of someone whose name is known and whose key is not
stranger()
{
	sed "s/sensor1@/bed$1@/; s,^state-file.*,state-file = \"$WORK/bed.$1\",
		s/^address.*/address = \"[$(addr s3)]:4$(echo "$1" | tail -c 4)\"/" \
		"$WORK/s1.conf" > "$WORK/bed.conf.$1"
	in_ns s3 timeout 5 dmikey-sensor --timeout 1 -c "$WORK/bed.conf.$1" > /dev/null 2>&1
}

strangers()
{
	for i in $(seq "$1" "$2"); do
		stranger "$(printf %07d "$i")" &
		[ $((i % 8)) -ne 0 ] || wait $!
	done
	sleep 3
}

ktap_plan 37
net_up 2 3
for n in 1 2; do conf_tp $n; done
conf_r
r_policies r1
listen r1 "$WORK/readings"

# sensor 1 has derived PSKs, sensor 2 drawn ones
for n in 1 2; do sensor_conf $n 2 2 'timestamp = "counter"' > /dev/null; done
sed -i "s,$PKI/psk,$WORK," "$WORK/s1.conf"
echo "address = \"$(addr s1)\"" >> "$WORK/s1.conf"
ktap_run "a sensor is provisioned from two master keys" dmikey-provision -c "$WORK/s1.conf" \
	-b f405 -o "$WORK/s1" --master "gw1=$WORK/gw1/master.key" \
	--master "gw2=$WORK/gw2/master.key" --generation 1
for n in 1 2; do
	ktap_run "and imported at gw$n" registry gw$n import "$WORK/s1/thirdparty-gw$n.csv"
	ktap_run "another one with a PSK at gw$n" registry gw$n add sensor2@example \
		psk sensor2 timestamp counter
done
slab() { awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo; }
before=$(slab)
ktap_run "a million others are there" million
for p in gw1 gw2 r1; do agent_up $p; done
ktap_equal "gw1 reads the registry" "$(jq -r .registry "$WORK/gw1/status.json")" good

touch "$WORK/s1.old" "$WORK/s2.old"
session 1 1
cp "$WORK/s1.state" "$WORK/s1.old"
works "one of a million has a session" 1
works "so has the one with a PSK" 2
ktap_run "its key is there" grep -q 'dmikey:registry:sensor2@example' /proc/keys

# most that ask are strangers
asked=$(counter gw1 upcall-sent)
strangers 1 48
# a slow machine does not get all of them to send in time
ktap_run "more are asked for than may be known" [ "$(counter gw1 upcall-sent)" -gt $((asked + SENSORS_MAX)) ]
ktap_run "few are known" at_most $SENSORS_MAX
ktap_run "but some" [ "$(known)" -ge $((SENSORS_MAX / 2)) ]
grown=$(($(slab) - before))
diag "$(known) known; slabs have grown by $grown KiB"
ktap_run "slabs have grown by at most $SLAB KiB" [ $grown -le $SLAB ]
# the others' PSKs are derived from two master keys
ktap_run "the one with a PSK has the only key, at each gateway" \
	[ "$(grep -c 'dmikey:registry:' /proc/keys)" -le 2 ]

# who is not heard of is forgotten
for n in 1 2; do
	sed -i "s/forget-after = 600/forget-after = $FORGET/" "$WORK/gw$n/dmikey.conf"
	kill -HUP "$(pid gw$n)"
done
ktap_run "the first is forgotten" ktap_wait 40 forgotten sensor1@example
ktap_run "so is the other" ktap_wait 40 forgotten sensor2@example
# a share on its way knows its sensor, 100 s at most
ktap_run "and its key with it" ktap_wait 130 sh -c \
	"! grep -q dmikey:registry:sensor2@example /proc/keys"
ktap_run "a COUNTER is kept" [ "$(kept 1)" -gt 0 ]
again 1 "it is the floor when the sensor comes again"
works "above it there is a session" 1

kill -KILL "$(pid gw1)"
agent_up gw1
ktap_wait 40 forgotten sensor1@example
again 1 "it is the floor for the next agent"
kill -KILL "$(pid gw1)" "$(pid gw2)" "$(pid r1)"
rmmod dmikey
modprobe dmikey
for p in gw1 gw2 r1; do agent_up $p; done
again 1 "and behind a restart of the machine"
works "above it there is a session again" 1

# what the registry says takes effect at once
# at both gateways: a share that comes alone leaves a group open at R for long
registry gw2 deny sensor1@example > /dev/null
ktap_run "the sensor is denied" registry gw1 deny sensor1@example stolen
ktap_run "the module forgets it" logged gw1 'sensor1@example: removed: it is denied in the registry'
fails "it has no session" 1 sensor-denied
for n in 1 2; do registry gw$n allow sensor1@example > /dev/null; done
works "allowed, it has one" 1

# both(COLUMN VALUE..): at both gateways, so that no share comes through alone
both()
{
	for n in 1 2; do
		dmikey-registry -s "$WORK/gw$n/state" add sensor1@example master gw$n \
			timestamp counter "$@" > /dev/null
	done
}
here="uri:dmikey:r2.example uri:dmikey:r1.example"
both generation 1 responders uri:dmikey:r2.example
fails "a sensor may not ask for another responder" 1 authorization
both generation 1 responders "$here" addresses fd99::/16
fails "nor use another address" 1 address
both generation 1 responders "$here" addresses "fd99::/64 fd00::/16"
works "with the right ones it has a session" 1
both generation 2
fails "the key of an old generation is none" 1 mac
both generation 1
works "the right one is" 1

# a registry that cannot be read says no to those who ask, and takes nothing back
cp "$WORK/gw1/state/registry.db" "$WORK/good.db"
printf 'no database at all' | dd of="$WORK/gw1/state/registry.db" conv=notrunc 2> /dev/null
kill -HUP "$(pid gw1)"
ktap_run "a damaged registry is told of" logged gw1 'registry.db: the database is damaged'
ktap_wait 40 forgotten sensor1@example
fails "nobody that it might deny has a session" 1 sensor-denied
rm -f "$WORK"/gw1/state/registry.db*
cp "$WORK/good.db" "$WORK/gw1/state/registry.db"
kill -HUP "$(pid gw1)"
works "put back, it has one" 1
ktap_equal "no request failed" "$(cat "$(log gw1)" "$(log gw2)" "$(log r1)" | grep error: | grep -v registry.db)" ""
ktap_end
