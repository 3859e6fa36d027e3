#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Who includes whom: core/ nobody; kmod/, agent/, tools/ and sensor-fw/ core/
# and themselves; agent/ and tools/ of kmod/ only uapi/dmikey.h.
#
# usage: rooms_test.sh [TOP]

cd "${1:-$(dirname "$0")/../..}" || exit 1

rooms="kmod agent tools"
# the firmware has a room once it is there
[ ! -d sensor-fw ] || rooms="$rooms sensor-fw"
n=0
failed=0

# sources ROOM: its C files
sources() {
	find "$1" -name '*.[ch]' 2>/dev/null | sort
}

# included FILE: what FILE includes, in its own words, "x" or <x>
included() {
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\(["<][^">]*[">]\).*/\1/p' "$1"
}

# owner DIR ROOM WHAT: the room of the file that WHAT means in DIR of ROOM;
# nothing if it is in no room (a library's, or made by the build)
owner() {
	name=$(echo "$3" | tr -d '<>"')
	for dir in "$1" "$2" core $rooms kmod/uapi; do
		if [ -e "$dir/$name" ]; then
			path=$(realpath --relative-to=. "$dir/$name")
			echo "${path%%/*}"
			return
		fi
	done
	case "$3" in
	\"*) find $rooms core -name "${name##*/}" 2>/dev/null | head -n 1 | cut -d / -f 1 ;;
	esac
}

# allowed ROOM OWNER WHAT
allowed() {
	name=$(echo "$3" | tr -d '<>"')
	case "$1:$2:${name##*/}" in
	"$1::"* | "$1:core:"* | "$1:$1:"*) return 0 ;;
	agent:kmod:dmikey.h | tools:kmod:dmikey.h) return 0 ;;
	esac
	return 1
}

# verdict NAME COMPLAINTS
verdict() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n $1"
	else
		echo "$2" | sed 's/^/# /'
		echo "not ok $n $1"
		failed=$((failed + 1))
	fi
}

# core/port.h alone may ask the place that core/ is compiled in
core_strangers() {
	for file in $(sources core); do
		included "$file" | while read -r what; do
			name=$(echo "$what" | tr -d '<>"')
			case "$what" in
			\<*) [ "$file" = core/port.h ] || echo "$file: $what" ;;
			*) [ -e "core/$name" ] && [ "${name#*/}" = "$name" ] ||
				echo "$file: $what" ;;
			esac
		done
	done
}

room_strangers() {
	for file in $(sources "$1"); do
		included "$file" | while read -r what; do
			whose=$(owner "$(dirname "$file")" "$1" "$what")
			allowed "$1" "$whose" "$what" || echo "$file: $what is in $whose/"
		done
	done
}

echo "KTAP version 1"
verdict "core/ is there" "$([ -e core/port.h ] || echo "no core/port.h in $PWD")"
verdict "core/ includes core/ alone" "$(core_strangers)"
for room in $rooms; do
	verdict "$room/ has sources" "$([ -n "$(sources "$room")" ] || echo "no C file in $room/")"
	verdict "$room/ includes core/ and itself" "$(room_strangers "$room")"
done
echo "1..$n"
echo "# rooms_test: $((n - failed)) passed, $failed failed"
[ "$failed" = 0 ]
