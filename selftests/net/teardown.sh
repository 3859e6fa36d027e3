#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=1024 timeout=900 long=40000 long_on=uml bin="jq" kernels="6.1 7"
# Under traffic a sensor, a third party and the responder lose their network
# namespaces, and all of them the module, again and again: nothing stays. The long
# form has 1,000 rounds, or as many as ROUNDS says.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/left.sh"

[ -n "${ROUNDS:-}" ] || ROUNDS=$([ -n "${LONG:-}" ] && echo 1000 || echo 10)
# KiB that the rounds behind the second one may add, however many they are
SLAB=512
# network namespaces, of which each round destroys one, may be freed late by so many
LATE=8

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
	timeout 60 rmmod dmikey || return
	[ ! -e /sys/module/dmikey ] || return
	is left_keys 0 && is left_rsa "$rsa" || return
	for ns in gw1 gw2 gw3 r1; do
		is left_sockets "$ns" 0 || return
	done
	is left_states r1 0
}

# keys of each user
key_users() { awk '{ print $1, $3 }' /proc/key-users; }

# A third party goes, with its namespace, while shares pass it; then the module.
round()
{
	modprobe dmikey && configure && traffic_up 1 "$WORK/s1.conf" && flows r1 || return
	destroy gw3
	flows r1 && net_party gw3 && unload
	round__status=$?
	traffic_down
	return $round__status
}

# what else the rounds might pile up: users of other modules, namespaces
module_users() { awk '$3 > 0 { print $1, $3 }' /proc/modules; }
namespaces() { awk '$1 == "net_namespace" { print $2 }' /proc/slabinfo; }
few_namespaces() { [ $(($(namespaces) - namespaces)) -le $LATE ]; }

# rounds FROM TO: one result for all of them; says which one failed
rounds()
{
	for turn in $(seq "$1" "$2"); do
		round || { echo "round $turn"; return 1; }
		[ $((turn % 10)) -ne 0 ] ||
			echo "round $turn: slabs $(left_slab) KiB, $(namespaces) namespaces" >> \
				"$TEST_LOGS/rounds"
		# for who waits
		echo "teardown: round $turn of $ROUNDS" > /dev/kmsg
	done
}

ktap_plan 28
# what another test of this boot has left is not ours
no_keys() { ktap_wait 20 sh -c "! grep -q dmikey: /proc/keys"; }
keyctl clear @u
no_keys
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

# freeing waits for grace periods and works
settled() { ip -n s1 xfrm state flush && ktap_wait 20 is left_esp 0; }

ktap_run "two rounds" rounds 1 2
settled
slab=$(left_slab) namespaces=$(namespaces) module_users=$(module_users)
ktap_run "$((ROUNDS - 2)) rounds more" rounds 3 "$ROUNDS"

ktap_run "no cipher of ESP is in use" settled
grown=$(($(left_slab) - slab))
diag "slabs have grown by $grown KiB in $((ROUNDS - 2)) rounds, from $slab KiB"
ktap_run "slabs have grown by at most $SLAB KiB" [ $grown -le $SLAB ]
ktap_run "no network namespace is left" ktap_wait 60 few_namespaces
diag "there are $(($(namespaces) - namespaces)) network namespaces more than $namespaces"
ktap_run "no module has more users" is module_users "$module_users"
net_down
keyctl clear @u
ktap_run "no key is left" no_keys
ktap_equal "their owner has as many as before" "$(key_users)" "$users_before"
ktap_end
