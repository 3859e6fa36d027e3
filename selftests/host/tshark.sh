#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Wireshark's MIKEY dissector, which others wrote, reads our vectors.
#
# The messages of the vectors go into one capture, UDP port 2269. Each field
# that tshark shows must be the one that the vectors name, nothing may be
# malformed, and where the dissector of Debian 12 (Wireshark 4.0) stops is part
# of what is expected. What it cannot follow, all of it RFC 6043's or ours:
#
#  - CS ID map type 2, GENERIC-ID: it does not skip the map but takes it for the
#    first payload, so nothing that it says behind HDR is true. Messages with
#    crypto sessions (1, 3, 5) are read twice: as they are ("header"), and with
#    the map taken out and #CS 0. For the same reason the plain message with
#    GENERIC-ID is left out.
#  - MAC alg and Auth alg 2: it stops behind the number, in KEMAC or V.
#  - Hash func 2: it stops in CHASH. PKE and SIGN of message 3 are not seen,
#    but those of plain public-key messages are.
#  - Payload 15, RANDR: it stops there, before PART and V of message 5.
#  - Cert type 241: it reads the hash as a certificate. The two sessions with
#    it are left out.
#  - General Extensions 241 to 245, and SP with Prot type 241: it shows bytes,
#    not what they mean. PRF func, Encr alg and Auth alg are numbers to it.
#
# A later Wireshark that follows further fails here: then expect more of it.
# dissector.sh is about our own dissector, tools/dmikey.lua, which follows it all.
cd "$(dirname "$0")" || exit 1
. ../lib/ktap.sh

for tool in tshark text2pcap python3 xxd; do
	command -v "$tool" > /dev/null || ktap_skip_all "no $tool here"
done

tmp=$(mktemp -d)
export HOME=$tmp	# nobody's preferences
kinds="psk psk-answer pk pk-answer header i_tp tp_i tp_r tp_r-cached r_tp r_tp-relay
	r_i err"

read_all()
{
	./tshark_expect.py > "$tmp/wanted" || return
	cut -f3 "$tmp/wanted" | while read -r hex; do
		echo "$hex" | xxd -r -p | od -Ax -tx1 -v
	done | text2pcap -q -u 2269,2269 - "$tmp/pcap" || return
	# shellcheck disable=SC2046
	tshark -n -r "$tmp/pcap" -T fields \
		$(./tshark_expect.py fields | sed 's/mikey/-e &/g') -e _ws.malformed > "$tmp/shown"
	# the last field of a good message is empty: not malformed
	paste -d '\n' <(cut -f1,2 "$tmp/wanted") <(cut -f4- "$tmp/wanted" | sed 's/$/\t/') \
		"$tmp/shown" > "$tmp/both"
}

# as many of a kind as differ, of as many as there are
compare()
{
	awk -v kind="$1" '
		NR % 3 == 1 { split($0, name, "\t") }
		NR % 3 == 2 { wanted = $0 }
		NR % 3 == 0 && name[1] == kind {
			total++
			if ($0 == wanted)
				next
			differ++
			print "# " name[2] "\n#   wanted " wanted "\n#   shown  " $0
		}
		END { print differ + 0 " of " (total ? "some" : "none") " differ" }' "$tmp/both"
}

ktap_plan 14
ktap_run "tshark reads the capture" read_all
for kind in $kinds; do
	compare "$kind" > "$tmp/result"
	grep '^#' "$tmp/result" | head -n 9
	ktap_equal "$kind: $(cut -f1 "$tmp/both" | grep -cx "$kind") messages" \
		"$(tail -n 1 "$tmp/result")" "0 of some differ"
done
rm -rf "$tmp"
ktap_end
