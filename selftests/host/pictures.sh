#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The pictures of Documentation: their SVGs are what the sources give, and the
# sources name the states and files that there are.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

for tool in dot mscgen; do
	command -v $tool > /dev/null || ktap_skip_all "no $tool here"
done
pictures=Documentation/pictures
tmp=$(mktemp -d)

fresh() { scripts/pictures.sh "$tmp" && diff -qr -x '*.dot' -x '*.msc' $pictures "$tmp"; }

# enumerators HEADER ENUM PREFIX: without the prefix
enumerators()
{
	sed -n "/^enum $2 {/,/^}/s/^\t$3\([A-Z_]*\).*/\1/p" "$1"
}

# nodes PICTURE: its states, by name
nodes() { sed -n 's/^\t*\([A-Z_]*\) \[label.*/\1/p' "$pictures/$1.dot" | sort; }

# states PICTURE HEADER ENUM PREFIX [..]: the picture has these and no others
states()
{
	local picture=$1 wanted=

	shift
	while [ $# -gt 0 ]; do
		[ -n "$(enumerators "$1" "$2" "$3")" ] || { echo "no $2 in $1"; return 1; }
		wanted="$wanted $(enumerators "$1" "$2" "$3")"
		shift 3
	done
	# shellcheck disable=SC2086
	diff -u <(printf '%s\n' $wanted | sort) <(nodes "$picture")
}

# every file that a picture names is there
named_files()
{
	local f absent=

	for f in $(cat $pictures/*.dot | grep -v '^//' | grep -o '\(core\|kmod\)/[a-z_/]*\.[ch]' | sort -u); do
		[ -e "$f" ] || absent="$absent $f"
	done
	[ -z "$absent" ] || { echo "no such file:$absent"; return 1; }
}

# every picture is shown or linked somewhere, and nothing else is
shown()
{
	diff -u <(cd $pictures && ls ./*.svg | sed 's/^..//') \
		<(cat README.md Documentation/*.md | grep -o 'pictures/[a-z]*\.svg' |
			sed 's/^pictures.//' | sort -u)
}

ktap_plan 6
ktap_run "what is committed is what the sources give" fresh
ktap_run "the sensor's states" states initiator core/initiator.h dmk_initiator_state DMK_I_
# FRESH is a confirmed session with new SAs
sed 's/^\tDMK_SESSION_ENDED/\tDMK_SESSION_FRESH,\n&/' kmod/uapi/dmikey.h > "$tmp/uapi.h"
ktap_run "the states of shares and session at R" states session \
	kmod/group.h dmk_group_state DMK_GROUP_ "$tmp/uapi.h" dmk_session_state DMK_SESSION_
sed '/DMK_FORM_NONE,/d' kmod/route.h > "$tmp/route.h"
ktap_run "the forms of a share" states share "$tmp/route.h" dmk_form DMK_FORM_
ktap_run "the files that they name" named_files
ktap_run "each is linked, and each link is a picture" shown
rm -rf "$tmp"
ktap_end
