#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=400
# Many sensors at once after a cold start: they wait for one RSA exchange a
# third party, not for one each.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

MANY=100

# one message 1 of each of many sensors, for gw1 and gw2, who do not hear them yet
collect()
{
	for p in gw1 gw2; do dmikeyctl -n $p instance set port 0; done
	for n in $(seq $MANY); do
		for p in gw1 gw2; do
			psk=$WORK/psk.$n.$p
			(umask 077; openssl rand -hex 32 > "$psk")
			dmikeyctl -n $p sensor add "nai:many$n@example" key "$(key_psk "$psk")"
		done
		ip -n s1 addr add "fd00:51::1:$n/128" dev eth0 nodad
		sed -e "s|sensor1@|many$n@|" -e "s|psk-file = .*/sensor1\.|psk-file = \"$WORK/psk.$n.|" \
			"$WORK/two.conf" > "$WORK/many$n.conf"
		mkdir "$WORK/dump$n"
		in_ns s1 dmikey-sensor -c "$WORK/many$n.conf" --address "fd00:51::1:$n" \
			--state-file "$WORK/state$n" --timeout 1 \
			--fault dump="$WORK/dump$n" > "$WORK/many$n.out" 2>&1 &
		[ $((n % 20)) -ne 0 ] || wait
	done
	wait
	for p in gw1 gw2; do dmikeyctl -n $p instance set port 2269; done
}

# deliver GATEWAY: all of them, as fast as it goes
deliver()
{
	in_ns s1 bash -c "for d in $WORK/dump*; do
		set -- \$d/*-tx-$1.bin
		cat \$1 > /dev/udp/$(addr "$1")/2269
	done"
}

accepted() { [ "$(counter r1 share-accepted)" -ge $((2 * MANY)) ]; }

ktap_plan 6
net_up 2 1
{ tp_up 1; tp_up 2; r_up 1; } 2> /dev/null
sensor_conf 1 2 2 > /dev/null
mv "$WORK/s1.conf" "$WORK/two.conf"
collect

# R hears nothing yet: what comes until a message 3 is repeated finds no key
dmikeyctl -n r1 instance set port 0
deliver gw1 &
deliver gw2 &
sleep 1
dmikeyctl -n r1 instance set port 2269
wait
ktap_run "$MANY sensors at once: all shares arrive" ktap_wait 60 accepted
sleep 2
ktap_equal "R decrypts once a third party" "$(counter r1 rsa-decrypt)" 2
ktap_equal "and finds the key for all others" \
	"$(counter r1 envelope-hit) $(counter r1 envelope-miss)" "$((2 * MANY - 2)) 0"
ktap_equal "a third party signs once" \
	"$(counter gw1 rsa-sign) $(counter gw2 rsa-sign)" "1 1"
ktap_run "while others were parked" [ "$(counter gw1 share-parked)" -ge 10 ]
diag "parked: $(counter gw1 share-parked) and $(counter gw2 share-parked)"
ktap_equal "all have a session" "$(counter r1 session-established)" $MANY
for p in gw1 r1; do dmikeyctl -n $p stats | diag; done
ktap_end
