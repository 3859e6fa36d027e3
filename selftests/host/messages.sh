#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Documentation/messages.md is what scripts/messages.py makes of the vectors and
# of dmikeyctl decode. The script itself dies if a byte is left out or a key
# differs; so a vector with one other bit must not give a page.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

export O=${O:-$PWD/build}
page=Documentation/messages.md
[ -x "$O/tools/dmikeyctl" ] || ktap_skip_all "dmikeyctl is not built"
tmp=$(mktemp -d)

# of a tree like this one, with another vector: FROM TO
page_of_other()
{
	mkdir -p "$tmp/selftests/vectors"
	cp -R scripts "$tmp/"
	cp -R selftests/host "$tmp/selftests/"
	sed "s/$1/$2/" selftests/vectors/dmikey.json > "$tmp/selftests/vectors/dmikey.json"
	! cmp -s selftests/vectors/dmikey.json "$tmp/selftests/vectors/dmikey.json" &&
		"$tmp/scripts/messages.py" > /dev/null
}

refused() { ! page_of_other "$@" 2> "$tmp/err" && grep -q '^messages.py: ' "$tmp/err"; }

# the last bits of R_I, which are V's
r_i=7305987236c940beb2665b436f171feab36604c0e699a27581adca4274ed4dea

ktap_plan 4
ktap_run "the page is what the script makes" \
	sh -c "scripts/messages.py > $tmp/page && diff -u $page $tmp/page"
ktap_run "none of its lines is too long to read" \
	sh -c "! grep -n '.\{111\}' $page"
ktap_run "no page from a wrong V" refused "$r_i\"" "${r_i%a}b\""
ktap_run "no page from another share" refused \
	ea9b6b3df6a6e3df0e02c74cd6f0090c ea9b6b3df6a6e3df0e02c74cd6f0090d
rm -rf "$tmp"
ktap_end
