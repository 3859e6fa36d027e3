#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 board=f405 bin="coap-server-openssl" kernels="6.12"
# The firmware on the F405 against the module: a session, readings at a CoAP server
# that nobody here wrote, all in ESP; a power cut; a third party that is
# gone; a responder that has lost everything.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/board.sh"

# at_least N COMMAND..
at_least() { [ "$("${@:2}")" -ge "$1" ]; }
more_sessions() { [ "$(counter r1 session-confirmed)" -gt "$1" ]; }
bound() { board_lines | sed -n 's/.*store: ok, T above //p' | tail -n 1; }
on_wire() { tcpdump -Z root -nn -r "$WORK/wire.pcap" "$@" 2> /dev/null | wc -l; }

ktap_plan 24
net_up 3 1
for n in 1 2 3; do tp_up "$n" timestamp counter; done
board_r_up
in_ns router tcpdump -Z root -nn -U -i s1 -w "$WORK/wire.pcap" 2> /dev/null &
ktap_run "the line is joined to the network" board_edge
ktap_run "the sensor is provisioned" board_provision 3
ktap_run "power" board_on

ktap_run "it knows who it is" board_says 60 'keys: sensor1@example, generation 1, 3 third parties'
ktap_run "a session" board_says 90 'session: established'
for n in 1 2 3; do
	ktap_run "the share of gw$n was right" board_says 2 "third party gw$n: right share"
done
ktap_run "readings are acknowledged" board_says 60 'reading 3 acknowledged'
ktap_run "the CoAP server has them" at_least 3 coap_readings
ktap_run "as SenML in CBOR" grep -q 'Content-Format:application/senml+cbor' "$COAP_LOG"
ktap_equal "SAs at R" "$(sa_count r1)" 2
n=$(coap_readings)
ktap_run "R has had each in ESP" at_least $((n > 3 ? n : 3)) esp_packets b1
ktap_run "and has answered in ESP" at_least 3 esp_packets r1

before=$(bound)
confirmed=$(counter r1 session-confirmed)
ktap_run "a power cut; its time is faster from now on" board_on speed=4
ktap_run "another session" ktap_wait 90 more_sessions "$confirmed"
ktap_run "T is above all before" [ "$(bound)" -gt "$before" ]

dmikeyctl -n gw3 instance set port 0
ktap_run "R loses everything, and gw3 is gone" board_r_lost
ktap_run "the sensor has another session" ktap_wait 180 more_sessions 0
ktap_run "because a reading was not acknowledged" board_says 1 'not acknowledged'
ktap_run "it says who was missing" board_says 5 'third party gw3: no answer'
ktap_run "the new server has readings" ktap_wait 60 at_least 3 coap_readings
ktap_run "ESP on the wire" at_least 6 on_wire esp
ktap_equal "CoAP outside of it" "$(on_wire port $COAP_PORT)" 0
board_lines | tail -n 30 | diag
ktap_end
