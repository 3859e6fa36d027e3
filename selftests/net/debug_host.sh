#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: group=debug cpus=2 mem=1024 timeout=600 bin="jq" kernels="debug"
# Two hosts without third parties under the eyes of KASAN, lockdep and kmemleak: refused,
# by pre-shared key, both at once, by certificates; the module goes while they are up.
# host.sh has the rest, on kernels that are fast.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/left.sh"
. "$(dirname "$0")/../lib/host.sh"

up() { ktap_equal "$1" "$(state h1), $(state h2), $(sas)" "up -, up -, 2 2"; }
unload()
{
	rmmod dmikey || return
	is left_keys 0 && is left_rsa 0 && is sas "0 0"
}

ktap_plan 7
ns_up
mikey_up h1
mikey_up h2
openssl rand -hex 32 > "$PSK"
openssl rand -hex 32 > "$PSK.other"
add h1 "$PSK"
add h2 "$PSK.other"
ktap_run_fails "two hosts with different keys" connect h1
disconnect h1
add h2 "$PSK"
ktap_run "by pre-shared key" connect h1
connect h1 > /dev/null & one=$!
connect h2 > /dev/null
wait $one
talk
up "both renew at once"
ctl h1 host del $H2
ktap_run "a host that is forgotten takes its SAs" ktap_wait 30 sh -c \
	"! ip -n h1 -o xfrm state | grep -q 'proto esp'"
certify_both
for n in h1 h2; do add $n ""; done
ktap_run "by certificates" connect h1
talk
up "which carries readings"
ktap_run "the module goes while they are up" unload
ktap_end
