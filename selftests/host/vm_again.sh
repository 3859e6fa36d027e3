#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# selftests/vm/check.sh runs a boot once more if only a test failed: not if its kernel
# complained, not if many failed, not if none did. In a tree of its own, where a script
# stands in for run.sh, and its tests for VMs.
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/selftests/lib/ktap.sh"

tree=$(mktemp -d)
mkdir -p "$tree"/selftests/{vm,net,kernel}
cp "$top"/selftests/ktap-summary "$tree/selftests/"
cp "$top"/selftests/vm/{check,vm-option}.sh "$tree/selftests/vm/"

# its tests: a line for each boot, the test's result and the kernel's
cat > "$tree/selftests/vm/run.sh" <<'E2'
#!/bin/bash
while getopts k:n:t:a: o; do [ "$o" != n ] || name=$OPTARG; done
shift $((OPTIND - 1))
tap=$O/vm/$name/tap test=$(basename "$1" .sh)
mkdir -p "$tap"
echo >> "$O/$test.boots"
read -r result kernel <<< "$(sed -n "$(($(wc -l < "$O/$test.boots") + 3))p" "$1")"
printf 'KTAP version 1\n1..1\n%s 1 all is well\n' "${result//-/ }" > "$tap/$test.tap"
printf 'KTAP version 1\n1..1\n%s 1 kernel log\n' "${kernel//-/ }" > "$tap/kernel.tap"
[ "$result$kernel" = okok ] && echo PASS || echo FAIL
E2
chmod +x "$tree/selftests/vm/run.sh"

# vm_test NAME RESULT..: of each boot, its own and its kernel's
vm_test()
{
	local name=$1
	shift
	{ printf '#!/bin/bash\n# for a stand-in\n# vm: kernels=6.1\n'; printf '%s %s\n' "$@"; } \
		> "$tree/selftests/net/$name.sh"
}

# check: boots of each test, the count, and what was unsteady
check()
{
	rm -rf "$tree/build"
	mkdir -p "$tree/build"
	O=$tree/build "$tree/selftests/vm/check.sh" "$tree/build/results" 6.1 > "$tree/log" 2>&1
	(cd "$tree/build" && for b in *.boots; do echo "${b%.boots} $(wc -l < "$b")"; done) |
		paste -sd ' '
	"$tree/selftests/ktap-summary" "$tree"/build/results/*.tap | tail -n 1
	[ ! -e "$tree/build/results/unsteady" ] || cat "$tree/build/results/unsteady"
}

ktap_plan 5

vm_test good ok ok
ktap_equal "what passes is run once" "$(check)" "good 1
2 passed, 0 failed, 0 skipped"

vm_test slow not-ok ok ok ok
ktap_equal "what fails is run again, and that is told" "$(check)" "good 1 slow 2
4 passed, 0 failed, 0 skipped
UNSTEADY 6.1 slow: all is well"

vm_test slow not-ok ok not-ok ok
ktap_equal "and once only" "$(check)" "good 1 slow 2
3 passed, 1 failed, 0 skipped
UNSTEADY 6.1 slow: all is well"

vm_test slow not-ok not-ok ok ok
ktap_equal "a kernel that complains is not run again" "$(check)" "good 1 slow 1
2 passed, 2 failed, 0 skipped"

for n in 1 2 3 4; do vm_test "bad$n" not-ok ok ok ok; done
rm "$tree/selftests/net/slow.sh"
ktap_equal "nor are four that fail" "$(check)" "bad1 1 bad2 1 bad3 1 bad4 1 good 1
6 passed, 4 failed, 0 skipped"
rm -rf "$tree"
ktap_end
