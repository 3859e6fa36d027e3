#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ktap-summary: what it must not let through.
cd "$(dirname "$0")" || exit 1
. ../lib/ktap.sh

tmp=$(mktemp -d)

# counts NAME EXIT "N passed, N failed, N skipped" FILE-CONTENT...
counts()
{
	local name=$1 want="$2 $3" n=0 files=() got
	shift 3

	for content; do
		n=$((n + 1))
		printf '%b' "$content" > "$tmp/$n.tap"
		files+=("$tmp/$n.tap")
	done
	got=$(../ktap-summary "${files[@]}")
	got="$? ${got##*$'\n'}"
	ktap_equal "$name" "$got" "$want"
}

V='KTAP version 1\n'
ktap_plan 20
counts "all pass" 0 "2 passed, 0 failed, 0 skipped" "${V}1..2\nok 1 a\nok 2 b\n"
counts "one fails" 1 "1 passed, 1 failed, 0 skipped" "${V}1..2\nok 1 a\nnot ok 2 b\n"
counts "a skip is no pass" 0 "1 passed, 0 failed, 1 skipped" \
	"${V}1..2\nok 1 a\nok 2 b # SKIP why\n"
counts "no excuse" 1 "0 passed, 1 failed, 0 skipped" "${V}1..1\nnot ok 1 a # SKIP why\n"
counts "all skipped" 0 "0 passed, 0 failed, 1 skipped" "${V}1..0 # SKIP why\n"
counts "no plan" 1 "1 passed, 1 failed, 0 skipped" "${V}ok 1 a\n"
counts "plan at the end" 0 "1 passed, 0 failed, 0 skipped" "${V}ok 1 a\n1..1\n"
counts "fewer than planned" 1 "1 passed, 1 failed, 0 skipped" "${V}1..2\nok 1 a\n"
counts "more than planned" 1 "2 passed, 1 failed, 0 skipped" "${V}1..1\nok 1 a\nok 2 b\n"
counts "numbers out of order" 1 "2 passed, 1 failed, 0 skipped" \
	"${V}1..2\nok 1 a\nok 3 b\n"
counts "empty file" 1 "0 passed, 1 failed, 0 skipped" ""
counts "a plan of nothing" 1 "0 passed, 1 failed, 0 skipped" "${V}1..0\n"
counts "bail out" 1 "1 passed, 1 failed, 0 skipped" "${V}1..1\nok 1 a\nBail out! gone\n"
counts "no newline at the end" 0 "2 passed, 0 failed, 0 skipped" \
	"${V}1..1\nok 1 a" "${V}1..1\nok 1 b"
counts "an empty file among others" 1 "2 passed, 1 failed, 0 skipped" \
	"${V}1..1\nok 1 a\n" "" "${V}1..1\nok 1 b\n"

S='    KTAP version 1\n    1..2\n'
counts "subtests count, their sum does not" 0 "3 passed, 0 failed, 0 skipped" \
	"${V}1..2\n${S}    ok 1 x\n    ok 2 y\nok 1 sub\nok 2 b\n"
counts "a failed subtest" 1 "1 passed, 1 failed, 0 skipped" \
	"${V}1..1\n${S}    ok 1 x\n    not ok 2 y\nnot ok 1 sub\n"
counts "a sum that hides a failure" 1 "1 passed, 2 failed, 0 skipped" \
	"${V}1..1\n${S}    ok 1 x\n    not ok 2 y\nok 1 sub\n"
counts "a subtest with a result missing" 1 "1 passed, 1 failed, 0 skipped" \
	"${V}1..1\n${S}    ok 1 x\nnot ok 1 sub\n"

../ktap-summary "$tmp/absent.tap" > "$tmp/out"
ktap_equal "a missing file" "$? $(tail -n 1 "$tmp/out")" "1 0 passed, 1 failed, 0 skipped"
rm -rf "$tmp"
ktap_end
