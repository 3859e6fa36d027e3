# SPDX-License-Identifier: GPL-2.0
# The whole story in one VM: a sensor, its third parties and a responder; every
# message with its size; a reading inside ESP; then a third party is stopped,
# another one lies, and a session comes up all the same. The last line is
# `demo: ok: ...` only if everything was seen.
#
# For bash, behind ktap.sh, net.sh and agent.sh. What kind of sensor it is says the script:
#
#	SENSOR			its address in net.sh
#	PORT			where readings go
#	CLEAR			in a reading, never on the wire
#	TIMESTAMP		for the third parties' configuration
#	sensor_place		where it is; in words
#	sensor_session M N	a session with gw1..gwM, until there are N readings
#	sensor_end		nothing comes any more
#	receiver, readings	starts what takes readings at r1; how many it has
#	received		the readings themselves
#	sensor_knows		whether the sensor was told who lied and who was missing

say() { printf '\n== %s\n' "$*"; }
fail() { echo "demo: FAILED: $*"; exit 1; }
indent() { sed -u "s/^/   $1/"; }

declare -A agents monitors

# start NAME: its agent, and a monitor that tells what happens there
start()
{
	agent_up "$1" || fail "$1 does not listen: $(cat "$TEST_LOGS/$1.log")"
	agents[$1]=$!
	[ -n "${monitors[$1]:-}" ] || {
		dmikeyctl -n "$1" monitor 2>&1 | indent "[$1] " &
		monitors[$1]=$!
	}
}

# stop NAME: the third party does not answer any more
stop()
{
	kill "${agents[$1]}" && wait "${agents[$1]}"
	dmikeyctl -n "$1" instance set port 0
}

wait_readings() { ktap_wait "$1" enough_readings "$2" ||
	fail "$(readings) readings of $2 at the responder"; }
enough_readings() { [ "$(readings)" -ge "$1" ]; }

decrypted()
{
	in_ns r1 ip -s xfrm state | awk '
		/\(packets\)$/ { split($2, p, "("); n += p[1] }
		END { print n + 0 }'
}

capture() { tcpdump -Z root -nn -r "$TEST_LOGS/wire.pcap" 2> /dev/null; }

on_the_wire()
{
	local esp

	sleep 1
	capture | grep ESP | tail -n 2 | indent ""
	esp=$(capture | grep -c ESP)
	[ "$esp" -ge "$1" ] || fail "$esp ESP packets on the wire"
	grep -q "$CLEAR" "$TEST_LOGS/wire.pcap" && fail "a reading is in clear on the wire"
}

demo_ward()
{
	say "Linux $(uname -r): namespaces gw1 to gw4 (third parties), r1 (responder), $(sensor_place)"
	net_up 4 1
	for n in 1 2 3 4; do gateway_conf "gw$n"; done
	responder_conf r1
	modinfo -F description dmikey | indent "dmikey.ko: "

	say "certificates, made and checked by OpenSSL"
	for c in gw1 gw2 gw3 r1; do
		openssl verify -CAfile "$PKI/ca.pem" -crl_check -CRLfile "$PKI/crl.pem" \
			"$PKI/$c.pem" | indent "" || fail "$c's certificate"
	done

	say "the agents start; keys go into the kernel by serial, the module listens"
	for p in gw1 gw2 gw3 r1; do start "$p"; done
	r_policy r1 "$SENSOR" "$PORT"
	dmikeyctl -n r1 -S "$WORK/r1/status.json" show | indent ""
	receiver
	in_ns router tcpdump -Z root -nn -U -i s1 -w "$TEST_LOGS/wire.pcap" \
		2> "$TEST_LOGS/tcpdump.log" &
	ktap_wait 10 test -s "$TEST_LOGS/wire.pcap"
}

demo_sessions()
{
	say "session 1: a key from 2 of 3 third parties, then readings inside ESP"
	sensor_session 3 3
	sensor_end
	say "at the responder: the states that the module installed, the clear readings"
	in_ns r1 ip -s xfrm state | sed 's/\(aead [^ ]* \)0x[0-9a-f]*/\1(key hidden)/' | indent ""
	received | indent "[r1] "
	say "on the wire"
	on_the_wire 3

	say "gw3 is stopped, gw4 joins, and gw2 lies: it signs another share than it got"
	stop gw3
	stop gw2
	liar_up 2 > "$WORK/liar" || fail "there is no liar"
	tail -n +1 -f "$WORK/liar" | indent "[gw2] " &
	start gw4
	sensor_session 4 $(($(readings) + 3))
	sensor_end
	dmikeyctl -n r1 session | indent ""
	dmikeyctl -n r1 session | grep -q 'gw2.example=wrong' || fail "the liar was not named"
	dmikeyctl -n r1 session | grep -q 'gw3.example=' && fail "the stopped third party voted"
	sensor_knows || fail "the sensor does not know of gw2 and gw3"

	say "what was refused, and why"
	dmikeyctl -n r1 stats | indent "[r1] "
}

demo_end()
{
	local sessions sas n esp

	sessions=$(counter r1 session-confirmed)
	sas=$(sa_count r1)
	n=$(readings)
	esp=$(decrypted)
	for p in "${!agents[@]}"; do kill "${agents[$p]}" 2> /dev/null; done
	for p in "${!monitors[@]}"; do kill "${monitors[$p]}" 2> /dev/null; done
	[ "$sessions" -eq 2 ] || fail "$sessions sessions were confirmed, not 2"
	[ "$sas" -eq 2 ] || fail "$sas SAs at the responder, not 2"
	[ "$n" -ge 6 ] || fail "$n readings, not 6"
	[ "$esp" -ge 3 ] || fail "the last SAs have had $esp packets, not 3"
	dmesg | grep -E 'WARNING|BUG|Oops' && fail "the kernel complained"
	echo
	echo "demo: ok: $sessions sessions, $sas SAs, $n readings over ESP"
}

demo() { demo_ward; demo_sessions; demo_end; }
