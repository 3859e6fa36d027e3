# SPDX-License-Identifier: GPL-2.0
# KTAP for shell tests. Source it, say the plan, report:
#
#	. "$(dirname "$0")/../lib/ktap.sh"
#	ktap_plan 3
#	ktap_run "module loads" modprobe dmikey
#	ktap_run "share is counted" [ "$n" -eq 1 ]
#	ktap_skip "needs IPv6" "no IPv6 here"
#	ktap_end
#
# Anything printed by hand is a diagnostic if it goes through `diag`. The
# script's exit status is 0 (passed), 1 (a test failed, or the plan was not
# kept) or 4 (skipped). An early exit of any kind is a kept record of
# failure: fewer results than planned.

ktap_planned=0 ktap_count=0 ktap_failures=0 ktap_skips=0 ktap_ended=

# ktap_plan N		how many results will follow
ktap_plan()
{
	ktap_planned=$1
	echo "KTAP version 1"
	echo "1..$1"
	trap 'ktap_exit $?' EXIT
}

# ktap_skip_all WHY	nothing here can run: plan of none, exit 4
ktap_skip_all()
{
	trap - EXIT
	echo "KTAP version 1"
	echo "1..0 # SKIP $*"
	exit 4
}

# diag TEXT...		also as a filter: dmesg | diag
diag()
{
	if [ $# -gt 0 ]; then
		printf '%s\n' "$*" | sed 's/^/# /'
	else
		sed 's/^/# /'
	fi
}

ktap_pass()
{
	ktap_count=$((ktap_count + 1))
	echo "ok $ktap_count $*"
}

# ktap_fail NAME [DIAGNOSTIC]
ktap_fail()
{
	ktap_count=$((ktap_count + 1))
	ktap_failures=$((ktap_failures + 1))
	echo "not ok $ktap_count $1"
	shift
	[ $# -eq 0 ] || diag "$@"
}

# ktap_skip NAME WHY
ktap_skip()
{
	ktap_count=$((ktap_count + 1))
	ktap_skips=$((ktap_skips + 1))
	echo "ok $ktap_count $1 # SKIP ${2:-}"
}

# ktap_run NAME COMMAND...	passes if the command does; shows what it
#				printed if it does not
ktap_run()
{
	ktap__name=$1
	shift
	# Not in a subshell: a function may set variables of the caller.
	ktap__out=$(mktemp)
	ktap__status=0
	"$@" > "$ktap__out" 2>&1 || ktap__status=$?
	if [ "$ktap__status" -eq 0 ]; then
		ktap_pass "$ktap__name"
	else
		ktap_fail "$ktap__name" "status $ktap__status: $*"
		diag < "$ktap__out"
	fi
	rm -f "$ktap__out"
	return 0
}

# ktap_run_fails NAME COMMAND...	passes if the command is refused
ktap_run_fails()
{
	ktap__name=$1
	shift
	ktap__out=$(mktemp)
	if "$@" > "$ktap__out" 2>&1; then
		ktap_fail "$ktap__name" "was expected to fail: $*"
		diag < "$ktap__out"
	else
		ktap_pass "$ktap__name"
	fi
	rm -f "$ktap__out"
	return 0
}

# ktap_equal NAME GOT WANTED
ktap_equal()
{
	if [ "$2" = "$3" ]; then
		ktap_pass "$1"
	else
		ktap_fail "$1" "got:    $2"
		diag "wanted: $3"
	fi
}

# ktap_wait SECONDS COMMAND...	true as soon as the command is
ktap_wait()
{
	ktap__until=$(($(date +%s) + $1))
	shift
	until "$@" > /dev/null 2>&1; do
		[ "$(date +%s)" -lt "$ktap__until" ] || return 1
		sleep 0.1
	done
}

ktap_end()
{
	ktap_ended=1
	[ "$ktap_count" -eq "$ktap_planned" ] ||
		diag "planned $ktap_planned results, reported $ktap_count"
	[ "$ktap_failures" -eq 0 ] && [ "$ktap_count" -eq "$ktap_planned" ] || exit 1
	[ "$ktap_count" -eq 0 ] || [ "$ktap_skips" -ne "$ktap_count" ] || exit 4
	exit 0
}

ktap_exit()
{
	# An EXIT trap runs once more after ktap_end's own exit.
	[ -z "$ktap_ended" ] || exit "$1"
	diag "ended early with status $1 after $ktap_count of $ktap_planned results"
	exit 1
}
