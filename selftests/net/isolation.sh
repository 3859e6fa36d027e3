#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=300 bin="jq nsenter unshare mount" kernels="7"
# Two wards with the same names, addresses, identities, keys and SPIs, in
# network namespaces of their own: what one is told, or does, the other does
# not see.
. "$(dirname "$0")/../lib/ktap.sh"

LIB=$(cd "$(dirname "$0")/../lib" && pwd)
export LIB

# ward NAME: names of network namespaces are files: it has a mount namespace
ward()
{
	mkdir -p "/tmp/ward-$1"
	unshare -m sh -c 'mount -t tmpfs netns /run/netns && exec sleep 1000' &
	echo $! > "/tmp/ward-$1/pid"
	ktap_wait 5 sh -c "grep -q ' /run/netns ' /proc/$!/mounts"
}

# in_ward NAME SHELL-CODE
in_ward()
{
	WORK=/tmp/ward-$1 nsenter -m -t "$(cat "/tmp/ward-$1/pid")" sh -c '
		. "$LIB/ktap.sh"
		. "$LIB/net.sh"
		GATEWAYS=2 SENSORS=1 RESPONDERS=1
		eval "$1"' ward "$2"
}

# same NAME WARD SHELL-CODE WANTED
same() { ktap_equal "$1" "$(in_ward "$2" "$3" 2>&1)" "$4"; }

SETUP='tp_up 1; tp_up 2; r_up 1; sensor_conf 1 2 2 > /dev/null'
SESSION='in_ns s1 dmikey-sensor --readings 1 --interval 50 --timeout 30 \
	--fault spi-cs1=10001 --fault spi-cs2=20002 -c $WORK/s1.conf'
CONFIGURED='for p in gw1 gw2 r1; do for what in local thirdparty responder sensor rule
	do dmikeyctl -j -n $p $what; done; done | jq -s "map(length) | add"'
COUNTED='for p in gw1 gw2 r1; do dmikeyctl -a -n $p stats
	done | awk "{ n += \$3 } END { print n }"'
SESSIONS='dmikeyctl -j -n r1 session | jq length'
STATES='ip -n r1 -o xfrm state | grep -o "spi 0x[0-9a-f]*" | sort | xargs echo'
EVENTS='grep -c . $WORK/events; true'

ktap_plan 25
ward a
ward b
for w in a b; do
	ktap_run "ward $w" in_ward $w 'net_up 2 1'
	in_ward $w 'dmikeyctl -n r1 monitor > $WORK/events 2>&1 &'
done

# one is configured, and works
ktap_run "a is configured" in_ward a "$SETUP"
same "a has its objects" a "$CONFIGURED" 10
same "b has none" b "$CONFIGURED" 0
same "a listens" a 'in_ns r1 ss -Hun -a | grep -c :2269' 2
same "b does not" b 'in_ns r1 ss -Hun -a | grep -c :2269' 0
ktap_run "a session in a" in_ward a "$SESSION"
same "a has it" a "$SESSIONS" 1
same "b does not" b "$SESSIONS" 0
same "a has its states" a "$STATES" "spi 0x00010001 spi 0x00020002"
same "b has none" b "$STATES" ""
ktap_run "a has counted" [ "$(in_ward a "$COUNTED")" -gt 10 ]
same "b has not" b "$COUNTED" 0
ktap_run "a has told of it" [ "$(in_ward a "$EVENTS")" -ge 4 ]
same "b has not" b "$EVENTS" 0

# the other one is its twin
ktap_run "b is configured alike" in_ward b "$SETUP"
counted=$(in_ward a "$COUNTED")
ktap_run "the same session in b" in_ward b "$SESSION"
same "b has the same states" b "$STATES" "spi 0x00010001 spi 0x00020002"
same "a has counted none of it" a "$COUNTED" "$counted"
same "a has its session, not b's" a "$SESSIONS" 1

# what is taken from b stays with a
in_ward b 'dmikeyctl -n r1 session del nai:sensor1@example
	dmikeyctl -n r1 rule del ward
	dmikeyctl -n gw1 sensor del nai:sensor1@example'
same "b's session ends" b "$SESSIONS; $STATES" "0"
same "a's does not" a "$SESSIONS; $STATES" "1
spi 0x00010001 spi 0x00020002"
in_ward b 'for p in gw1 gw2 r1; do dmikeyctl -n $p instance set port 0; done'
ktap_run "a works as it did" in_ward a "$SESSION"
ktap_run_fails "b does not" in_ward b "$SESSION --timeout 5"
kill "$(cat /tmp/ward-a/pid)" "$(cat /tmp/ward-b/pid)"
ktap_end
