#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=1024 timeout=900 long=40000 long_on=uml bin="jq" kernels="debug uml"
# Every call of the module that takes memory fails once: in the netlink commands, when
# the module is loaded, in a new network namespace, and while messages are handled, in
# softirq and in workers. A command is refused for want of memory and nothing else, or
# carried out all the same; nothing changes by a refusal; nothing stays behind, which
# KASAN and kmemleak see to; sessions come up, if need be by the next try of the sensor, and
# the counters blame nobody.
#
# Short form: of the messages, samples.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/left.sh"
. "$(dirname "$0")/../lib/failnth.sh"

if [ -n "${LONG:-}" ]; then
	MESSAGES=$(seq 1 400) UPDATES=$(seq 1 60) SESSIONS=40
else
	MESSAGES="5 17 44" UPDATES="4 8" SESSIONS=2
fi
TP1=uri:dmikey:gw1.example R1=uri:dmikey:r1.example S1=nai:sensor1@example
H2=uri:dmikey:h2.example
total=0

ctl() { dmikeyctl -n "$@"; }

# each NAME UNDO COMMAND..: a netlink command
each()
{
	local name=$1 faults bad out
	shift

	out=$(mktemp)
	if fail_each "$@" > "$out" && [ "$faults" -gt 0 ]; then
		ktap_pass "$name"
	else
		ktap_fail "$name" "$faults faults, $bad bad"
		diag < "$out"
	fi
	rm "$out"
	diag "$faults faults"
	total=$((total + faults))
}

# takes_none NAME UNDO COMMAND..: nothing in it can fail
takes_none()
{
	local name=$1 faults bad
	shift

	fail_each "$@" > /dev/null
	ktap_equal "$name takes no memory" "$? $faults" "0 0"
}

# call NAME WORDS..: a system call
call()
{
	local name=$1 said status=0
	shift

	said=$(failcall "$@" 2>&1) || status=$?
	ktap_equal "$name" "$status" 0
	diag "$said"
	total=$((total + ${said%% *}))
}

session() { in_ns s1 dmikey-sensor --once --timeout 200 -c "$WORK/s1.conf"; }
end_sessions() { ctl r1 session del $S1; ip -n s1 xfrm state flush; }
# R tells a sensor that it has failed; the sensor begins anew
in_the_end()
{
	for _ in 1 2 3 4 5; do
		! session || return 0
	done
	return 1
}

# of all parties, the names of reasons for which something was refused
reasons()
{
	for reasons__p in gw1 gw2 gw3 r1; do
		ctl $reasons__p -a stats
	done | awk '$1 != "-" && $3 { print $2 }' | sort -u
}

# Those that a message may be refused for when an allocation has failed: memory; or
# a repetition of what was dropped or answered came at a bad time, or the sensor begins
# anew while its failed sessions wait still. Nobody may be blamed for a wrong key,
# signature or share.
honest()
{
	local odd
	odd=$(reasons | grep -vxE 'memory|internal|repeated|stale|hint|not-latest-t|unexpected|established|group-expired|no-answer|share-late|unconfirmed|unknown-envid|group-limit')
	[ -z "$odd" ] || { echo "refused for: $odd"; return 1; }
}

still_watching()
{
	echo scan > /sys/kernel/debug/kmemleak || return
	! dmesg | grep 'kmemleak.*disabled\|Memory Leak Detector disabled\|ODEBUG disabled'
}

case $(uname -r) in
*-dmikey-debug | *-dmikey-uml) ;;
*) ktap_skip_all "its modules are built for kernels that watch" ;;
esac
ktap_plan 36
faults_up
mkdir -p "$WORK"

# ---- the module, in the long form with two namespaces to begin in
[ -z "${LONG:-}" ] || ip netns add a
call "the module is loaded" insmod $FAULTY
[ -z "${LONG:-}" ] || ip netns del a

# ---- commands
insmod $FAULTY
net_up 3 1
call "a network namespace" netns
private=$(key_private "$PKI/gw1.key.der") psk=$(key_psk "$PKI/psk/sensor1.gw1")
other=$(key_private "$PKI/r1.key.der")

local_add() { ctl gw1 local add thirdparty certificate "$PKI/gw1.der" key "$private"; }
local_del() { ctl gw1 local del thirdparty $TP1; }
sensor_add()
{
	ctl gw1 sensor add $S1 key "$psk" responders $R1,uri:dmikey:r2.example \
		addresses 10.0.0.0/8,fd00::/8
}
sensor_del() { ctl gw1 sensor del $S1; }
peer_add() { ctl gw1 responder add $R1 certificate "$PKI/r1.der" address "$(addr r1)"; }
peer_del() { ctl gw1 responder del $R1; }
rule_add()
{
	ctl r1 rule add ward realm example min-k 2 reqid 7 \
		thirdparties $TP1,uri:dmikey:gw2.example addresses 10.0.0.0/8,fd00::/8 \
		policies aes-ccm-8-128,aes-gcm-16-256
}
rule_del() { ctl r1 rule del ward; }
host_add()
{
	ctl r1 host add $H2 own $R1 address fd00::99 key "$psk" reqid 9 \
		policies aes-gcm-16-256,aes-ccm-8-128
}
host_del() { ctl r1 host del $H2; }
listen_not() { ctl gw1 instance set port 0; }
r1_local() { ctl r1 local add responder certificate "$PKI/r1.der" key "$other"; }
r1_local_del() { ctl r1 local del responder $R1; }

each "LOCAL_NEW" local_del local_add
each "SENSOR_NEW" sensor_del sensor_add
each "SENSOR_NEW, one that is known" true sensor_add
each "PEER_NEW" peer_del peer_add
each "PEER_NEW, one that is known" true peer_add
each "INSTANCE_SET" listen_not ctl gw1 instance set port 2269 highest-t "$(ntp_now)"
each "INSTANCE_GET, and all dumps of a third party" true ctl gw1 show
takes_none "STATS_GET" true ctl gw1 stats
takes_none "SENSOR_DEL" sensor_add sensor_del
takes_none "PEER_DEL" peer_add peer_del
takes_none "LOCAL_DEL" local_add local_del
each "LOCAL_NEW, a responder" r1_local_del r1_local

openssl req -x509 -key "$PKI/r1.key" -subj /CN=r1 -days 2 -outform DER -out "$WORK/next.der" \
	-addext subjectAltName=URI:dmikey:r1.example -addext extendedKeyUsage=serverAuth
r1_next() { ctl r1 local add responder certificate "$WORK/next.der" key "$other"; }
r1_back() { r1_local_del; r1_local; }
each "LOCAL_NEW, its next certificate" r1_back r1_next
each "RULE_NEW" rule_del rule_add
each "RULE_NEW, in another's place" true rule_add
each "HOST_NEW" host_del host_add
each "HOST_NEW, in another's place" true host_add
each "all dumps of a responder" true ctl r1 show
takes_none "RULE_DEL" rule_add rule_del
takes_none "HOST_DEL" host_add host_del

# ---- sessions and hosts
sensor_conf 1 3 2 > /dev/null
for n in 1 2 3; do tp_up $n; done > "$WORK/configure" 2>&1
r_up 1 >> "$WORK/configure" 2>&1
ktap_run "a session" session
takes_none "SESSION_GET" true ctl r1 session
takes_none "SESSION_DEL" true ctl r1 session del $S1
host_add
takes_none "HOST_CONNECT" true timeout 5 dmikeyctl -n r1 host connect $H2
takes_none "HOST_DISCONNECT" true ctl r1 host disconnect $H2
host_del

# ---- messages

# messages: one fault in each session
messages()
{
	local n failed none=0 faults=0 sessions=0 status=0
	for n in $MESSAGES; do
		fail_any "$n"
		if ! in_the_end > "$WORK/said" 2>&1; then
			cat "$WORK/said"
			echo "no session behind call $n"
			status=1
		fi
		failed=$(failed_any)
		end_sessions > /dev/null 2>&1
		faults=$((faults + failed)) sessions=$((sessions + 1))
		[ "$failed" -eq 0 ] && none=$((none + 1)) || none=0
		[ "$none" -lt 5 ] || break
	done
	echo "$faults faults, $sessions sessions"
	echo "$faults" > "$WORK/faults"
	[ "$faults" -gt 0 ] && return $status
}

# update N: the N-th call fails behind a session's first packet
update()
{
	local was
	was=$(counter r1 session-confirmed)
	in_ns s1 dmikey-sensor --readings 7 --interval 2000 --renew 4 --timeout 200 \
		-c "$WORK/s1.conf" > "$WORK/said" 2>&1 &
	ktap_wait 150 more r1 "$was"
	fail_any "$1"
	wait $!
}

# updates: one fault in each; the sensor's repetition makes it good, in the same session
updates()
{
	local n was failed faults=0 status=0
	for n in $UPDATES; do
		was="$(($(counter r1 session-established) + 1)) $(($(counter r1 session-updated) + 1))"
		update "$n" || status=1
		failed=$(failed_any)
		faults=$((faults + failed))
		is counters_of_updates "$was" || { echo "call $n"; cat "$WORK/said"; status=1; }
		end_sessions > /dev/null 2>&1
		[ "$failed" -gt 0 ] || break
	done
	echo "$faults" > "$WORK/faults"
	[ "$faults" -gt 0 ] && return $status
}
counters_of_updates() { echo "$(counter r1 session-established) $(counter r1 session-updated)"; }

# counted NAME COMMAND..: of faults, which it leaves in a file
counted()
{
	ktap_run "$@"
	diag "$(cat "$WORK/faults") faults"
	total=$((total + $(cat "$WORK/faults")))
}

counted "messages under cached keys" messages
for p in gw1 gw2 gw3 r1; do ctl $p instance set envelope-life 0; done
counted "messages with RSA" messages
for p in gw1 gw2 gw3 r1; do ctl $p instance set envelope-life 3600; done
counted "updates" updates

# every 50th call: more than one in a session
many()
{
	local n status=0 before
	before=$(failed)
	fail_every 50
	for n in $(seq $SESSIONS); do
		in_the_end > "$WORK/said" 2>&1 || { cat "$WORK/said"; status=1; }
		end_sessions > /dev/null 2>&1
	done
	fail_every 0
	echo $(($(failed) - before)) > "$WORK/faults"
	[ "$(cat "$WORK/faults")" -gt 0 ] && return $status
}

counted "every 50th call" many
ktap_run "refused for memory" [ "$(counter gw1 memory)$(counter r1 memory)" != 00 ]
ktap_run "and for no reason that would blame somebody" honest
ktap_run "a session" session
for ns in gw1 gw2 gw3 r1; do ip netns del $ns; done
sites=$(wc -l < $FAULTS/sites)
cp $FAULTS/sites "$TEST_LOGS/sites"
ktap_run "the module goes" rmmod dmikey_faulty
rmmod dmikey_faults
keyctl clear @u
ktap_run "kmemleak and the debug objects are watching still" still_watching
diag "$total faults in all, in $sites places"
ktap_end
