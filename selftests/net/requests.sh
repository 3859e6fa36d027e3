#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 long=20000 long_on=uml kernels="uml"
# Requests of the netlink family drawn at random (requests.c): in a namespace where
# nothing else goes on, what is refused changes nothing; without privilege all is refused
# but what anybody may read; and in the namespaces of a third party and of a responder
# while sessions come and go. KASAN and kmemleak watch; nothing stays behind.
#
# Short form: always the same requests. The long form draws others each time.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/left.sh"

if [ -n "${LONG:-}" ]; then
	SEED=$(date +%s) QUIET=100000 ROUNDS=100 EACH=4000
else
	SEED=1 QUIET=12000 ROUNDS=3 EACH=4000
fi
# INSTANCE_GET, STATS_GET
ANYBODY="1 17"

# good_values: what a request is drawn with
good_values()
{
	for p in gw1 gw2 r1; do
		openssl x509 -inform DER -in "$PKI/$p.der" -pubkey -noout |
			openssl rsa -pubin -RSAPublicKey_out -outform DER \
				-out "$WORK/$p.pub" 2> /dev/null
		cp "$PKI/$p.der" "$WORK/$p.der"
		hash=$(sha256sum < "$PKI/$p.der")
		echo "id=dmikey:$p.example own=dmikey:$p.example"
		echo "cert=@$WORK/$p.der pubkey=@$WORK/$p.pub hash=%${hash%% *}"
		echo "key=$(key_private "$PKI/$p.key.der")"
	done
	echo "id=sensor1@example key=$(key_psk "$PKI/psk/sensor1.gw1")"
	echo "id=sensor2@example key=$(key_psk "$PKI/psk/sensor1.gw2")"
	echo "name=ward name=a realm=example realm=net.example port=2269 port=0"
	echo "addr=%0a001402 addr=%fd000020000000000000000000000002"
	echo "addr=%fd000010000000000000000000000002"
	# AES-GCM-16; the default
	echo "policy=%00020014 policy=% prefix=32 prefix=128 min-k=2 min-k=3 ts=0 ts=2"
	echo "expires=4102444800 upcall=1 upcall=2 upcall=3"
}

# drawn NS FILE COUNT SEED [OPTIONS]: requests there; what came of them in FILE
drawn()
{
	drawn__file=$2
	# shellcheck disable=SC2046,SC2086 # many words
	in_ns "$1" $PROGRAM ${5:-} "$3" "$4" $(cat "$WORK/values") > "$2" 2>&1 && return
	cat "$drawn__file"
	return 1
}

# commands WHICH FILE..: numbers of those that were carried out (1) or refused (2)
commands()
{
	commands__column=$(($1 + 2))
	shift
	awk -v c="$commands__column" '$1 == "command" && $c { print $2 }' "$@" | sort -nu | xargs
}
count() { awk '$1 == "command" { n += $3 + $4 } END { print n + 0 }' "$@"; }

configure()
{
	{ for n in 1 2 3; do tp_up "$n"; done; r_up 1; } 2> "$WORK/configure"
}

# A third party and the responder are told everything at once; then they go.
round()
{
	configure && traffic_up 1 "$WORK/s1.conf" && flows r1 || return
	round__status=0 round__pids=
	for p in gw1 r1; do
		drawn $p "$WORK/round.$p.$1" "$EACH" $((SEED + $1)) -a &
		round__pids="$round__pids $!"
	done
	for pid in $round__pids; do wait "$pid" || round__status=1; done
	traffic_down
	ip -n s1 xfrm state flush
	for p in gw1 gw2 gw3 r1; do
		pkill_in $p KILL
		ip netns del $p
		net_party $p
	done
	return $round__status
}

rounds()
{
	for turn in $(seq "$ROUNDS"); do
		round "$turn" || { echo "round $turn"; return 1; }
	done
}

ktap_plan 13
PROGRAM=requests
keyctl clear @u
ktap_wait 20 sh -c "! grep -q dmikey: /proc/keys"
rsa=$(left_rsa)
net_up 3 1
sensor_conf 1 3 2 > /dev/null
good_values > "$WORK/values"
diag "seed $SEED"

# ---- nobody else
ip netns add quiet
ktap_run "what is refused says why, and changes nothing" \
	drawn quiet "$WORK/quiet" "$QUIET" "$SEED" -q
all=$(commands 2 "$WORK/quiet")
ktap_equal "there are so many commands" "$(echo "$all" | wc -w)" 23
diag < "$WORK/quiet"
PROGRAM="setpriv --reuid 65534 --regid 65534 --clear-groups requests"
ktap_run "without privilege" drawn quiet "$WORK/nobody" 1000 "$SEED"
ktap_equal "nothing is done but what anybody may read" "$(commands 1 "$WORK/nobody")" "$ANYBODY"
ktap_equal "each command was tried" "$(commands 2 "$WORK/nobody")" "$all"
PROGRAM=requests
ip netns del quiet

# ---- everybody else
ktap_run "a third party and a responder that work" rounds
# SESSION_DEL and UPCALL_REFUSE need a session, or a question, of that moment: by luck
printf 'command %d 1 0\n' 16 18 > "$WORK/excused"
ktap_equal "each command was carried out at some time" \
	"$(commands 1 "$WORK/excused" "$WORK/quiet" "$WORK"/round.*)" "$all"
ktap_equal "and refused" "$(commands 2 "$WORK"/round.*)" "$all"
awk '$1 == "command" { d[$2] += $3; r[$2] += $4 }
	END { for (c in d) print "command " c " " d[c] " " r[c] }' "$WORK"/round.* | sort -nk2 | diag
diag "$(count "$WORK/quiet" "$WORK/nobody" "$WORK"/round.*) requests"

# ---- afterwards
sessions()
{
	configure && traffic_up 1 "$WORK/s1.conf" && flows r1
	sessions__status=$?
	traffic_down
	return $sessions__status
}
ktap_run "sessions come up again" sessions
for p in gw1 gw2 gw3 r1; do ip netns del $p; done
keyctl clear @u
ktap_run "no key is held" ktap_wait 20 is left_keys 0
ktap_run "none of RSA" ktap_wait 20 is left_rsa "$rsa"
ktap_equal "nobody uses the module" "$(cat /sys/module/dmikey/refcnt)" 0
ktap_run "it goes" rmmod dmikey
ktap_end
