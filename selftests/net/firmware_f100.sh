#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 board=f100 bin="coap-server-openssl" kernels="7"
# The firmware on the F100, which has 8 KiB of RAM and no source of random numbers,
# against the module: sessions by a seed that is used once, updates, and a third
# party that lies.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/board.sh"

# at_least N COMMAND..
at_least() { [ "$("${@:2}")" -ge "$1" ]; }
more_sessions() { [ "$(counter r1 session-confirmed)" -gt "$1" ]; }

# the SPIs of the sensor's sessions: random numbers of its own
spis() { sed -n 's/.*session: SPI \([0-9a-f]*\) out.*/\1/p' "$BOARD_LOG"; }

told() { board_lines | grep -q 'third party gw2: wrong share'; }
forget_sessions() { dmikeyctl -n r1 session del nai:sensor1@example; }

# three of four are drawn; the server forgets the session until gw2 is among them
found_out()
{
	for _ in 1 2 3 4 5 6; do
		ktap_wait 25 told && return
		forget_sessions
	done
	return 1
}

# asked LINE: who is asked in the first session behind that line of the console
asked() { tail -n "+$1" "$BOARD_LOG" | sed -n 's/.*session: asking \(.*\);.*/\1/p' | head -n 1; }

ktap_plan 21
net_up 4 1
for n in 1 2 3 4; do tp_up "$n" timestamp counter; done
board_r_up
ktap_run "the line is joined to the network" board_edge
ktap_run "the sensor is provisioned" board_provision 4 "n = 3" "esp { lifetime = 60 }"
ktap_run "power" board_on
ktap_run "a session" board_says 90 'session: established'
ktap_run "readings reach the CoAP server" ktap_wait 60 at_least 3 coap_readings
ktap_run "in ESP" at_least 3 esp_packets b1
ktap_run "and are acknowledged" board_says 60 'reading 3 acknowledged'

confirmed=$(counter r1 session-confirmed)
ktap_run "a power cut" board_on
ktap_run "another session" ktap_wait 90 more_sessions "$confirmed"
ktap_equal "of other random numbers" "$(spis | sort -u | wc -l)" "$(spis | wc -l)"

ktap_run "time is faster: an update in a few seconds" board_on speed=10
ktap_run "the sensor asks for new keys" board_says 60 'nearly over, new keys'
ktap_run "and has them" board_says 10 'session: updated'
line=$(grep -n 'session: updated' "$BOARD_LOG" | tail -n 1 | cut -d: -f1)
n=$(coap_readings)
ktap_run "readings go on" ktap_wait 30 at_least $((n + 4)) coap_readings
ktap_equal "in the same session" "$(asked "$line")" ""
ktap_run "R has updated it" [ "$(counter r1 session-updated)" -ge 1 ]

# the liar signs each share: where the others do not, R may be done before its share comes
for p in gw1 gw3 gw4 r1; do dmikeyctl -n $p instance set envelope-life 0; done
liar_up 2 > /dev/null
ktap_run "gw2 lies; a power cut" board_on speed=10
ktap_run "the sensor is told who lies" found_out
line=$(grep -n 'third party gw2: wrong share' "$BOARD_LOG" | head -n 1 | cut -d: -f1)
forget_sessions
ktap_run "there is another session" ktap_wait 90 \
	sh -c "tail -n +$line '$BOARD_LOG' | grep -q 'session: asking'"
ktap_equal "which does without gw2" "$(asked "$line")" "gw1, gw3, gw4"
n=$(coap_readings)
ktap_run "and has readings" ktap_wait 60 at_least $((n + 2)) coap_readings
board_lines | tail -n 40 | diag
ktap_end
