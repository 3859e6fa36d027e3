#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=400 long=7200 kernels="6.1"
# Floods from addresses that nobody has, with every kind of message, and floods of a
# third party whose certificate is good: neither takes memory or RSA operations beyond
# what the module states, and a sensor gets through. LONG=1: 100,000 datagrams of each
# kind at a third party and at the responder, 10,000 of each kind of the traitor.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/tape.sh"

MANY=${MANY:-${LONG:+100000}} MANY=${MANY:-500}
FEW=${FEW:-${LONG:+10000}} FEW=${FEW:-125}
# new sensors: more than the groups that one third party may have open
NEWCOMERS=$((FEW > 1100 ? FEW : 1100))
# messages a second that R takes of one party when decryptions are counted: few in the short
# form, that their limit shows whatever the machine needs for one
RATE=${LONG:+1000} RATE=${RATE:-128}
# KiB of slabs that a flood of strangers may leave: 1024 refusals of the agent that are
# remembered (upcall.h), at most 512 bytes each, and what the kernel keeps of the programs
# that run meanwhile
STRANGERS=4096
# and a certified third party: 1024 open groups (group.h), and of each message that is
# authentic its hash and its answer for 10 minutes (replay.h)
TRAITOR=$((1024 * 6 + (8 * FEW + NEWCOMERS) / 2 + STRANGERS))

# ---- what is measured

slab() { echo 3 > /proc/sys/vm/drop_caches; awk '/^Slab:/ { print $2 }' /proc/meminfo; }
uptime_ms() { awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime; }
# one look costs a program: none between two floods
look() { dmikeyctl -a -n "$1" stats > "$WORK/look"; }

before() { look "$1"; mv "$WORK/look" "$WORK/was"; began=$(uptime_ms); }

# settle NS: until nothing is counted any more
settle()
{
	look "$1"
	for _ in $(seq 60); do
		mv "$WORK/look" "$WORK/last"
		sleep 1
		look "$1"
		! cmp -s "$WORK/last" "$WORK/look" || return 0
	done
	diag "$1 is at work still"
}

# after NS: since before(): $got datagrams, $private and $public RSA operations, $accepted
# shares, $why: what was refused; what is now counts as before()
after()
{
	look "$1"
	eval "$(awk 'FNR == NR { was[$1 $2] = $3; next }
		{ n = $3 - was[$1 $2] }
		!n { next }
		$2 == "received" { got = n }
		$2 == "rsa-sign" || $2 == "rsa-decrypt" { private += n }
		$2 == "rsa-verify" || $2 == "rsa-encrypt" { public += n }
		$2 == "share-accepted" { accepted = n }
		$2 == "cookie-sent" || $2 == "upcall-sent" || $2 == "share-accepted" {
			why = why ", " $2 " " n }
		$1 != "-" { why = why ", " $2 " " n }
		END { printf "got=%d private=%d public=%d accepted=%d why=\"%s\"", got,
			private, public, accepted, substr(why, 3) }' "$WORK/was" "$WORK/look")"
	mv "$WORK/look" "$WORK/was"
}

# timed NAME: from the program's start until a session is up; at most 100 s
timed()
{
	started=$(uptime_ms)
	if in_ns s1 dmikey-sensor -c "$conf" --once --timeout 100 > "$WORK/out" 2>&1; then
		took=$(($(uptime_ms) - started))
		ktap_pass "$1"
	else
		took=-1
		ktap_fail "$1" "$(tail -n 5 "$WORK/out")"
	fi
}

# ---- strangers

# arrived NS WHAT: is counted
arrived()
{
	settle "$1"
	after "$1"
	diag "$1: $2: $got, RSA $private private $public public: $why"
	arrived=$((arrived + got)) spent=$((spent + private))
}

# kind NS HOWS [TAPE]; in the long form with a line of its own
kind()
{
	in_ns router strangers "$(addr4 "$1")" "$(addr6 "$1")" "$MANY" "$2" ${3:+"$3"} \
		> "$WORK/sent" || diag < "$WORK/sent"
	sent=$((sent + MANY))
	[ -z "${LONG:-}" ] || arrived "$1" "${3:+$(basename "$3" | cut -d@ -f1) }$2"
}

# every kind, also those that are for somebody else
all()
{
	sent=0 arrived=0 spent=0
	first=$(slab)
	before "$1"
	kind "$1" random,header
	for name in "i_tp gw1" "r_tp s1" "tp_r r1" "tp_r_cached r1" "r_tp gw1" "r_i s1" "u_r r1" \
		    "r_u s1" "err gw1" "psk r1" "psk_ver gw1" "pk gw2" "pk_ver gw1"; do
		# shellcheck disable=SC2086	# two words
		kind "$1" csb,truncate,flip "$(tape $name)"
	done
	kind "$1" sensor "$(tape i_tp gw1)"
	kind "$1" sensor "$(tape tp_r_cached r1)"
	kind "$1" cert "$(tape tp_r r1)"
	kind "$1" envid "$(tape tp_r_cached r1)"
	kind "$1" error "$(tape i_tp gw1)"
	arrived "$1" "in all"
	grown=$(($(slab) - first))
	diag "$1: $sent datagrams of strangers, slab $first kB and $grown kB"
	ktap_run "$1: $sent datagrams of strangers arrive" [ "$arrived" -ge $((sent * 9 / 10)) ]
	ktap_equal "$1: they cost no private RSA operation" "$spent" 0
	ktap_run "$1: they leave nothing in the slabs" [ $grown -le $STRANGERS ]
}

# under NS HOW TAPE: a session while it lasts
under()
{
	# no function: the signal below is for the program
	ip netns exec router strangers "$(addr4 "$1")" "$(addr6 "$1")" 100000000 "$2" "$3" \
		> /dev/null & flooder=$!
	sleep 1
	before "$1"
	timed "a session while $1 is flooded with $(basename "$3" | cut -d@ -f1) $2"
	after "$1"
	kill $flooder
	wait $flooder 2> /dev/null
	diag "$took ms, without $alone ms; $got datagrams, RSA $private private" \
		"$public public: $why"
}

# ---- a third party that is certified

# allowed OTHERS: decryptions since before(): what waits in the bucket, what has come into
# it, 64 messages each (ratelimit.h), and those of other parties
allowed() { echo $((2 * RATE / 64 + ($(uptime_ms) - began) * RATE / 64000 + 1 + $1)); }

# betrayed HOW PRIVATE ACCEPTED [TP_R]: at most so many private operations (allowed N), and
# shares that are taken
betrayed()
{
	before r1
	count=$FEW
	[ "$1" != sensors ] || count=$NEWCOMERS
	in_ns gw3 traitor "$PKI" gw3 r1 "$(addr r1)" $count "$1" "$(tape i_tp gw3)" \
		${4:+"$4"} > "$WORK/traitor" 2>&1 & traitor=$!
	if [ "$1" = signed ]; then
		timed "a session, with RSA, while a third party betrays R"
		diag "$took ms, without both $alone ms"
	fi
	wait $traitor || diag < "$WORK/traitor"
	settle r1
	most=$($2)
	after r1
	diag "r1: traitor: $1: $got, RSA $private private $public public: $why"
	ktap_run "traitor: $1: $private of at most $most private operations" \
		[ "$private" -le "$most" ]
	ktap_run "traitor: $1: $accepted of at most $3 shares are taken" [ "$accepted" -le "$3" ]
}

rate() { dmikeyctl -n r1 instance set rate "$1"; }
envelopes() { for p in gw1 gw2; do dmikeyctl -n $p instance set envelope-life "$1"; done; }

ktap_plan 32
net_up 3 1
tape_mtu gw1 gw2 gw3 r1 s1
for n in 1 2 3; do tp_up "$n"; done 2> /dev/null
r_up 1 2> /dev/null
# hosts, too: nothing was accepted before
dmikeyctl -n r1 instance set port 0 highest-t "$(ntp_now)"
dmikeyctl -n r1 instance set port 2269
tape_hosts
listen r1 "$WORK/readings"
conf=$(sensor_conf 1 3 2)
ktap_run "all kinds are recorded" tape_record "$WORK/tape" "$conf"
tape_record_errors "$conf"
tape_end
diag "$(ls "$TAPE" | tr '\n' ' ')"
# all third parties are needed
conf=$(sensor_conf 1 2 2)
timed "a session"
alone=$took

for p in gw1 r1; do all $p; done
# the long form has taken longer than T may be old
if [ -n "${LONG:-}" ]; then
	envelopes 0
	conf=$(sensor_conf 1 3 2)
	tape_record "$WORK/tape2" "$conf" || diag "no second tape"
	tape_end
	envelopes 3600
	conf=$(sensor_conf 1 2 2)
fi
under gw1 csb "$(tape i_tp gw1)"
under gw1 sensor "$(tape i_tp gw1)"
under r1 csb "$(tape tp_r r1)"
under r1 cert "$(tape tp_r r1)"

# one more than what is betrayed with: the share that brings the key
first=$(slab)
betrayed groups "echo 1" 3
betrayed sensors "echo 1" 1024
for how in nobody late; do betrayed $how "echo 1" 1; done
betrayed shares "echo 1" 2
betrayed same "echo 1" 2
# an envelope each: what may be decrypted is limited, for each third party on its own. The
# sensor may have to begin anew
rate $RATE
envelopes 0
betrayed signed "allowed 4" 7
envelopes 3600
betrayed envelope "allowed 0" 3
betrayed stolen "allowed 0" 0 "$(tape tp_r r1)"
rate 1000
grown=$(($(slab) - first))
diag "slab: $first kB and $grown kB"
ktap_run "traitor: it leaves what is stated" [ $grown -le $TRAITOR ]
ktap_end
