#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Which lines of core/ are reached by the unit tests and by the inputs of the fuzz
# targets: a table, and the lines of four files that are not. build/coverage has the
# details. Fails if one of the four has more such lines than coverage.max allows.
set -eu
cd "$(dirname "$0")/../.."

out=$(realpath -m "${O:-build}")
cover=$out/coverage
make="${MAKE:-make} --no-print-directory -s"
flags="-fprofile-instr-generate -fcoverage-mapping"
tests="wire message esp share seal describe mutate edge plain negative build kdf blob record
	slip standing host initiator initiator_update initiator_life"
targets="wire message describe esp share seal initiator slip blob"

names=
for t in $tests; do names="$names $cover/selftests/unit/${t}_test"; done
# shellcheck disable=SC2086
$make -C selftests/unit O="$cover" CC=clang-14 SANITIZE="$flags -Wno-error" $names
names=
for t in $targets; do names="$names $cover/selftests/fuzz/fuzz_$t"; done
# shellcheck disable=SC2086
$make -C selftests/fuzz O="$cover" SANITIZE="-fsanitize=fuzzer-no-link $flags" \
	LINK="-fsanitize=fuzzer $flags" seeds $names

rm -rf "$cover/raw"
mkdir -p "$cover/raw"
objects=
for t in $tests; do
	LLVM_PROFILE_FILE=$cover/raw/unit-$t "$cover/selftests/unit/${t}_test" > /dev/null
	objects="$objects -object $cover/selftests/unit/${t}_test"
done
for t in $targets; do
	inputs=
	for dir in "$cover/selftests/fuzz/seeds/$t" "selftests/fuzz/corpus/$t"; do
		[ ! -d "$dir" ] || inputs="$inputs $dir"
	done
	# shellcheck disable=SC2086
	LLVM_PROFILE_FILE=$cover/raw/fuzz-$t "$cover/selftests/fuzz/fuzz_$t" -runs=0 $inputs \
		> "$cover/fuzz-$t.log" 2>&1
	objects="$objects -object $cover/selftests/fuzz/fuzz_$t"
done

llvm-profdata-14 merge -o "$cover/all" "$cover"/raw/*
# shellcheck disable=SC2086
llvm-cov-14 export -format=lcov -instr-profile "$cover/all" ${objects# -object } core/*.c \
	> "$cover/lcov"
python3 selftests/fuzz/coverage.py "$cover/lcov" selftests/fuzz/coverage.max
