#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The pages: each file that one of them links is there, and so is each heading.
#
#	links.sh [DIRECTORY]	where README.md and Documentation are (this tree)
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh
cd "${1:-.}" || exit 1

# links PAGE: targets of its links, but for other hosts' and those in blocks
links()
{
	awk '/^```/ { block = !block } !block && !/^    /' "$1" |
		grep -o '](\([^)]*\))' | sed 's/^](//; s/)$//' | grep -v '^[a-z]*:'
}

# anchors PAGE: its headings, as forges name them
anchors()
{
	sed -n 's/^##* //p' "$1" | tr 'A-Z ' 'a-z-' | sed 's/[^a-z0-9_-]//g'
}

# good PAGE: says which of its links lead nowhere
good()
{
	local link file bad=0

	while read -r link; do
		file=$(dirname "$1")/${link%%#*}
		[ -n "${link%%#*}" ] || file=$1
		if [ ! -e "$file" ]; then
			echo "$link: no such file"
			bad=1
		elif [ "$link" != "${link#*#}" ] && ! anchors "$file" | grep -qxF -- "${link#*#}"; then
			echo "$link: no such heading"
			bad=1
		fi
	done < <(links "$1")
	return $bad
}

mapfile -t pages < <(ls README.md SECURITY.md Documentation/*.md Documentation/*/*.md)
ktap_plan $((${#pages[@]} + 1))
for page in "${pages[@]}"; do ktap_run "$page" good "$page"; done
ktap_run "README.md links each page" sh -c \
	"for p in Documentation/*.md; do grep -q \"(\$p)\" README.md || { echo \$p; exit 1; }; done"
ktap_end
