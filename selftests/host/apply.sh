#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikeyctl apply with a kernel that is made up: what it would do, in which order,
# and what it says was done.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
tools=${O:-$top/build}/tools
[ -x "$tools/dmikeyctl" ] || ktap_skip_all "dmikeyctl is not built"
command -v cc > /dev/null || ktap_skip_all "no compiler here"
tmp=$(mktemp -d)
ktap_plan 9

objects=
for c in dmikeyctl "$top"/tools/ctl_*.c "$top"/tools/decode_*.c crypto_openssl; do
	objects="$objects $(basename "$c" .c)".o
done
# shellcheck disable=SC2046,SC2086
(cd "$tools" && cc -std=gnu11 -D_GNU_SOURCE -Wall -Werror -idirafter "$top/core" \
	-iquote "$top/kmod/uapi" -iquote "$top/tools" \
	$(pkg-config --cflags libnl-genl-3.0 json-c) -o "$tmp/ctl" \
	-Wl,--wrap=ctl_netlink_rows,--wrap=ctl_netlink_do \
	"$top/selftests/host/apply_kernel.c" $objects core.a \
	$(pkg-config --libs libnl-genl-3.0 json-c) -lpcap -lcrypto) 2> "$tmp/log" || {
	diag < "$tmp/log"
	exit 1
}

# apply GOOD ARGS...	the lines of standard input; one request after GOOD others is refused
apply()
{
	cat > "$tmp/conf"
	ROWS=$rows GOOD=$1 "$tmp/ctl" -S "$tmp/none" "${@:2}" apply -f "$tmp/conf" 2> "$tmp/err" |
		paste -sd,
}

rule() { printf '{"name":"%s","realm":"%s","min_k":2,"reqid":2269}' "$1" "$2"; }
sensor() { printf '{"id":"%s","key":7,"timestamp":"ntp","suites":["ccm","cm"]%s}' "$1" "${2:-}"; }

rows="{\"rule\":[$(rule a x),$(rule b y)]}"
ktap_equal "nothing to do" "$(apply 9 <<-EOC
	rule add a realm x min-k 2
	rule add b realm y min-k 2
EOC
)" ""
ktap_equal "a renamed rule gives up its realm first" "$(apply 9 <<-EOC
	rule add new realm x min-k 2
	rule add b realm y min-k 2
EOC
)" "delete rule a,add rule new"
ktap_equal "rules that change places do, too" "$(apply 9 <<-EOC
	rule add a realm y min-k 2
	rule add b realm x min-k 2
EOC
)" "delete rule b,delete rule a,add rule a,add rule b"
ktap_equal "a rule that changes otherwise stays" "$(apply 9 <<-EOC
	rule add a realm x min-k 3
	rule add b realm y min-k 2
EOC
)" "change rule a"

rows="{\"sensor\":[$(sensor nai:one ',"idle":5'),$(sensor nai:two)]}"
ktap_equal "a sensor of another type" "$(apply 9 <<-EOC
	sensor add uri:one key 7
	sensor add nai:two key 7
EOC
)" "delete sensor nai:one,add sensor uri:one"
ktap_equal "when it was heard of is no difference" "$(apply 9 -s <<-EOC
	sensor add nai:one key 7
	sensor add nai:two key 7
EOC
)" ""
ktap_equal "what is refused was not done" "$(apply 1 <<-EOC
	sensor add nai:one key 8
	sensor add nai:two key 8
EOC
)" "change sensor nai:one"
ktap_run "and its line is named" grep -q 'conf:2: no$' "$tmp/err"
ktap_equal "--check says all of it" "$(apply 0 --check <<-EOC
	sensor add nai:one key 8
	sensor add nai:two key 8
EOC
)" "change sensor nai:one,change sensor nai:two"
rm -rf "$tmp"
ktap_end
