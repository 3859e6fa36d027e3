#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: group=tool timeout=180 kernels=6.1 bin=jq mem=768
# dmikeyctl apply: only the difference, all lines read before the first is sent,
# and what has not changed lives on.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

# apply NS WORDS...	what it says goes to /tmp/said, its status is returned
apply()
{
	ns=$1
	shift
	dmikeyctl -n "$ns" apply -f "/tmp/$ns.ctl" "$@" > /tmp/said 2> /tmp/errors
}

# status N COMMAND...
status()
{
	wanted=$1
	shift
	"$@"
	got=$?
	[ "$got" -eq "$wanted" ] || { echo "status $got"; cat /tmp/said /tmp/errors; return 1; }
}

gateway()
{
	cat > "/tmp/gw$1.ctl" <<-EOC
	local add thirdparty certificate $PKI/gw$1.der key $(key_private "$PKI/gw$1.key.der")
	responder add uri:dmikey:r1.example certificate $PKI/r1.der address $(addr r1)
	sensor add nai:sensor1@example key $(key_psk "$PKI/psk/sensor1.gw$1")
	instance set port 2269 highest-t $(ntp_now)
	EOC
}

responder()
{
	cat > /tmp/r1.ctl <<-EOC
	# the ward
	instance set port 2269 skew $1

	local add responder certificate $PKI/r1.der key $rkey	# by hand
	thirdparty add certificate $PKI/gw1.der
	thirdparty add certificate $PKI/gw2.der suites cm,ccm
	rule add ward realm example min-k 2 reqid 7
	EOC
}

session_spi() { dmikeyctl -n r1 -j session | jq -c 'map(.spi_in)'; }

ktap_plan 27
net_up 2 1
rkey=$(key_private "$PKI/r1.key.der")
responder 100
gateway 1
gateway 2

ktap_run "--check: there is a difference" status 1 apply r1 --check
ktap_equal "it is all of it" "$(cut -d' ' -f1-2 /tmp/said | tr '\n' ',')" \
	"add local,add thirdparty,add thirdparty,add rule,change instance,"
ktap_equal "and nothing was changed" "$(dmikeyctl -n r1 local)" ""
ktap_run "apply" status 0 apply r1
ktap_run "now there is none" status 0 apply r1 --check
ktap_equal "nor a word" "$(cat /tmp/said)" ""
apply gw1
apply gw2
r_policies r1
listen r1 "$WORK/readings"
ktap_run "a session" in_ns s1 dmikey-sensor --readings 1 --interval 100 --timeout 60 \
	-c "$(sensor_conf 1 2 2)"
ktap_run "what the kernel counts is no difference" status 0 apply gw1 --check

# a change
spi=$(session_spi)
responder 200
echo 'rule add two sensor nai:x@example min-k 1 allow-k1 thirdparties uri:a,uri:b' >> /tmp/r1.ctl
ktap_run "a change" status 0 apply r1
ktap_equal "only the difference" "$(tr '\n' ',' < /tmp/said)" "add rule two,change instance ,"
ktap_equal "it is in force" "$(dmikeyctl -n r1 -j instance | jq '.[0].skew')" 200
ktap_equal "the session lives on" "$(session_spi)" "$spi"
[ "$spi" != "[]" ] || diag "there was no session"
sed -i 's/uri:a,uri:b/uri:a/' /tmp/r1.ctl
apply r1
ktap_equal "a rule is changed" "$(cat /tmp/said)" "change rule two"
responder 200
apply r1
ktap_equal "and taken away" "$(cat /tmp/said)" "delete rule two"
sed -i '/gw2.der/d' /tmp/r1.ctl
apply r1
ktap_equal "a third party, too" "$(cut -d' ' -f1-3 /tmp/said)" \
	"delete thirdparty uri:dmikey:gw2.example"

# other hosts
openssl rand -hex 32 > "$WORK/h2"
responder 200
sed -i '/gw2.der/d' /tmp/r1.ctl
host="host add uri:dmikey:h2.example own uri:dmikey:h1.example address 192.0.2.9"
host="$host key $(key_psk "$WORK/h2")"
echo "$host" >> /tmp/r1.ctl
apply r1
ktap_equal "a host" "$(cat /tmp/said)" "add host uri:dmikey:h2.example"
ktap_run "what it is by default is no difference" status 0 apply r1 --check
sed -i '$s/$/ policies aes-gcm-16-256 suites ccm/' /tmp/r1.ctl
apply r1
ktap_equal "it is changed" "$(cat /tmp/said)" "change host uri:dmikey:h2.example"
ktap_run "to what it says" status 0 apply r1 --check
sed -i '$d' /tmp/r1.ctl
apply r1
ktap_equal "and taken away" "$(cat /tmp/said)" "delete host uri:dmikey:h2.example"

# what is bad changes nothing
responder 300
echo 'rule add three realm x min-k many' >> /tmp/r1.ctl
ktap_run "a bad line" status 2 apply r1
ktap_run "is named" grep -q '/tmp/r1.ctl:8: rule add: min-k: "many" is not a number' /tmp/errors
ktap_equal "nothing was changed" "$(dmikeyctl -n r1 -j instance | jq '.[0].skew')" 200
responder 300
echo 'rule add ward realm other min-k 2' >> /tmp/r1.ctl
apply r1
ktap_run "two lines about one rule" \
	grep -q '/tmp/r1.ctl:8: .*line 7 is about the same one' /tmp/errors
echo 'session del spi 0x12345' > /tmp/r1.ctl
ktap_run "other commands have no place there" status 2 apply r1

# the agent's configuration is its own
responder 300
cp "$(command -v sleep)" /tmp/dmikeyd
ip netns exec r1 /tmp/dmikeyd 100 &
agent=$!
ktap_wait 10 grep -q dmikeyd "/proc/$agent/comm"
mkdir -p /run/dmikey
netns=$(in_ns r1 stat -L -c %i /proc/self/ns/net)
echo "{\"pid\":$agent,\"netns\":$netns,\"configuration\":\"/etc/dmikey/dmikey.conf\"}" \
	> /run/dmikey/status.json
apply r1
ktap_run "while the agent runs it is refused" \
	grep -q 'write it into /etc/dmikey/dmikey.conf' /tmp/errors
ktap_run "elsewhere it is not" status 0 apply gw1
kill $agent
rm /run/dmikey/status.json
ktap_end
