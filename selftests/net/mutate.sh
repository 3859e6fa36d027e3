#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=300 kernels="6.1"
# Messages of a live session, repeated and broken, against the modules that
# took them: each is counted, none costs a private RSA operation, and the
# session goes on as if nothing had happened.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

LIVE=$WORK/live

# handled NS: datagrams that were refused, or answered as a repetition
handled()
{
	dmikeyctl -n "$1" stats | awk '
		$1 != "-" || $2 == "repeated-answered" { n += $3 } END { print n + 0 }'
}

private() { echo $(($(counter "$1" rsa-sign) + $(counter "$1" rsa-decrypt))); }

# what must not change; sequence numbers and times of use go on
installed()
{
	in_ns r1 ip xfrm state |
		grep -E '^(src|[[:space:]]+(proto|replay-window|aead|enc|auth|auth-trunc|encap|sel)) '
	dmikeyctl -j -n r1 session
}

# of the kernel; that the host is slow is not ours to say
words() { dmesg | grep -Evc 'clocksource|hrtimer: interrupt took'; }

readings() { wc -l < "$WORK/readings"; }
more_readings() { [ "$(readings)" -gt "$1" ]; }
has_handled() { [ "$(handled "$1")" -ge "$2" ]; }

# what was, for the module in namespace $ns
before()
{
	was_handled=$(handled "$ns") was_private=$(private "$ns")
	was_installed=$(installed) was_log=$(words)
}

# unharmed NAME SENT [MORE]: since then; up to that many more may be counted
unharmed()
{
	ktap_wait 30 has_handled "$ns" $((was_handled + $2)) || :
	sleep 0.2
	n=$(($(handled "$ns") - was_handled))
	[ "$n" -le "$2" ] || [ "$n" -gt $(($2 + ${3:-0})) ] || n=$2
	got="$n counted, \
$(($(private "$ns") - was_private)) private operations"
	[ "$(installed)" = "$was_installed" ] || got="$got, other sessions or SAs: $(installed)"
	[ "$(words)" -eq "$was_log" ] || got="$got, words in the kernel's log"
	ktap_wait 10 more_readings "$(readings)" || got="$got, no more readings"
	ktap_equal "$1" "$got" "$2 counted, 0 private operations"
	[ "$got" = "$2 counted, 0 private operations" ] || dmikeyctl -n "$ns" stats | diag
}

# batch HOW MESSAGE FROM PORT TO [MORE]
batch()
{
	ns=$5
	before
	sent=$(in_ns router mutate send "$1" "$LIVE/$2.bin" "$(addr "$3")" "$4" "$(addr "$5")") ||
		diag "$sent"
	unharmed "$2 $1 from $3, $sent datagrams" "${sent:-1}" "${6:-0}"
}

# same_answer FROM WHEN [MORE]: R_TP once more is no repetition for which anything would
# be done
same_answer()
{
	ns=gw1
	before
	acknowledged=$(counter gw1 share-acknowledged)
	in_ns router mutate send twice "$LIVE/r_tp.bin" "$(addr "$1")" 2269 "$(addr gw1)" > "$WORK/out"
	sleep 0.5
	# the second copy may meet the first one at work
	unharmed "r_tp twice from $1 $2" 0 $((1 + ${3:-0}))
	ktap_equal "it is acknowledged no more" "$(counter gw1 share-acknowledged)" "$acknowledged"
}

# repeated WHEN [MORE]: each of both twice at once: an answer, and a refusal or two
repeated()
{
	batch twice i_tp s1 2269 gw1 "${2:-0}"
	batch twice tp_r gw1 2269 r1
	batch twice tp_r gw2 2269 r1
	same_answer r1 "$1" "${2:-0}"
}

ktap_plan 24
net_up 3 1
# one packet a message: a third party's has 1,634 bytes
for p in gw1 gw2 gw3 s1 r1; do
	ip -n "$p" link set eth0 mtu 4000
	ip -n router link set "$p" mtu 4000
done
for n in 1 2 3; do tp_up "$n"; done
r_up 1
# what counts here stands behind the rate limit and the cookies
for p in gw1 r1; do dmikeyctl -n "$p" instance set rate 1000000 queue 65536; done
listen r1 "$WORK/readings"

mkdir -p "$LIVE"
in_ns router mutate capture "$LIVE" 60 "$(addr gw1)" "$(addr r1)" &
capture=$!
sleep 1
in_ns s1 dmikey-sensor -c "$(sensor_conf 1 3 2)" --interval 200 > "$WORK/sensor" 2>&1 &
ktap_run "messages are captured" wait "$capture"
ktap_run "readings arrive" ktap_wait 30 more_readings 2

repeated "at once"
date -u -s "@$(($(date +%s) + 200))" > /dev/null
# a third party that waited its 100 s for R_TP, as one does on a slow machine, counts
# each that it still gets
repeated "after 200 s" 2
date -u -s "@$(($(date +%s) + 600))" > /dev/null
batch once i_tp s1 2269 gw1 1
batch once tp_r gw1 2269 r1

batch truncate i_tp s1 2269 gw1
batch bits i_tp s1 2269 gw1
batch flip i_tp gw2 4000 gw1
batch truncate tp_r gw1 2269 r1
batch bits tp_r gw1 2269 r1
batch flip tp_r gw2 4000 r1
batch truncate r_tp r1 2269 gw1
batch bits r_tp r1 2269 gw1
batch flip r_tp gw2 4000 gw1

ktap_equal "one session, two SAs" \
	"$(dmikeyctl -j -n r1 session | grep -o csb_id | wc -l), $(sa_count r1)" "1, 2"
ktap_end
