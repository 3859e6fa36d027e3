# SPDX-License-Identifier: GPL-2.0
# The agent of a party of net.sh's ward. Source it behind net.sh; sensor1 is the only
# sensor, its time stamps are of the kind TIMESTAMP (ntp).
#
#	gateway_conf NAME	writes its dmikey.conf, in $WORK/NAME
#	responder_conf NAME
#	agent_up NAME		starts it; true when the module listens. $! is the agent

# agent_conf NAME: what is in all of them, and from standard input the rest
agent_conf()
{
	mkdir -p -m 700 "$WORK/$1"
	{
		echo "ca = {\"$PKI/ca.pem\"}"
		echo "crl = {\"$PKI/crl.pem\"}"
		cat
	} > "$WORK/$1/dmikey.conf"
}

gateway_conf()
{
	agent_conf "$1" <<-EOC
		thirdparty { certificate = "$PKI/$1.pem" key = "$PKI/$1.key" }
		peer-responder "dmikey:r1.example" {
		  certificate = "$PKI/r1.pem" address = "$(addr r1)"
		}
		sensor "sensor1@example" {
		  psk-file = "$PKI/psk/sensor1.$1" timestamp = ${TIMESTAMP:-ntp}
		}
	EOC
}

responder_conf()
{
	agent_conf "$1" <<-EOC
		responder "dmikey:$1.example" {
		  certificate = "$PKI/$1.pem" key = "$PKI/$1.key"
		}
		rule "ward" { realm = "example" min-k = 2 reqid = 7 }
	EOC
}

agent_up()
{
	in_ns "$1" dmikeyd -c "$WORK/$1/dmikey.conf" -s "$WORK/$1/state" \
		-S "$WORK/$1/status.json" 2>> "$TEST_LOGS/$1.log" &
	ktap_wait 30 sh -c "ip netns exec $1 ss -Huln | grep -q :2269" &&
		ktap_wait 30 test -s "$WORK/$1/status.json"
}
