#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: timeout=240 files=scripts/demo-pki.sh bin=jq kernels="7"
# dmikeyctl and the module: each object is added, shown and taken away, the
# kernel's sentences arrive, -j is JSON, counters need no privilege, events come.
. "$(dirname "$0")/../lib/ktap.sh"

pki=/tmp/pki
sensor=nai:sensor1@example
gw=uri:dmikey:gw1.example
r=uri:dmikey:r1.example

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

# shows TEXT COMMAND...	its standard output is that
shows()
{
	local want=$1 out
	shift
	out=$("$@") || return 1
	[ "$out" = "$want" ] || { echo "got: $out"; echo "wanted: $want"; return 1; }
}

# has TEXT COMMAND...	its standard output holds that
has()
{
	local want=$1 out
	shift
	out=$("$@") || return 1
	grep -qF -- "$want" <<< "$out" || { echo "got: $out"; return 1; }
}

# refused STATUS TEXT COMMAND...	with that on standard error
refused()
{
	local status=$1 want=$2 err got
	shift 2
	err=$("$@" 2>&1 > /dev/null)
	got=$?
	[ "$got" -eq "$status" ] && grep -qF -- "$want" <<< "$err" && return
	echo "status $got: $err"
	return 1
}

# json FILTER COMMAND...	its standard output is JSON, for which FILTER is true
json()
{
	local filter=$1
	shift
	"$@" > /tmp/json || return 1
	jq -e "$filter" /tmp/json > /dev/null || { cat /tmp/json; return 1; }
}

datagram() { printf '%s' "$1" > /dev/udp/127.0.0.1/2269; }

ktap_plan 72

ktap_run "the demonstration CA" /dmikey/scripts/demo-pki.sh -g 2 -x "$pki"
modprobe -q pkcs8_key_parser
key=$(keyctl padd asymmetric dmikey:gw1 @u < $pki/gw1.key.der)
rkey=$(keyctl padd asymmetric dmikey:r1 @u < $pki/r1.key.der)
psk=$(xxd -r -p $pki/psk/sensor1.gw1 | keyctl padd logon dmikey:sensor1 @u)
short=$(printf short | keyctl padd logon dmikey:short @u)

# asking for the family loads the module, if the kernel may
modprobe=$(cat /proc/sys/kernel/modprobe)
echo /bin/false > /proc/sys/kernel/modprobe
ktap_run "without the module: exit 3 and the cure" \
	refused 3 "cure: modprobe dmikey" dmikeyctl show
echo "$modprobe" > /proc/sys/kernel/modprobe
ktap_run "the first question loads it" dmikeyctl stats

# the instance
ktap_run "nothing listens at first" has "not listening" dmikeyctl
ktap_run "instance set" dmikeyctl instance set port 2269 skew 100 queue 64 rate 5000
ktap_run "instance show" has "port 2269 skew 100 queue 64 rate 5000" dmikeyctl instance
ktap_run "instance -j" json '.[0].port == 2269 and .[0].started > 1700000000' \
	dmikeyctl -j instance show
ktap_run "it listens" has ":2269" ss -lnu
ktap_run "skew out of range" refused 1 "skew: integer out of range" \
	dmikeyctl instance set skew 3601
ktap_run "and nothing changed" has "skew 100" dmikeyctl instance

# roles
ktap_run "a role" dmikeyctl local add thirdparty certificate $pki/gw1.pem key "$key"
ktap_run "local show" has "thirdparty $gw expires " dmikeyctl local
ktap_run "local -j" json '.[0].role == "thirdparty" and .[0].id == "'$gw'" and
	(.[0].expires | type) == "number" and (.[0].sha256 | length) == 64' dmikeyctl -j local
ktap_run "a second role" dmikeyctl local add responder certificate $pki/r1.der key "$rkey"
ktap_run "both are there" json 'length == 2' dmikeyctl local -j
ktap_run "an expired certificate" refused 1 "the certificate has expired" \
	dmikeyctl local add responder certificate $pki/bad/r-expired.pem key "$rkey"
ktap_run "a key of another type" refused 1 "not an asymmetric key with an RSA private key" \
	dmikeyctl local add responder certificate $pki/r1.pem key "$psk"
ktap_run "no such key" refused 1 "no key of that serial" \
	dmikeyctl local add responder certificate $pki/r1.pem key 1
ktap_run "a role that is not played" refused 1 "this host does not play that role" \
	dmikeyctl local del responder uri:dmikey:other.example

# sensors
ktap_run "a sensor" dmikeyctl sensor add $sensor key "$psk" suites ccm
ktap_run "sensor show" shows "$sensor key $psk timestamp ntp suites ccm" dmikeyctl sensor
ktap_run "it is replaced" dmikeyctl sensor add $sensor key "$psk" timestamp counter counter 7
ktap_run "its line is its own command" \
	shows "$sensor key $psk timestamp counter counter 7 suites ccm,cm" dmikeyctl sensor
ktap_run "the line again" sh -c 'dmikeyctl sensor add $(dmikeyctl sensor)'
ktap_run "sensor -j" json '. == [{"id":"'$sensor'","key":'"$psk"',"timestamp":"counter",
	"counter":7,"suites":["ccm","cm"]}]' dmikeyctl -j sensor
ktap_run "one with limits" dmikeyctl sensor add nai:limits@example key "$psk" \
	responders uri:a,uri:b addresses fd00::/16,10.0.0.1
ktap_run "its line is its own command" shows "nai:limits@example key $psk timestamp ntp suites ccm,cm responders uri:a,uri:b addresses fd00::/16,10.0.0.1/32" \
	sh -c 'dmikeyctl sensor | grep limits'
ktap_run "which is so" sh -c 'dmikeyctl sensor add $(dmikeyctl sensor | grep limits)'
ktap_run "too many responders" refused 1 "the list is too long" dmikeyctl sensor add \
	nai:limits@example key "$psk" responders "$(seq -s, -f uri:r%g 17)"
dmikeyctl sensor del nai:limits@example
ktap_run "a sensor that has counted on is not forgotten" refused 1 "another COUNTER was accepted" \
	dmikeyctl sensor del $sensor counter 6
ktap_run "one that has not is" dmikeyctl sensor del $sensor counter 7
dmikeyctl sensor add $sensor key "$psk" timestamp counter counter 7
ktap_run "octets that no terminal should see" \
	dmikeyctl sensor add 'nai:\x1b[2J\x00\x2c\x5c\xff' key "$psk" generation 3
ktap_run "are written in hexadecimal" has 'nai:\x1b[2J\x00\x2c\x5c\xff key' dmikeyctl sensor
ktap_run "in JSON, too" json 'map(.id) | index("nai:\\x1b[2J\\x00\\x2c\\x5c\\xff")' \
	dmikeyctl -j sensor
ktap_run "and the sensor goes by that name" dmikeyctl sensor del 'nai:\x1b[2J\x00\x2c\x5c\xff'
ktap_run "a key that is too short" refused 1 "not a logon key of 32 bytes" \
	dmikeyctl sensor add nai:x@example key "$short"
ktap_run "a counter without counter time" refused 1 "a counter is for sensors" \
	dmikeyctl sensor add nai:x@example key "$psk" counter 1
ktap_run "an unknown sensor" refused 1 "the sensor is not known" \
	dmikeyctl sensor del nai:other@example
many()
{
	for i in $(seq 300); do
		dmikeyctl sensor add "nai:s$i@example" key "$psk" || return 1
	done
}
ktap_run "300 sensors" many
ktap_run "a dump of several messages has each once" \
	json 'length == 301 and (map(.id) | unique | length) == 301' dmikeyctl sensor -j

# peers
ktap_run "a responder" dmikeyctl responder add $r certificate $pki/r1.pem address 192.0.2.1 \
	port 2270 by-hash
ktap_run "responder show" has "address 192.0.2.1 address-port 2270" dmikeyctl responder
ktap_run "responder -j" json '.[0].id == "'$r'" and .[0].by_hash and .[0].address_port == 2270' \
	dmikeyctl responder -j
ktap_run "a third party" dmikeyctl thirdparty add certificate $pki/gw2.pem
ktap_run "thirdparty show" has "uri:dmikey:gw2.example expires " dmikeyctl thirdparty
ktap_run "one role at a time" json 'length == 1 and .[0].role == null' dmikeyctl -j thirdparty
ktap_run "an expired one" refused 1 "the certificate has expired" \
	dmikeyctl thirdparty add certificate $pki/bad/gw-expired.pem
hash=$(openssl x509 -in $pki/gw2.pem -outform DER | sha256sum | cut -d' ' -f1)
ktap_run "it goes by its certificate's hash" dmikeyctl thirdparty del sha256 "$hash"
ktap_run "a second time it is unknown" refused 1 "no peer with that certificate is known" \
	dmikeyctl thirdparty del sha256 "$hash"
ktap_run "the responder goes by name" dmikeyctl responder del $r
ktap_run "no peer is left" shows "[]" dmikeyctl -j responder

# rules
ktap_run "a rule" dmikeyctl rule add one sensor $sensor min-k 2 thirdparties $gw,uri:b \
	addresses 192.0.2.0/24,2001:db8::/32 policies aes-gcm-16-256/life=3600,aes-ccm-8-128 reqid 7
ktap_run "its line is its own command" shows "one sensor $sensor min-k 2 thirdparties $gw,uri:b \
addresses 192.0.2.0/24,2001:db8::/32 policies aes-gcm-16-256/life=3600,aes-ccm-8-128 reqid 7" \
	dmikeyctl rule
ktap_run "the line again" sh -c 'dmikeyctl rule add $(dmikeyctl rule)'
ktap_run "rule -j" json '.[0].name == "one" and .[0].sensor == "'$sensor'" and
	.[0].thirdparties[1].id == "uri:b" and .[0].addresses[1] == "2001:db8::/32" and
	.[0].min_k == 2 and .[0].allow_k1 == null' dmikeyctl rule -j
ktap_run "a rule of a realm" dmikeyctl rule add two realm example min-k 1 allow-k1
ktap_run "k = 1 has to be allowed" refused 1 "k = 1 lets one third party vouch alone" \
	dmikeyctl rule add three realm x min-k 1
ktap_run "an unknown rule" refused 1 "there is no rule of that name" dmikeyctl rule del three
ktap_run "a rule goes" dmikeyctl rule del two
ktap_run "no session is known" refused 1 "there is no such session" \
	dmikeyctl session del spi 0x12345678

# the overview
ktap_run "show says who we are" has "third party $gw; certificate until" dmikeyctl show
ktap_run "show -j has all parts" json '[.instance, .local, .sensors, .thirdparties, .responders,
	.rules, .sessions, .stats] | all(type == "array")' dmikeyctl -j

# privileges
ktap_run "counters need none" nobody dmikeyctl stats
ktap_run "sensors do" refused 4 "cure: run it with CAP_NET_ADMIN" nobody dmikeyctl sensor

# namespaces
ip netns add other
ktap_run "another namespace knows nothing" shows "" dmikeyctl -n other sensor
ktap_run "nor in JSON" shows "[]" dmikeyctl -j -n other sensor

# counters and events; a small buffer, so that it is easily full
rmem=$(cat /proc/sys/net/core/rmem_max)
echo 8192 > /proc/sys/net/core/rmem_max
dmikeyctl monitor > /tmp/events &
monitor=$!
dmikeyctl -j monitor > /tmp/events.json &
monitor_json=$!
# they take a moment to listen
heard() { datagram x; sleep 1; [ -s /tmp/events ] && [ -s /tmp/events.json ]; }
ktap_wait 30 heard
ktap_run "a refusal in words" grep -qF "refused a message from 127.0.0.1 port" /tmp/events
diag < /tmp/events
ktap_run "a refusal in JSON" jq -es \
	'.[0].event == "refused" and .[0].address == "127.0.0.1" and .[0].time > 1700000000' \
	/tmp/events.json
ktap_run "it is counted" json 'map(select(.reason and .value > 0)) | length == 1' dmikeyctl -j stats
ktap_run "show explains it" has "the message ends inside a payload (truncated)" dmikeyctl
kill -STOP $monitor
for i in $(seq 90); do datagram x; done
sleep 1
kill -CONT $monitor
datagram x
ktap_run "events that were lost are told" ktap_wait 10 grep -q "events lost" /tmp/events
ktap_wait 10 grep -q "resubscribed: events come again" /tmp/events
lost=$(wc -l < /tmp/events)
sleep 1
datagram x
ktap_run "and it goes on" ktap_wait 10 sh -c "[ \$(wc -l < /tmp/events) -gt $lost ]"
echo "$rmem" > /proc/sys/net/core/rmem_max
kill $monitor $monitor_json
dmikeyctl | diag

ktap_end
