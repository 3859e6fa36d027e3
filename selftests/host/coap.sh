#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The firmware's application, sensor-fw/app.c, on the host against a CoAP server that
# nobody here wrote: libcoap's, with Wireshark's dissectors to read what it stored.
cd "$(dirname "$0")" || exit 1
. ../lib/ktap.sh

sensor=${O:-../../build}/selftests/unit/coap_sensor
for tool in coap-server-openssl coap-client-openssl text2pcap tshark xxd "$sensor"; do
	command -v "$tool" > /dev/null || ktap_skip_all "no $tool here"
done

work=$(mktemp -d)
export HOME=$work
port=$((20000 + $$ % 20000))
pid=

# serve OPTION...: a server that makes a resource of what is posted
serve()
{
	stdbuf -oL coap-server-openssl -A ::1 -p "$port" -v 7 "$@" > "$work/server" 2>&1 &
	pid=$!
	ktap_wait 10 coap-client-openssl -B 1 "coap://[::1]:$port/time" || diag < "$work/server"
}

stop()
{
	[ -z "$pid" ] || kill "$pid"
	wait "$pid" 2> /dev/null
	pid=
}

# run READINGS [FAULT]
run()
{
	timeout 60 "$sensor" "$port" vitals/s1 "$@" > "$work/sensor" 2>&1
}

# as a person would read them
get()
{
	coap-client-openssl -B 5 -o "$work/got" "coap://[::1]:$port/$1" > /dev/null 2>&1
}

# posted: Message ID of each POST that the server took, repetitions too
posted()
{
	sed -n 's/.*t:CON c:POST i:\([0-9a-f]*\) .*vitals.*/\1/p' "$work/server"
}

events()
{
	grep -v '^[0-9a-f]*$' "$work/sensor" | tr '\n' ' '
}

# dissect: what the server gave back, as the payload of a CoAP message
dissect()
{
	{ printf '\x40\x02\x12\x34\xc1\x70\xff'; cat "$work/got"; } | od -Ax -tx1 -v |
		text2pcap -q -u 5683,5683 - "$work/pcap" 2> /dev/null
	tshark -n -r "$work/pcap" -V 2> /dev/null
}

ktap_plan 16
serve -d 10
run 3
ktap_equal "three readings are posted" "$? $(events)" \
	"0 sent 1 acknowledged 1 sent 2 acknowledged 2 sent 3 acknowledged 3 "
# its log may come after its answer
answers() { [ "$(sed -n 's/.*t:ACK c:\(2.0[14]\) .*/\1/p' "$work/server" | tr '\n' ' ')" = "$*" ]; }
ktap_run "the server made a resource and changed it twice" ktap_wait 5 answers "2.01 2.04 2.04 "
ktap_run "it knows what was posted" \
	grep -q 'vitals, Uri-Path:s1, Content-Format:application/senml+cbor' "$work/server"
get vitals/s1
ktap_equal "it has stored the last reading, byte for byte" \
	"$(xxd -p -c 999 "$work/got")" "$(tail -n 1 "$work/sensor")"
dissect > "$work/shown"
ktap_equal "Wireshark reads names and units" \
	"$(sed -n 's/^ \{12\}Text String: //p' "$work/shown" | tr '\n' ' ')" \
	"nai:sensor1_example: seq count pulse beat/min spo2 / systolic Pa diastolic Pa temp Cel glucose kg/m3 "
ktap_equal "and decimal fractions, nothing malformed" \
	"$(grep -c '^ \{12\}Tag: Decimal fraction' "$work/shown") $(grep -ci malformed "$work/shown")" "3 0"
ktap_run_fails "it rejected nothing" grep -q 'RST' "$work/server"

run 3 lose
ktap_equal "lost requests are repeated" "$? $(events)" \
	"0 sent 1 repeated 1 acknowledged 1 sent 2 repeated 1 acknowledged 2 sent 3 repeated 1 acknowledged 3 "
stop

serve -d 10
run 3 double
ktap_equal "doubled requests" "$? $(events)" \
	"0 sent 1 acknowledged 1 sent 2 acknowledged 2 sent 3 acknowledged 3 "
ktap_wait 5 eval '[ "$(posted | wc -l)" -eq 6 ]'
ktap_equal "are known by their Message ID" \
	"$(posted | wc -l) $(posted | sort -u | wc -l)" "6 3"
stop

# its first datagrams do not go out; one of them answers serve()'s question
serve -d 10 -l 2-3
run 2
ktap_run "lost answers: the reading is repeated" grep -q '^repeated' "$work/sensor"
ktap_equal "under the same Message ID" "$(posted | sort -u | wc -l)" "2"
ktap_run "and acknowledged" grep -q '^acknowledged 2' "$work/sensor"
stop

run 3 &
run=$!
ktap_wait 20 grep -q '^silent 1' "$work/sensor"
serve -d 10
wait $run
ktap_equal "a server that comes back gets all readings" \
	"$? $(grep -E 'silent|acknowledged|lost' "$work/sensor" | tr '\n' ' ')" \
	"0 silent 1 acknowledged 1 acknowledged 2 acknowledged 3 "
stop

serve
run 1
ktap_equal "a server that takes nothing says so" "$? $(grep refused "$work/sensor")" "0 refused 132"
ktap_run "with 4.04" ktap_wait 5 grep -q 't:ACK c:4.04' "$work/server"
stop
rm -rf "$work"
ktap_end
