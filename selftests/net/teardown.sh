#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=1024 timeout=600 bin="jq"
# Under traffic a sensor, a third party and the responder lose their network
# namespaces, and all of them the module, again and again: nothing stays.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/left.sh"

ROUNDS=20
# KiB that the rounds behind the second one may add; they add some 70
SLAB=512
UNLOAD=5	# seconds

configure()
{
	ip -n r1 xfrm policy flush
	{ for n in 1 2 3; do tp_up "$n"; done; r_up 1; } 2> "$WORK/configure"
}

destroy()
{
	pkill_in "$1" KILL
	ip netns del "$1"
}

session()
{
	in_ns "s$1" dmikey-sensor --readings 1 --interval 50 --timeout 60 \
		-c "$WORK/s$1.conf" > "$WORK/out" 2>&1 && return
	cat "$WORK/out"
	for p in gw1 gw2 gw3 r1; do dmikeyctl -n "$p" stats; done
	return 1
}

# unload: it goes at once, and with everything that it had
unload()
{
	is cat /sys/module/dmikey/refcnt 0 || return
	since=$(date +%s)
	rmmod dmikey || return
	took=$(($(date +%s) - since))
	[ "$took" -le "$UNLOAD" ] || { echo "rmmod took $took s"; return 1; }
	[ ! -e /sys/module/dmikey ] || return
	is left_keys 0 && is left_rsa "$rsa" || return
	for ns in gw1 gw2 gw3 r1; do
		is left_sockets "$ns" 0 || return
	done
	is left_states r1 0
}

# keys of each user
key_users() { awk '{ print $1, $3 }' /proc/key-users; }

round()
{
	modprobe dmikey && configure && traffic_up 1 "$WORK/s1.conf" && flows r1 || return
	unload
	round__status=$?
	traffic_down
	return $round__status
}

ktap_plan $((24 + ROUNDS))
users_before=$(key_users)
rsa=$(left_rsa)
net_up 3 2
configure
sensor_conf 1 3 2 > /dev/null
sensor_conf 2 3 2 > /dev/null
listen r1 "$WORK/readings"
ktap_equal "third parties hold their PSKs" "$(left_keys)" 6
# a third party its own and R's, R its own and theirs
ktap_equal "the keys of RSA in use" "$(($(left_rsa) - rsa))" 10

traffic_up 1 "$WORK/s1.conf"
traffic_up 2 "$WORK/s2.conf"
ktap_run "traffic" flows r1

# a sensor
ktap_run "the second sensor has a session" ktap_wait 60 \
	sh -c "dmikeyctl -n r1 -j session | grep -q sensor2"
traffic_down 2
destroy s2
ktap_run "without a sensor's namespace the other one has sessions" flows r1
ktap_run "and no session but it ends" dmikeyctl -n r1 session del nai:sensor2@example
ktap_run "the states go with it" ktap_wait 20 sh -c \
	"! ip -n r1 xfrm state | grep -q '$(addr s2)'"

# a third party
before=$(left_rsa)
destroy gw3
ktap_run "a third party's namespace goes, with its PSKs" ktap_wait 20 is left_keys .gw3 0
ktap_equal "the others' stay" "$(left_keys)" 4
ktap_run "and with its keys of RSA" ktap_wait 20 is left_rsa $((before - 2))
ktap_run "k third parties are left: sessions" flows r1

# the responder
ktap_run "the responder has states" [ "$(left_states r1)" -ge 2 ]
before=$(left_rsa)
destroy r1
ktap_run "the responder's namespace goes with its keys" ktap_wait 20 is left_rsa $((before - 4))
traffic_down
ktap_run_fails "then there is no session" timeout 10 ip netns exec s1 \
	dmikey-sensor --once --timeout 5 -c "$WORK/s1.conf"

# all come back
ip -n s1 xfrm state flush
net_party gw3
net_party r1
configure
listen r1 "$WORK/readings"
ktap_run "new namespaces of the same name work" session 1
traffic_up 1 "$WORK/s1.conf"
ktap_run "traffic once more" flows r1

# the module goes
ktap_run "rmmod under traffic" unload
traffic_down
ktap_run_fails "without the module there is no session" timeout 10 ip netns exec s1 \
	dmikey-sensor --once --timeout 5 -c "$WORK/s1.conf"
modprobe dmikey
configure
ktap_run "loaded again, it works" session 1
ktap_run "and goes again" unload

for i in $(seq $ROUNDS); do
	ktap_run "round $i" round
	[ "$i" -ne 2 ] || slab=$(left_slab)
done

# freeing waits for grace periods and works
ip -n s1 xfrm state flush
ktap_run "no cipher of ESP is in use" ktap_wait 20 is left_esp 0
grown=$(($(left_slab) - slab))
diag "slabs have grown by $grown KiB in $((ROUNDS - 2)) rounds"
ktap_run "slabs have grown by at most $SLAB KiB" [ $grown -le $SLAB ]
net_down
keyctl clear @u
ktap_run "no key is left" ktap_wait 20 sh -c "! grep -q dmikey: /proc/keys"
ktap_equal "their owner has as many as before" "$(key_users)" "$users_before"
ktap_end
