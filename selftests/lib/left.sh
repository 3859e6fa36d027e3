# SPDX-License-Identifier: GPL-2.0
# What the module holds, or has left behind, and traffic to hold it under.
# Source it behind net.sh.
#
#	left_keys [GLOB]	references to PSKs besides the keyring's own
#	left_rsa		RSA keys that somebody has in use
#	left_esp		ciphers of ESP that xfrm states have in use
#	left_slab		KiB of slabs that nobody can reclaim; what is free in them, and
#				what KASAN keeps back of it, is given up first
#	left_states NS		ESP states
#	left_sockets NS		sockets on the port of MIKEY, a sensor's too
#	left_sessions NS
#	traffic_up N CONF	sensor N: session after session, readings in each
#	traffic_down [N..]	stops all, or some
#	pkill_in NS SIGNAL	to every process there

left_keys()
{
	awk -v glob="${1:-}" '$8 == "logon" && $9 ~ /^dmikey:/ && index($0, glob) {
		n += $3 - 1 } END { print n + 0 }' /proc/keys
}

# users NAME: of the algorithms whose name begins so; one reference is the
# algorithm's own
users()
{
	awk -v name="$1" '
		/^name/ { wanted = index($3, name) == 1 }
		/^refcnt/ && wanted { n += $3 - 1 }
		END { print n + 0 }' /proc/crypto
}

left_rsa() { users rsa; }
left_esp() { users 'seqiv('; }
left_slab()
{
	for left__cache in /sys/kernel/slab/*; do
		[ -h "$left__cache" ] || echo 1 > "$left__cache/shrink"
	done
	awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo
}
left_states() { in_ns "$1" ip -o xfrm state | grep -c 'proto esp'; }
left_sockets() { in_ns "$1" ss -Huan | grep -c ':2269 '; }
left_sessions() { dmikeyctl -n "$1" -j session | jq length; }

# is COMMAND.. VALUE: what it prints is that
is()
{
	is__cmd=
	while [ $# -gt 1 ]; do is__cmd="$is__cmd $1"; shift; done
	is__got=$($is__cmd)
	[ "$is__got" = "$1" ] && return
	echo "$is__cmd: $is__got, wanted $1"
	return 1
}

traffic_up()
{
	while :; do
		in_ns "s$1" dmikey-sensor --sessions 1000 --readings 3 --interval 20 \
			--timeout 90 -c "$2" > "$WORK/traffic.$1" 2>&1
		sleep 0.2
	done &
	echo $! > "$WORK/traffic.$1.pid"
}

traffic_down()
{
	[ $# -gt 0 ] || set -- $(cd "$WORK" && ls traffic.*.pid | cut -d. -f2)
	for traffic__n; do
		kill "$(cat "$WORK/traffic.$traffic__n.pid")"
		rm "$WORK/traffic.$traffic__n.pid"
		# the sensor takes its policy with it
		pkill_in "s$traffic__n" TERM
		ktap_wait 5 is "ip netns pids s$traffic__n" "" || pkill_in "s$traffic__n" KILL
	done 2>/dev/null
	return 0
}

pkill_in() { ip netns pids "$1" | xargs -r kill "-$2"; }

# flows NS: a session more is confirmed there soon; the debug kernel needs minutes
# for what takes seconds
flows()
{
	flows__n=$(counter "$1" session-confirmed)
	ktap_wait 90 more "$1" "$flows__n"
}
# not asked more often than that: programs take their time on a machine that is emulated
more() { [ "$(counter "$1" session-confirmed)" -gt "$2" ] || { sleep 0.5; false; }; }
