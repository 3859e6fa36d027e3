#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The manual pages: groff has nothing to say against them, and each page that
# one of them sends the reader to, of ours, exists.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

for tool in man groff; do
	command -v $tool > /dev/null || ktap_skip_all "no $tool here"
done

pages=$(ls Documentation/man/*.[1-8])

# silent FORMATTER...: it neither fails nor warns
silent()
{
	local out

	out=$("$@" 2>&1 > /dev/null) && [ -z "$out" ] || { echo "$out"; return 1; }
}

# shown PAGE: it is not empty, and begins with its own name
shown()
{
	man -l "$1" | grep -A1 '^NAME$' | grep -q "$(basename "$1" .${1##*.}) - "
}

# dmikey* (N) in any font is a page here
references()
{
	local absent=

	for ref in $(man -l "$1" 2> /dev/null | grep -o 'dmikey[a-z.-]*([1-8])' | sort -u); do
		page=Documentation/man/${ref%(*}.${ref#*(}
		[ -e "${page%)}" ] || absent="$absent $ref"
	done
	[ -z "$absent" ] || { echo "no such page:$absent"; return 1; }
}

# every counter stands in the list of dmikey(7), and nothing else
counters()
{
	diff -u <(sed -n 's/^\tX(.*"\(.*\)").*/\1/p' kmod/stats.h | sort) \
		<(sed -n '/^Other counters/,/^\.fi/{/^[a-z]/{s/    .*//;p}}' Documentation/man/dmikey.7 |
			sed 's/\\-/-/g' | tr ' ' '\n' | sort)
}

export MANWIDTH=80 LC_ALL=C.UTF-8 MANPAGER=cat
# shellcheck disable=SC2086
set -- $pages
ktap_plan $((4 * $# + 1))
for page; do
	name=$(basename "$page")
	ktap_run "$name: groff" silent groff -man -Tutf8 -ww -z "$page"
	ktap_run "$name: man" silent man --warnings -l "$page"
	ktap_run "$name: NAME" shown "$page"
	ktap_run "$name: pages that it names" references "$page"
done
ktap_run "dmikey(7) has all counters" counters
ktap_end
