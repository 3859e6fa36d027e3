#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=400 kernels="6.1"
# Floods in the name of a party, from afar: they use up what its address may send, and it
# gets through with a cookie, though no queue is loaded.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/tape.sh"

RATE=4	# messages a second of one address: none is left in its bucket

# spoof FROM NS TAPE: until spoof_end; nothing is left in the bucket then
spoof()
{
	was=$(turned_away "$2")
	# no function: the signal of spoof_end is for the program
	ip netns exec router strangers "$(addr4 "$2")" "$(addr6 "$2")" 100000000 csb "$3" \
		"$(addr "$1")" > /dev/null & spoofer=$!
	ktap_wait 60 spoofed "$2"
}
turned_away() { echo $(($(counter "$1" cookie) + $(counter "$1" rate-source))); }
spoofed() { [ $(($(turned_away "$1") - was)) -ge 500 ]; }
spoof_end() { kill $spoofer; wait $spoofer 2> /dev/null; true; }

session() { in_ns s1 dmikey-sensor -c "$conf" --once --timeout 100; }

ktap_plan 9
net_up 2 1
tape_mtu gw1 gw2 r1 s1
for n in 1 2; do tp_up "$n"; done
r_up 1
conf=$(sensor_conf 1 2 2)
TAPE=$WORK/tape
mkdir -p "$TAPE"
# no function: the signal of tape_end is for the program
ip netns exec router tape record "$TAPE" & tape_pid=$!
sleep 1
ktap_run "a session is recorded" session
tape_end
dmikeyctl -n r1 instance set rate $RATE

followed=$(counter gw1 cookie-followed)
ktap_run "r1 is flooded in gw1's name" spoof gw1 r1 "$(tape tp_r r1)"
ktap_run "a session meanwhile" session
spoof_end
ktap_run "gw1 followed r1's cookie" [ "$(counter gw1 cookie-followed)" -gt "$followed" ]
ktap_equal "r1's queue was never full" "$(counter r1 queue-full)" 0

dmikeyctl -n gw1 instance set rate $RATE
ktap_run "gw1 is flooded in the sensor's name" spoof s1 gw1 "$(tape i_tp gw1)"
ktap_run "another session meanwhile" session
spoof_end
ktap_equal "gw1's queue was never full" "$(counter gw1 queue-full)" 0
ktap_run "nobody took what was forged" [ "$(sa_count r1)" -le 6 ]
for p in gw1 r1; do dmikeyctl -n $p stats | diag; done
ktap_end
