#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=1 mem=512 timeout=600 kernels="6.12"
# The vectors against the running module, datagram by datagram.
. "$(dirname "$0")/../lib/ktap.sh"

# subtest NAME PROGRAM STATUS: a program that prints KTAP has ended
subtest()
{
	sed 's/^/    /' "$TEST_LOGS/$2.tap"
	if [ "$3" -eq 0 ]; then
		ktap_pass "$1"
	else
		ktap_fail "$1" "$2 ended with status $3"
	fi
}

ktap_plan 3
modprobe -a dmikey xfrm_user pkcs8_key_parser tun

# All set the clock. While the one waits for the end of groups, which takes
# 100 s, it is the others' turn.
refuse > "$TEST_LOGS/refuse.tap" &
refuse=$!
until grep -q '^# the clock is free' "$TEST_LOGS/refuse.tap" || ! kill -0 $refuse; do
	sleep 1
done
accepted=0
accept > "$TEST_LOGS/accept.tap" || accepted=$?
live=0
refuse_live > "$TEST_LOGS/refuse_live.tap" || live=$?
refused=0
wait $refuse || refused=$?

subtest "bad messages are refused" refuse $refused
subtest "good sessions are established" accept $accepted
subtest "bad updates of a session are refused, good ones are not" refuse_live $live
ktap_end
