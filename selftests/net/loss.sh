#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 bin="jq" kernels="6.1"
# Answers that get lost or come twice, and a sensor or a responder that starts anew
# between question and answer: what was agreed stays, and nothing is agreed twice.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/lose.sh"

# start N [OPTIONS]: sensor N in the background; no function around it, so that
# signals are for the program
start()
{
	start__n=$1
	shift
	ip netns exec "s$start__n" dmikey-sensor -c "$WORK/s$start__n.conf" --timeout 250 "$@" \
		> "$WORK/out$start__n" 2>&1 &
	pid=$!
}

said() { ktap_wait "$3" grep -q "$2" "$WORK/out$1"; }	# N TEXT SECONDS
some_lost() { [ "$(lost "$1")" -ge "${2:-1}" ]; }
sas() { in_ns r1 ip -o xfrm state | grep -c "$(addr "s$1")"; }
has_sas() { [ "$(sas "$1")" -eq "$2" ]; }

sessions()
{
	dmikeyctl -j -n r1 session |
		jq -s "[.. | .sensor? | strings | select(test(\"sensor$1@\"))] | length"
}

# arrived N: readings of sensor N since the file was begun; at_least N
arrived() { sort -u "$WORK/readings" | grep -c hr=; }
at_least() { [ "$(arrived)" -ge "$1" ]; }

# mark COUNTER..: values of r1, and more COUNTER: what has come to it since
mark() { for c; do eval "was_$(echo "$c" | tr - _)=$(counter r1 "$c")"; done; }
more() { eval "echo \$((\$(counter r1 $1) - was_$(echo "$1" | tr - _)))"; }
reached() { [ "$(counter "$1" "$2")" -ge "$3" ]; }

# ended NAME: the sensor that was started last ends well
ended()
{
	ended__status=0
	wait $pid || ended__status=$?
	ktap_equal "$1" $ended__status 0
	[ $ended__status -eq 0 ] || diag < "$WORK/out1"
}

# gw1 takes its role anew
forget_key()
{
	dmikeyctl -n gw1 local add thirdparty certificate "$PKI/gw1.der" \
		key "$(key_private "$PKI/gw1.key.der")" 2> /dev/null
}

r_restart()
{
	ip netns del r1
	ip -n router link del r1 2> /dev/null
	net_party r1
	lose_up r1
	r_up 1 2> /dev/null
	listen r1 "$WORK/readings"
}

ktap_plan 32
net_up 3 2
{ for n in 1 2 3; do tp_up "$n"; done; r_up 1; } 2> /dev/null
lose_up gw1 r1 s1
listen r1 "$WORK/readings"
sensor_conf 1 3 2 > /dev/null
sensor_conf 2 3 2 > /dev/null

# ---- R starts anew while an update is on its way. The sensor asks five times more,
# which takes a minute, and then begins a new session.
lose r1 "$LOSE_U_R" s2
start 2 --renew 1 --interval 100000
renewing=$pid
ktap_run "an update is under way" said 2 'asking the responder for new ones' 60
r_restart
ktap_equal "R has started anew without a session" "$(sessions 2) $(sas 2)" "0 0"

ktap_run "R, which started anew, does not know the session" \
	ktap_wait 60 reached r1 unknown-session 1
ktap_run "nor answers, until the sensor begins a new one" said 2 'not updated: no answer' 150
ktap_run "which is updated in its turn" said 2 'session updated' 20
ktap_run "there is one" [ "$(sessions 2)" -eq 1 ]
kill $renewing
wait $renewing

# ---- message 4 is lost, of the signed form and of the other
for form in "signed $LOSE_R_TP" "cached 1"; do
	case $form in
	signed*) forget_key ;;
	cached*) start 1 --once; wait $pid; sleep 2 ;;	# gw1 has a key then
	esac
	mark rsa-decrypt share-accepted session-established
	acknowledged=$(counter gw1 share-acknowledged)
	lose gw1 "${form#* }"
	start 1 --once
	ended "R_TP of a ${form% *} share is lost: a session all the same"
	ktap_run "it was lost twice" ktap_wait 10 some_lost gw1 2
	arrive gw1
	ktap_run "R_TP of a ${form% *} share comes again" \
		ktap_wait 10 reached gw1 share-acknowledged $((acknowledged + 1))
	ktap_equal "and R has worked for it once" \
		"$(more share-accepted) $(more session-established) $(($(more rsa-decrypt) <= 1))" \
		"3 1 1"
	dmikeyctl -n r1 session del nai:sensor1@example
done

# ---- message 5 is lost
mark session-established repeated-answered rsa-decrypt
lose s1 "$LOSE_R_I"
start 1 --readings 2 --interval 100
ktap_wait 60 some_lost s1 || diag "nothing was lost"
arrive s1
ended "R_I is lost: the session is there in the end"
ktap_equal "R has made one session, and said so again" \
	"$(more session-established) $(($(more repeated-answered) >= 1))" "1 1"
ktap_equal "with two SAs, and no RSA" "$(sas 1) $(more rsa-decrypt)" "2 0"

# ---- message 6, and then message 7 is lost
: > "$WORK/readings"
mark session-established session-updated repeated-answered
lose r1 "$LOSE_U_R" s1
# the update ends within a minute, and the readings last longer
start 1 --renew 20 --interval 400 --readings 190
ktap_wait 60 some_lost r1
ktap_equal "U_R is lost: the old SAs stay" "$(more session-updated) $(sas 1)" "0 2"
# first the one, so that no R_U slips through
lose s1 "$LOSE_R_U"
arrive r1
ktap_wait 60 some_lost s1
ktap_equal "R_U is lost: R has the new ones beside the old ones" \
	"$(more session-updated) $(sas 1)" "1 4"
arrive s1
ktap_run "R_U comes again, and R has two SAs" ktap_wait 150 has_sas 1 2
ended "the sensor ends well"
ktap_equal "in one session, of which R has said something again" \
	"$(more session-established) $(($(more repeated-answered) >= 1))" "1 1"
ktap_run "and no reading is lost" ktap_wait 10 at_least 190

# ---- the sensor is switched off between its U_R and R_U
mark session-established session-updated
start 1 --renew 30 --interval 100
said 1 'session established' 20
lose s1 "$LOSE_R_U"
ktap_wait 60 some_lost s1
kill -KILL $pid
wait $pid
# what a sensor forgets when it is switched off
in_ns s1 ip xfrm state flush
in_ns s1 ip xfrm policy flush
arrive s1
ktap_equal "R has updated a session that the sensor has forgotten" \
	"$(more session-updated) $(sas 1)" "1 4"
start 1 --readings 3 --interval 100
ended "the sensor begins a new one"
ktap_run "of which R keeps the two SAs" ktap_wait 10 has_sas 1 2
ktap_equal "and no other session" "$(more session-established) $(sessions 1)" "2 1"

# ---- everything comes twice
for p in gw1 gw2 gw3 r1 s1; do in_ns router tc qdisc add dev $p root netem duplicate 100%; done
: > "$WORK/readings"
mark session-established session-updated share-accepted rsa-decrypt
start 1 --renew 10 --interval 300 --readings 35
ended "all messages come twice: the sensor ends well"
ktap_equal "one session out of three shares, three updates, no RSA" \
	"$(more session-established) $(more share-accepted) $(more session-updated) $(more rsa-decrypt)" \
	"1 3 3 0"
ktap_run "with two SAs" ktap_wait 10 has_sas 1 2
ktap_equal "each reading arrives once" "$(arrived) $(grep -c hr= "$WORK/readings")" "35 35"
for p in gw1 gw2 gw3 r1 s1; do in_ns router tc qdisc del dev $p root; done

ktap_equal "nothing else was refused by R" "$(dmikeyctl -n r1 stats |
	awk '$1 == "responder" && $2 !~ /^(repeated|unknown-session|unknown-envid)$/')" ""
ktap_end
