# SPDX-License-Identifier: GPL-2.0
# What dmikeyctl -j prints, beside what is kept of it in net/ctl_golden. Source it
# behind ktap.sh. What a run has shown is left in $TEST_LOGS.
#
#	shows NAME FILTER WORDS..	dmikeyctl -j WORDS is what is kept
#	events FILE NAME [FILTER]	so are the lines of a monitor, each kind once

golden=$(dirname "$0")/ctl_golden
logs=${TEST_LOGS:-/tmp/golden}
mkdir -p "$logs"

# numbers that no run repeats, by their names
alike='def alike: walk(if type == "object" then with_entries(
	if (.key | IN("time", "since", "expires", "started", "highest_t", "key", "spi_in",
		"spi_out", "csb_id", "length", "address_port", "days", "idle",
		"packets_in", "bytes_in", "used_in", "packets_out", "bytes_out", "used_out",
		"first", "last", "age", "count", "pid", "netns", "loaded")) and
		(.value | type) == "number" then .value = 1700000000
	elif .key == "sha256" then .value = "0" * 64
	elif .key == "value" then .value = 1
	else . end) else . end); '

# same NAME	standard input is what is kept under that name
same() { cat > "$logs/$1"; diff -u "$golden/$1" "$logs/$1"; }

shows()
{
	name=$1 filter=$2
	shift 2
	dmikeyctl -j "$@" > /tmp/shown.json || return 1
	jq -S "$alike $filter | alike" /tmp/shown.json | same "$name"
}

events()
{
	jq -cS "$alike ${3:-.} | alike | if .thirdparties then
		.thirdparties |= (sort_by(.id) | map(.x = 1)) else . end" "$1" |
		LC_ALL=C sort -u | same "$2"
}
