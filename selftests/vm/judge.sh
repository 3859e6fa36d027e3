#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# After a boot: cut the stream of the VM into one TAP file a script, read the
# kernel's log for what no test may cause, print a summary and, last, the
# verdict.
#
#	judge.sh RUN_DIR QEMU_STATUS SECONDS TEST...
#
# With LIVE set the scripts speak to people: their exit status is the result.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
run=$1 status=$2 seconds=$3
shift 3

# Words of a kernel that is not well, each with its reason to be here.
bad='WARNING:|BUG:|BUG |Oops|general protection fault|Kernel panic'
bad="$bad|possible circular locking|possible recursive locking"
bad="$bad|inconsistent lock state|suspicious RCU|bad unlock balance"
bad="$bad|refcount_t:|leaked|unreferenced object|new suspected memory leaks"
bad="$bad|INFO: task .* blocked|rcu: INFO:|unregister_netdevice: waiting for"
bad="$bad|KASAN:|UBSAN:|KFENCE:|KCSAN:|Call Trace:|scheduling while atomic"
bad="$bad|sleeping function called|double free|Objects remaining in"
bad="$bad|page allocation failure|Out of memory|Bad page state"
# a function of ours in the kernel's own words
bad="$bad|\[dmikey\]"

tr -d '\r' < "$run/stream" | awk -v dir="$run/tap" '
	/^#@ begin / { file = dir "/" $3 ".tap"; printf "" > file; next }
	/^#@ off$/ { print "#@ status off" > file; close(file); file = ""; next }
	/^#@ end / { print "#@ status " $4 > file; close(file); file = ""; next }
	/^#@ / { next }
	file != "" { print > file }'

complaints=$(tr -d '\r' < "$run/console.log" | grep -aE "$bad" | head -n 20 || :)
if grep -aq 'Kernel panic\|end Kernel panic' "$run/console.log"; then
	verdict=PANIC
elif [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
	verdict=TIMEOUT
elif ! grep -Eq '^#@ (done|off)' "$run/stream"; then
	verdict=FAIL
	complaints="${complaints:+$complaints
}QEMU ended early with status $status: $(head -n 3 "$run/qemu.log")"
else
	verdict=PASS
fi

# How the boot itself went is a test too.
{
	echo "KTAP version 1"
	echo "1..1"
	[ ! -e "$run/first-console.log" ] || echo "# the first boot panicked before init"
	if [ "$verdict" = PASS ] && [ -z "$complaints" ]; then
		echo "ok 1 kernel log is clean"
	else
		echo "not ok 1 kernel log is clean"
		[ "$verdict" = PASS ] || echo "# $verdict after $seconds s"
		[ -z "$complaints" ] || printf '%s\n' "$complaints" | sed 's/^/# /'
	fi
} > "$run/tap/kernel.tap"
[ -z "$complaints" ] || [ "$verdict" != PASS ] || verdict=FAIL

{
	echo "KTAP version 1"
	echo "1..$(($# + 1))"
} > "$run/results.tap"
n=0
for t in "$@" kernel; do
	name=$(basename "$t" .sh)
	f=$run/tap/$name.tap
	n=$((n + 1))
	if [ ! -s "$f" ]; then
		printf 'KTAP version 1\n1..1\nnot ok 1 %s did not run\n' "$name" > "$f"
	elif [ "$name" != kernel ]; then
		code=$(sed -n 's/^#@ status //p' "$f")
		sed -i '/^#@ status /d; ${/^$/d}' "$f"
		if [ -n "${LIVE:-}" ]; then
			[ "$code" = 0 ] && ok=ok || ok="not ok"
			printf 'KTAP version 1\n1..1\n%s 1 %s\n' "$ok" "$name" > "$f"
		fi
		case $code in
		0|1|off) ;;
		4)	grep -q '# SKIP' "$f" || echo "1..0 # SKIP exit status 4" >> "$f" ;;
		124|137|143)
			echo "Bail out! $name took too long" >> "$f"
			[ "$verdict" = PANIC ] || verdict=TIMEOUT ;;
		'')	echo "Bail out! the machine went away during $name" >> "$f" ;;
		127)	echo "Bail out! $name could not run" >> "$f" ;;
		*)	echo "Bail out! $name ended with status $code" >> "$f" ;;
		esac
		# A script that fails without saying so has failed.
		if [ "$code" = 1 ] && ! grep -q '^ *not ok' "$f"; then
			echo "Bail out! $name ended with status 1" >> "$f"
		fi
	fi
	sed 's/^/    /' "$f" >> "$run/results.tap"
	if "$here/../ktap-summary" -q "$f"; then
		echo "ok $n $name" >> "$run/results.tap"
	else
		echo "not ok $n $name" >> "$run/results.tap"
		[ "$verdict" != PASS ] || verdict=FAIL
	fi
done

# Failures with their diagnostics, then the count, then the word.
"$here/../ktap-summary" "$run"/tap/*.tap || :
sed -n 's/^#@ boot \([^ ]*\) \(.*\)/# \1 reached init after \2 s/p' "$run/stream"
echo "# $seconds s in all"
echo "$verdict"
