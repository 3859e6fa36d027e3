#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the fuzz targets, one after the other. What they find new goes to
# build/fuzz/TARGET (corpus) and build/fuzz/TARGET-crash-... (an input that fails).
#
#	fuzz.sh seconds N [TARGET...]	each for N seconds
#	fuzz.sh runs N [TARGET...]	all inputs that are there, then up to N runs in all
#	fuzz.sh prove			the bugs that were put there are found
#	fuzz.sh keep [TARGET...]	what build/fuzz has beyond the seeds: to corpus/
set -u
cd "$(dirname "$0")" || exit 1

out=$(realpath -m "${O:-../../build}")
programs=$out/selftests/fuzz
work=$out/fuzz
mkdir -p "$work"

targets()
{
	local p

	[ $# -eq 0 ] || { echo "$@"; return; }
	for p in "$programs"/fuzz_*; do echo "${p##*/fuzz_}"; done
}

# the places that a target's inputs come from; the first takes what is new
inputs()
{
	local dir

	mkdir -p "$work/$1"
	for dir in "$work/$1" "$programs/seeds/$1" "$PWD/corpus/$1"; do
		[ ! -d "$dir" ] || echo "$dir"
	done
}

options="-timeout=20 -rss_limit_mb=2048 -max_len=4400 -print_final_stats=1"

# what agents and tools say goes nowhere; a report of a sanitizer is seen all the same
quiet()
{
	case $1 in
	netlink|config|registry|decode|provision) echo -close_fd_mask=3 ;;
	esac
}

# one TARGET OPTION...: a line about it; false if something was found
one()
{
	local target=$1 log=$work/$1.log status=0
	shift

	# shellcheck disable=SC2046,SC2086
	"$programs/fuzz_$target" $options $(quiet "$target") "$@" \
		-artifact_prefix="$work/$target-" $(inputs "$target") > "$log" 2>&1 || status=$?
	# status, executions, edges, seconds of CPU
	printf '%-10s %s executions, %s edges, %s inputs%s\n' "$target" \
		"$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
		"$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)" \
		"$(sed -n 's/^#.* corp: \([0-9]*\).*/\1/p' "$log" | tail -n 1)" \
		"$([ $status -eq 0 ] || echo ": FAILED, see $log")"
	[ $status -eq 0 ] || grep -h -A 12 -e 'ERROR: ' -e 'runtime error:' -e 'does not hold' "$log"
	return $status
}

all()
{
	local status=0 t

	for t in $(targets "${@:2}"); do one "$t" "$1" || status=1; done
	return $status
}

# Each of these programs is a target with a bug of its own. Only an authentic message
# comes to those of seal and initiator.
prove()
{
	local t status=0 log

	for t in wire seal initiator; do
		log=$work/prove-$t.log
		rm -rf "$work/prove-$t"
		mkdir "$work/prove-$t"		# where new inputs go
		# shellcheck disable=SC2046,SC2086
		"$programs/prove_$t" $options -runs=60000 -seed=1 \
			-artifact_prefix="$work/prove-$t-" "$work/prove-$t" \
			"$programs/seeds/$t" > "$log" 2>&1
		if grep -q 'ERROR: AddressSanitizer: .*-buffer-overflow' "$log"; then
			echo "$t: found"
		else
			echo "$t: NOT FOUND, see $log"
			status=1
		fi
	done
	return $status
}

# as few files as reach what no seed reaches
keep()
{
	local t

	for t in $(targets "$@"); do
		rm -rf "$work/keep-$t"
		mkdir -p "$work/keep-$t"
		[ -d "$programs/seeds/$t" ] && cp "$programs/seeds/$t"/* "$work/keep-$t"
		ls "$work/keep-$t" > "$work/keep-$t.seeds"
		# shellcheck disable=SC2046
		"$programs/fuzz_$t" -set_cover_merge=1 -use_counters=0 $(quiet "$t") "$work/keep-$t" \
			$(inputs "$t") > "$work/$t.keep.log" 2>&1
		mkdir -p "corpus/$t"
		( cd "$work/keep-$t" && ls ) | grep -vxF -f "$work/keep-$t.seeds" |
			while read -r f; do cp "$work/keep-$t/$f" "corpus/$t/"; done
		echo "$t: $(find "corpus/$t" -type f | wc -l) files"
	done
}

what=${1:-}
shift
case $what in
seconds)	all -max_total_time="$1" "${@:2}" ;;
runs)		all -runs="$1" "${@:2}" ;;
prove)		prove ;;
keep)		keep "$@" ;;
*)		sed -n 's/^#	//p' "$0" >&2; exit 2 ;;
esac
