#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=1024 timeout=400 long=7200 bin="jq" kernels="kcsan debug"
# Everything at once: sessions and updates, strangers, and an administrator who looks and
# changes. What KCSAN, or KASAN and lockdep, see is in the kernel's log, where the harness
# looks, too. LONG=1: for an hour and a half.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/left.sh"

PREFIX=fd00:5::/64
MANY=200
LASTS=${LASTS:-${LONG:+5400}} LASTS=${LASTS:-60}

# kcsan NAME: one of its counters
kcsan() { awk -v name="$1:" '$1 == name { print $2 }' /sys/kernel/debug/kcsan; }
has_kcsan() { uname -r | grep -q kcsan; }

# repeat COMMAND..: until the time is over; what it says is not wanted
repeat()
{
	while [ ! -e "$WORK/over" ]; do "$@" > /dev/null 2>&1; done &
}

# looks NS: everything that can be asked for
looks()
{
	for looks__what in "stats" "session" "show" "metrics" "sensor" "rule" "thirdparty"; do
		dmikeyctl -a -j -n "$1" $looks__what
	done
}

# an administrator does all of it again, while it is in use
changes()
{
	tp_up 3
	dmikeyctl -n r1 thirdparty del uri:dmikey:gw3.example
	dmikeyctl -n r1 instance set queue 64 rate 100000 skew 300
	dmikeyctl -n r1 thirdparty add certificate "$PKI/gw3.der"
	dmikeyctl -n r1 rule add other realm other.example min-k 2 reqid 9
	dmikeyctl -n r1 session del nai:sensor4@example
	dmikeyctl -n gw2 sensor del nai:sensor4@example
	dmikeyctl -n gw2 sensor add nai:sensor4@example responders uri:dmikey:r1.example \
		key "$(key_psk "$PKI/psk/sensor4.gw2")"
	dmikeyctl -n r1 rule del other
	sleep 1
}

strangers()
{
	for strangers__p in gw1 r1; do
		in_ns router strangers "$(addr4 $strangers__p)" "$(addr6 $strangers__p)" 50 \
			random,header
	done
	sleep 0.5
}

updates() { in_ns s2 dmikey-sensor -c "$WORK/s2.conf" --renew 3 --interval 30 --readings 300; }

# many sensors in one program, through the third parties: messages come close together
many_up()
{
	ip -n router -6 route add $PREFIX via "$(addr6 s3)"
	ip -n s3 -6 route add local $PREFIX dev lo
	(umask 077 && openssl rand -hex 32 > "$WORK/master")
	many__key=$(xxd -r -p "$WORK/master" | keyctl padd logon dmikey:master @u)
	for n in 1 2 3; do
		in_ns "gw$n" dmikey-load register --key "$many__key" --sensors $MANY || return
	done
	set --
	for n in 1 2 3; do
		set -- "$@" --third-party "uri:dmikey:gw$n.example@$(addr "gw$n")"
	done
	repeat in_ns s3 dmikey-load tp --responder uri:dmikey:r1.example --to "$(addr r1)" \
		--prefix $PREFIX --master "$WORK/master" --sensors $MANY --updates 3 --timeout 30 "$@"
}

has_kcsan && ktap_plan 8 || ktap_plan 6
! has_kcsan || was=$(kcsan setup_watchpoints)
net_up 3 4
{ for n in 1 2 3; do tp_up "$n"; done; r_up 1; } 2> /dev/null
for p in gw1 gw2 gw3 r1; do dmikeyctl -n $p instance set rate 1000000; done
listen r1 "$WORK/readings"
for s in 1 2 3 4; do sensor_conf $s 3 2 > /dev/null; done

for s in 1 4; do traffic_up $s "$WORK/s$s.conf"; done
ktap_run "third parties learn $MANY sensors each" many_up
repeat updates
repeat looks r1
repeat looks gw2
repeat changes
repeat strangers
sleep "$LASTS"
touch "$WORK/over"
traffic_down
ktap_run "updates end" ktap_wait 100 is "ip netns pids s2" ""
for c in session-established session-updated share-accepted received; do
	diag "r1: $c $(counter r1 $c)"
done
ktap_run "there were sessions" [ "$(counter r1 session-established)" -ge 20 ]
ktap_run "and updates" [ "$(counter r1 session-updated)" -ge 5 ]

traffic_up 1 "$WORK/s1.conf"
ktap_run "traffic" flows r1
ktap_run "rmmod under it" rmmod dmikey
traffic_down

has_kcsan || ktap_end
diag "watchpoints: $(($(kcsan setup_watchpoints) - was))"
ktap_run "the module was watched" [ $(($(kcsan setup_watchpoints) - was)) -ge 10000 ]
ktap_equal "and has no data race" "$(kcsan data_races) $(kcsan races_unknown_origin)" "0 0"
ktap_end
