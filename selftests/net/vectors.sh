#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=1 mem=512 timeout=300
# The vectors against the running module, datagram by datagram.
. "$(dirname "$0")/../lib/ktap.sh"

# subtest NAME PROGRAM: a program that prints KTAP
subtest()
{
	status=0
	"$2" > "$TEST_LOGS/$2.tap" || status=$?
	sed 's/^/    /' "$TEST_LOGS/$2.tap"
	if [ "$status" -eq 0 ]; then
		ktap_pass "$1"
	else
		ktap_fail "$1" "$2 ended with status $status"
	fi
}

ktap_plan 2
modprobe -a dmikey xfrm_user pkcs8_key_parser tun
subtest "bad messages are refused" refuse
subtest "good sessions are established" accept
ktap_end
