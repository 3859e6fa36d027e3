#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: group=debug cpus=2 mem=1024 timeout=900 bin="jq" kernels="debug"
# The module under the eyes of KASAN, lockdep and kmemleak, on a kernel that
# takes its time: sessions, refusals, namespaces and the module taken away
# under traffic. What they see, the harness reads in the log. Hosts: debug_host.sh.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/left.sh"

sensor() { in_ns s1 dmikey-sensor --interval 50 --timeout 60 -c "$WORK/s1.conf" "$@"; }
configure() { { tp_up 1; tp_up 2; r_up 1; } 2> "$WORK/configure"; }

unload()
{
	rmmod dmikey || return
	is left_keys 0 && is left_rsa 0 && is left_states r1 0
}

# limited LETTER KEY: lines for many sensors, each with as many names as it may have
limited()
{
	names=$(seq -f "uri:dmikey:$1%0200.0f" -s , 16)
	for n in $(seq 64); do
		echo "sensor add nai:limited$n@example key $2 responders $names"
	done
}

# all of them replaced again and again, while others read them
replaced()
{
	for _ in $(seq "$1"); do
		for letter in a b; do
			dmikeyctl -n router apply -f "$WORK/$letter.ctl" > /dev/null || return
		done
	done
	[ "$(dmikeyctl -n router -j sensor | jq length)" -eq 64 ]
}
dumps() { while :; do dmikeyctl -n router -j sensor; done > /dev/null; }

ktap_plan 19
net_up 2 1
configure
listen r1 "$WORK/readings"
sensor_conf 1 2 2 > /dev/null

psk=$(key_psk "$PKI/psk/sensor1.gw1")
limited a "$psk" > "$WORK/a.ctl"
limited b "$psk" > "$WORK/b.ctl"
dumps & dumping=$!
ktap_run "sensors replaced while they are read" replaced 10
kill $dumping

ktap_run "three sessions" sensor --sessions 3 --readings 2
ktap_run "AES-CM, Reed-Solomon, CBC, TP_I, relayed R_I" sensor --readings 1 \
	--suite aes-cm --scheme reed-solomon --cipher aes-cbc-128 --verify --relay
ktap_run "messages that come twice" sensor --readings 1 --fault replay
ktap_run "readings under new keys" sensor --readings 40 --interval 200 --renew 8
ktap_run "by updates" [ "$(counter r1 session-updated)" -ge 1 ]
for fault in wrong-psk=1 corrupt-share=1 truncate=100 flip=60 time=4000; do
	# its own memory of time: one of them is ahead of it
	ktap_run_fails "$fault" sensor --once --timeout 15 --fault $fault \
		--state-file "$WORK/faulty"
done
ktap_run_fails "a sensor with no rule" sh -c ". $(dirname "$0")/../lib/net.sh
	dmikeyctl -n r1 rule del ward && ip netns exec s1 dmikey-sensor --once \
	--timeout 15 -c $WORK/s1.conf"
dmikeyctl -n r1 rule add ward realm example min-k 2 reqid 7

traffic_up 1 "$WORK/s1.conf"
ktap_run "traffic" flows r1
ktap_run "xfrm states taken away" sh -c "ip -n r1 xfrm state flush"
ktap_run "traffic again" flows r1
pkill_in r1 KILL
ip netns del r1
ktap_run "the responder's namespace goes with its keys" ktap_wait 60 is left_rsa 4
traffic_down
ip -n s1 xfrm state flush
net_party r1
configure
traffic_up 1 "$WORK/s1.conf"
ktap_run "traffic to a new responder" flows r1
ktap_run "rmmod under traffic" unload
traffic_down
modprobe dmikey
ktap_run "loaded and unloaded" unload
ktap_end
