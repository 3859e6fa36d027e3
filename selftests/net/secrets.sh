#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: timeout=600 kernels="6.1" board=f405 bin="coap-server-openssl"
# vm: args="init_on_free=0 init_on_alloc=0"
# Secrets die. The machine's memory and the board's are dumped from outside, by
# QEMU's monitor, and searched for eight bytes in a row of every secret of a session
# (vm/memory.sh, seek.c). What lives has to be found by the same search, or it would
# prove nothing. No program here is told a secret: the sensor has a machine of its
# own, PSKs come veiled (veil.c), and nothing asks xfrm for its keys. The kernel
# clears nothing by itself.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/board.sh"

FLEETING="TGK share I_TP-encr_key I_TP-salt TP_R-encr_key TP_R-salt"
# a third party keeps them for answers to its shares, 100 s
ANSWERS="I_TP-auth_key TP_R-auth_key"

key_psk() { veil "dmikey:${1##*/}" "$(veiled "${1##*.gw}")"; }
veiled() { echo "$VEILED" | cut -d' ' -f"$1"; }

enrol()
{
	local conf

	conf=$(sensor_conf 1 3 2 'timestamp = "counter"' "address = \"$(addr b1)\"")
	VEILED=$(board enrol "$(base64 -w 0 "$conf")") && [ -n "$VEILED" ]
}

capture()
{
	for p in s1 r1; do
		# message 3 comes in fragments
		in_ns router tcpdump -Z root -nn -U -i $p -w "$WORK/$p.pcap" \
			udp port 2269 or ip6 proto 44 2> /dev/null &
	done
	ktap_wait 30 [ -s "$WORK/s1.pcap" -a -s "$WORK/r1.pcap" ]
}

# tell: what went over the wire, to who can make secrets of it
tell()
{
	for p in s1 r1; do
		board wire "$(gzip -9 -c "$WORK/$p.pcap" | base64 -w 0)" || return
	done
}

# look guest|board TAG: sets PLACES
look()
{
	PLACES=$(board look "$1" "$2-$1") || PLACES=
	diag "$2, $1: $PLACES"
}

# places LABEL: how often it was found; nothing if it was not looked for
places() { tr ' ' '\n' <<< "$PLACES" | sed -n "s/^$1=//p"; }

# found LABEL..: all of them
found() { for l; do [ "$(places "$l")" -gt 0 ] || { echo "$l: $(places "$l")"; return 1; }; done; }
# gone LABEL..: they were looked for, and none of them is anywhere
gone() { for l; do [ "$(places "$l")" = 0 ] || { echo "$l: $(places "$l")"; return 1; }; done; }

# look_until_gone TAG LABEL..: of the machine; what is to end may be about to
look_until_gone()
{
	for _ in 1 2 3 4 5; do
		look guest "$1"
		! gone "${@:2}" > /dev/null || break
		sleep 2
	done
}

module_goes()
{
	for ns in $(ip netns list | cut -d' ' -f1); do
		ip netns pids "$ns" | xargs -r kill -KILL
		ip netns del "$ns"
	done
	ktap_wait 30 rmmod dmikey && keyctl clear @u
}

confirmed() { [ "$(counter r1 session-confirmed)" -ge "$1" ]; }

ktap_plan 12
net_up 3 1
ktap_run "the sensor gets new PSKs, the third parties their complements" enrol
for n in 1 2 3; do tp_up "$n" timestamp counter; done
board_r_up
board_edge
capture
ktap_run "power" board_on
ktap_run "a session is confirmed" ktap_wait 180 confirmed 1
ktap_run "its secrets are known outside" tell

# shellcheck disable=SC2086
{
	look board live
	ktap_run "the sensor's memory has the keys that it uses" found ESP-key K_update
	ktap_run "and none that it needs no more" gone $FLEETING $ANSWERS
	look_until_gone live $FLEETING
	ktap_run "the machine's memory has the keys in use" \
		found PSK envelope ESP-key K_update $ANSWERS
	ktap_run "and none that nobody needs" gone $FLEETING

	ktap_run "the session ends" dmikeyctl -n r1 session del nai:sensor1@example
	look_until_gone ended $FLEETING ESP-key K_update
	ktap_run "its keys are nowhere" gone $FLEETING ESP-key K_update
	ktap_run "the module goes" module_goes
	look_until_gone unloaded $FLEETING $ANSWERS ESP-key K_update envelope PSK
	ktap_run "no secret is left" gone $FLEETING $ANSWERS ESP-key K_update envelope PSK
}
ktap_end
