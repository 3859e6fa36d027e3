#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=400 board=f405 bin="coap-server-openssl"
# The demonstration, with the firmware as the sensor: an STM32F405 of QEMU's,
# by its UART. Lines of its console begin with [sensor].
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/agent.sh"
. "$here/../lib/board.sh"
. "$here/../lib/demo.sh"

SENSOR=b1 PORT=$COAP_PORT CLEAR='glucose' TIMESTAMP=counter

sensor_place() { echo "s1 (its serial line is the sensor's)"; }

# gw4 joins when the sensor is given a key with it
sensor_session()
{
	board_provision "$1" > "$WORK/provision" 2>&1 || fail "provisioning: $(cat "$WORK/provision")"
	board_on || fail "the sensor cannot be switched on"
	wait_readings 60 "$2"
}

sensor_end() { board_off; }

receiver()
{
	say "libcoap's server at the responder, the sensor's line, and a capture on the wire"
	coap_up || fail "there is no CoAP server"
	board_edge || fail "the line cannot be used"
	tail -n +1 -f "$BOARD_LOG" | indent "[sensor] " &
}

readings() { coap_readings; }

# the server's words about the first three: CoAP, and what is legible of SenML
received()
{
	grep -A 2 't:CON c:POST' "$COAP_LOG" | grep '^v:\|^<<\. ' | head -n 6
}

sensor_knows()
{
	board_has 'third party gw2: wrong share' && board_has 'third party gw3: no answer'
}

demo
