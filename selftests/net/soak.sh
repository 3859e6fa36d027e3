#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=1536 timeout=300 long=40000 long_on=uml bin="jq" kernels="6.1"
# Sessions and updates over a network that loses, reorders, doubles and spoils packets,
# while one party after the other starts anew: each sensor ends with a session that
# carries readings both ways, and R with no SA too many. The long form has 100,000
# sessions, or as many as SESSIONS says, and loses twice as many packets.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/agent.sh"
. "$(dirname "$0")/../lib/left.sh"

# sensors; percent lost in each network that a message crosses
if [ -n "${LONG:-}" ]; then EACH=500 LOST=20; else EACH=100 LOST=10; fi
[ -n "${SESSIONS:-}" ] || SESSIONS=$([ -n "${LONG:-}" ] && echo 100000 || echo 200)
ROUNDS=$((SESSIONS / EACH))
PREFIX=fd00:5::/64
LOSS="delay 4ms 4ms reorder 25% loss $LOST% duplicate 5% corrupt 2%"
ROUND=900	# seconds that a round may take
# KiB of slabs that the rounds behind the second one may add: what is remembered of a
# round's messages for twice the skew
SLAB=$((EACH * 16))

load()
{
	set -- --sensors $EACH "$@"
	for n in 1 2 3; do
		set -- "$@" --third-party "uri:dmikey:gw$n.example@$(addr "gw$n")"
	done
	in_ns s1 dmikey-load tp --responder uri:dmikey:r1.example --to "$(addr r1)" \
		--prefix $PREFIX --master "$WORK/master" --window 512 --updates 1 \
		--endure --timeout $ROUND -j "$@"
}

# ---- the parties

gateway_up()
{
	tp_up "$1" && dmikeyctl -n "gw$1" instance set rate 1000000 &&
		in_ns "gw$1" dmikey-load register --sensors $EACH --key "$(
			xxd -r -p "$WORK/master" | keyctl padd logon dmikey:master @u)"
}

# readings only inside ESP, both ways, and each of them back
policy()
{
	in_ns r1 ip xfrm policy add dir "$1" src "$2" dst "$3" proto 17 "$4" 7777 \
		tmpl proto esp mode transport reqid 7
}

responder_up()
{
	rm -f "$WORK/r1/status.json"
	responder_conf r1 && agent_up r1 && dmikeyctl -n r1 instance set rate 1000000 skew 30
}
agent_kill() { kill -KILL "$(cat "$WORK/r1/state/dmikeyd.pid")"; }

mirror_up()
{
	policy in $PREFIX "$(addr r1)" dport && policy out "$(addr r1)" $PREFIX sport || return
	in_ns r1 mirror 7777 > /dev/null 2>> "$TEST_LOGS/mirror" &
}

spoil() { for p; do in_ns router tc qdisc replace dev "$p" root netem $LOSS; done; }

party_anew()
{
	pkill_in "$1" KILL
	ip netns del "$1"
	# what was killed there keeps the namespace for a while
	ktap_wait 60 sh -c "! ip -n router link show $1 2> /dev/null"
	net_party "$1" && spoil "$1"
}

# ---- who starts anew, once the round is under way

anew_nobody() { :; }
anew_gateway() { party_anew gw1 && gateway_up 1; }
anew_sensors() { pkill_in s1 KILL; }
anew_agent() { agent_kill && responder_up; }
anew_responder() { party_anew r1 && responder_up && mirror_up; }
anew_module()
{
	agent_kill
	rmmod dmikey && modprobe dmikey || return
	for n in 1 2 3; do gateway_up $n || return; done
	responder_up
}

# who ROUND
who()
{
	set -- $1 nobody gateway sensors agent nobody module responder
	shift $(($1 % 7 + 1))
	echo "$1"
}

# not asked more often than every two seconds: User-Mode Linux takes its time for programs
established() { [ "$(counter r1 session-established)" -gt "$1" ] || { sleep 2; false; }; }

# round N: false also when a sensor has no session in the end
round()
{
	was=$(counter r1 session-established)
	load > "$WORK/out" 2>&1 &
	pid=$!
	ktap_wait 60 established $((was + EACH / 2))
	anew_"$(who "$1")" > "$WORK/anew" 2>&1 || { cat "$WORK/anew"; return 1; }
	wait $pid
	[ "$(who "$1")" != sensors ] || load > "$WORK/out" 2>&1
	tail -n 1 "$WORK/out" >> "$TEST_LOGS/rounds.json"
	[ "$(result '[.establish.done, .update.done, .failed]')" = "[$EACH,$EACH,{}]" ] && return
	echo "round $1 ($(who "$1")): $(tail -n 1 "$WORK/out")"
	return 1
}
result() { tail -n 1 "$WORK/out" | jq -c "$1" 2>&1; }

# rounds FROM TO
rounds()
{
	for turn in $(seq "$1" "$2"); do
		round "$turn" || return
		echo "round $turn ($(who "$turn")): $(date +%s) $(left_slab) KiB" >> \
			"$TEST_LOGS/rounds"
		# for who waits
		echo "soak: round $turn of $ROUNDS" > /dev/kmsg
	done
}

one_each() { [ "$(left_sessions r1) $(left_states r1)" = "$EACH $((2 * EACH))" ]; }
# what R and the third parties remember goes by the clock
slab_settled() { [ $(($(left_slab) - slab)) -le $SLAB ]; }
sum() { jq -s "map($1) | add" "$TEST_LOGS/rounds.json"; }

ktap_plan 6
net_up 3 1
umask 077
openssl rand -hex 32 > "$WORK/master"
for p in gw1 gw2 gw3 r1 s1; do spoil $p; done
ip -n router -6 route add $PREFIX via "$(addr6 s1)"
ip -n s1 -6 route add local $PREFIX dev lo
up() { for n in 1 2 3; do gateway_up $n || return; done; responder_up && mirror_up; }
ktap_run "the parties" up

ktap_run "round 1: $EACH sensors" rounds 1 1
slab=$(left_slab)
ktap_run "$((ROUNDS - 1)) rounds more" rounds 2 "$ROUNDS"
diag "$(sum .establish.done) sessions and $(sum .update.done) updates, \
$(sum .mirrored) readings came back, $(sum .repeated) repetitions, \
$(sum .anew) sessions begun anew"
diag "sessions lost: $(sum '.failed | add // 0')"
ktap_run "R has one session of each sensor, and two SAs" ktap_wait 150 one_each
diag "$(left_sessions r1) sessions, $(left_states r1) SAs"
ktap_equal "no share was wrong" "$(sum .wrong_shares)" 0
ktap_run "slabs have grown by at most $SLAB KiB" ktap_wait 150 slab_settled
diag "slabs: $slab KiB behind the first round, $(left_slab) KiB in the end"
ktap_end
