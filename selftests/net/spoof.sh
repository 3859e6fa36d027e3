#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=400 kernels="6.1"
# Floods in the name of a party, from afar: they use up what its address may send, and it
# gets through with a cookie, though no queue is loaded; and so do answers, though what is
# sent to it for all that is forged uses up what the other's may send, too. Forged answers
# have no place in a queue.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/tape.sh"

RATE=4	# messages a second of one address: none is left in its bucket

# many NS: so many were turned away there since flood() began
turned_away() { for r in $reasons; do counter "$1" "$r"; done | awk '{ n += $1 } END { print n }'; }
many() { [ $(($(turned_away "$1") - was)) -ge 500 ]; }

# flood NS REASONS HOW TAPE [FROM]: until flood_end; there are many of it when this is over
flood()
{
	reasons=$2
	was=$(turned_away "$1")
	# no function: the signal of flood_end is for the program
	ip netns exec router strangers "$(addr4 "$1")" "$(addr6 "$1")" 100000000 "$3" "$4" \
		${5:+"$5"} > /dev/null & flooder=$!
	ktap_wait 60 many "$1"
}
flood_end() { kill $flooder; wait $flooder 2> /dev/null; true; }

session() { in_ns s1 dmikey-sensor -c "$conf" --once --timeout 100; }
# a host that got no answer tries again by itself
connected() { dmikeyctl -n gw1 host | grep -q up || tape_connect gw1 $H2; }

ktap_plan 17
net_up 2 1
tape_mtu gw1 gw2 r1 s1
for n in 1 2; do tp_up "$n"; done
r_up 1
# hosts, too: nothing was accepted before
dmikeyctl -n r1 instance set port 0 highest-t "$(ntp_now)"
dmikeyctl -n r1 instance set port 2269
tape_hosts
conf=$(sensor_conf 1 2 2)
TAPE=$WORK/tape
mkdir -p "$TAPE"
# no function: the signal of tape_end is for the program
ip netns exec router tape record "$TAPE" & tape_pid=$!
sleep 1
ktap_run "a session is recorded" session
tape_end

# overheard a minute ago at most, so that the share is known still
dmikeyctl -n gw1 instance set queue 16
ktap_run "gw1 is flooded with answers that fit, from anywhere" \
	flood gw1 "not-latest-t queue-full" answer "$(tape r_tp gw1)"
flood_end
ktap_equal "the queue has place" "$(counter gw1 queue-full)" 0
dmikeyctl -n gw1 instance set queue 4096

dmikeyctl -n r1 instance set rate $RATE
followed=$(counter gw1 cookie-followed)
ktap_run "r1 is flooded in gw1's name" \
	flood r1 "cookie rate-source" csb "$(tape tp_r r1)" "$(addr gw1)"
ktap_run "a session meanwhile" session
flood_end
ktap_run "gw1 followed r1's cookie" [ "$(counter gw1 cookie-followed)" -gt "$followed" ]
ktap_equal "r1's queue was never full" "$(counter r1 queue-full)" 0

dmikeyctl -n gw1 instance set rate $RATE
ktap_run "gw1 is flooded in the sensor's name" \
	flood gw1 "cookie rate-source" csb "$(tape i_tp gw1)" "$(addr s1)"
ktap_run "a session meanwhile" session
flood_end
ktap_equal "gw1's queue was never full" "$(counter gw1 queue-full)" 0

ktap_run "gw1 is flooded with r1's challenges" \
	flood r1 "cookie" csb "$(tape tp_r r1)" "$(addr gw1)"
ktap_run "a session meanwhile" session
ktap_run "a connection of hosts" ktap_wait 100 connected
flood_end

dmikeyctl -n gw1 instance set queue 16
ktap_run "gw1 is flooded with answers" \
	flood gw1 "not-latest-t queue-full" error "$(tape i_tp gw1)"
ktap_run "a session meanwhile" session
flood_end
ktap_equal "the queue has place" "$(counter gw1 queue-full)" 0
ktap_run "nobody took what was forged" [ "$(sa_count r1)" -le 10 ]
for p in gw1 r1; do dmikeyctl -n $p stats | diag; done
ktap_end
