#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The example in Documentation/protocol.md is the vector that it says it is,
# and its code points are those of core/wire.h.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

page=Documentation/protocol.md
command -v jq > /dev/null || ktap_skip_all "no jq here"

# example N: bytes of the page's N-th listing behind "## 6."; words stand behind
# two spaces or more
example()
{
	awk -v n="$1" '
		/^## 6\. /		{ there = 1 }
		there && /^```$/	{ block++; next }
		there && block == 2 * n - 1 && /^ +[0-9a-f][0-9a-f]/ {
			sub(/^ +/, "")
			sub(/  .*/, "")
			gsub(/ /, "")
			printf "%s", $0
		}' $page
}

vector()
{
	jq -r ".sessions[] | select(.name == \"ccm-s2-ntp\") |
		.third_parties[0].i_tp.$1" selftests/vectors/dmikey.json
}

# lengths: of messages 1, 3, 4 and 5 as the page has them
lengths()
{
	jq -r '.sessions[] | select(.name == "ccm-s2-ntp") |
		[.third_parties[0].i_tp, .third_parties[0].tp_r, .third_parties[0].r_tp, .r_i] |
		map(.message | length / 2) | "\(.[0]), \(.[1]), \(.[2]) and \(.[3]) bytes"' \
		selftests/vectors/dmikey.json
}

ktap_plan 5
ktap_equal "message 1" "$(example 1)" "$(vector message)"
ktap_equal "its plaintext" "$(example 2)" "$(vector kemac_plain)"
ktap_run "encr_key, salt and nonce" sh -c "for k; do grep -q \"\\\`\$k\\\`\" $page || exit; done" - \
	"$(vector encr_key)" "$(vector salt)" "$(vector nonce)"
ktap_run "lengths of messages" sh -c "tr '\n' ' ' < $page | grep -q 'of $(lengths)'"
for label in $(sed -n 's/^#define DMK_LABEL_[A-Z_]*\t*\(0x[0-9A-F]*\).*/\1/p' core/kdf.h); do
	grep -q "$label" $page || missing="$missing $label"
done
ktap_equal "labels of keys" "${missing:-}" ""
ktap_end
