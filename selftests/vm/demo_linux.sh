#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=280
# The demonstration, with the program dmikey-sensor as the sensor.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/agent.sh"
. "$here/../lib/demo.sh"

SENSOR=s1 PORT=7777 CLEAR='hr=' TIMESTAMP=ntp

sensor_place() { echo "s1 (dmikey-sensor)"; }

sensor_session()
{
	in_ns s1 dmikey-sensor -c "$(sensor_conf 1 "$1" 2)" --timeout 60 --interval 1000 \
		--readings 3 2>&1 | tee "$WORK/sensor" | indent "[sensor] "
	[ "${PIPESTATUS[0]}" -eq 0 ] || fail "the sensor did not reach its goal"
	wait_readings 10 "$2"
}

# it has ended by itself
sensor_end() { :; }

receiver()
{
	say "a plain UDP socket at the responder, and a capture on the wire"
	: > "$WORK/readings"
	listen r1 "$WORK/readings"
}

readings() { wc -l < "$WORK/readings"; }
received() { cat "$WORK/readings"; }

sensor_knows()
{
	grep -q 'gw2: LIES' "$WORK/sensor" && grep -q 'gw3: no share' "$WORK/sensor"
}

demo
