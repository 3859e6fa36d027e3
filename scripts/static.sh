#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What tools see without running anything, as KTAP:
#
#	static.sh [kernel] [clang] [cppcheck] [cocci] [checkpatch]	all of them unless told
#
#	kernel		sparse with endianness over the module as it is built for 6.1; gcc W=1
#			and the stack of each function
#	clang		-Wall -Wextra over core, agent and tools, with their makefiles' options
#	cppcheck	the module, core, agent, tools and the firmware
#	cocci		the kernel's own scripts, over module and core
#	checkpatch	--strict
#
# Each first reads a file with faults made on purpose (selftests/static/fault_*.c), which
# it has to find. What is no fault stands in selftests/static/justified, with the reason.
# With LONG=1, as `make static` sets it, the module is compiled anew with W=1, all of cocci's
# scripts run and checkpatch reads everything. Else sparse reads what `make modules` has
# built, cocci looks for faults of memory, locks, pointers and iterators, and checkpatch
# reads core/.
set -u

top=$(cd "$(dirname "$0")/.." && pwd)
build=$(realpath -m "${O:-$top/build}")
out=$build/selftests/static
linux=$build/kernels/debug/tree
stack_max=768
cd "$top" || exit 1
. selftests/lib/ktap.sh
unset MAKEFLAGS MFLAGS MAKELEVEL

# unexcused TOOL LOG: lines "FILE:LINE: KIND: text" of LOG that nothing justifies
unexcused()
{
	awk -v tool="$1" '
	FILENAME == ARGV[1] { if ($1 == tool) good[$2 " " $3] = 1; next }
	{
		split($1, where, ":")
		kind = $2
		sub(/:$/, "", kind)
		if (!((kind " " where[1]) in good) && !((kind " *") in good))
			print
	}' selftests/static/justified "$2"
}

# stale TOOL LOG: what is justified and does not happen
stale()
{
	awk -v tool="$1" '
	FILENAME == ARGV[1] {
		split($1, where, ":")
		kind = $2
		sub(/:$/, "", kind)
		seen[kind " " where[1]] = seen[kind " *"] = 1
		next
	}
	$1 == tool && !(($2 " " $3) in seen) { print "justified, and nobody says it: " $2, $3 }' \
		"$2" selftests/static/justified
}

# clean TOOL LOG: nothing left to say
clean()
{
	local left

	left=$(unexcused "$1" "$2")
	[ -z "${LONG:-}" ] || left=$left$(stale "$1" "$2")
	[ -z "$left" ] || { printf '%s\n' "$left"; return 1; }
}

# ---- the module, as the kernel's makefiles build it

# tree DIR: where a build of the kernel's kind may write, with nothing of before
tree()
{
	rm -rf "$1"
	mkdir -p "$1"
}

module_tree()
{
	local f

	tree "$1"
	find Kbuild core kmod -name '*.[ch]' -o -name Kbuild | while read -r f; do
		mkdir -p "$1/$(dirname "$f")"
		ln -s "$top/$f" "$1/$f"
	done
}

# sparse does not know __has_include, and needs nothing of what 6.1 may have
kernel_build()
{
	local dir=$1 log=$2
	shift 2

	make --no-print-directory -C "$build/kernels/6.1/headers" M="$dir" C=2 \
		CHECK="sparse '-D__has_include(x)=0'" CF=-D__CHECK_ENDIAN__ \
		DMIKEY_WERROR=y "$@" > "$log.raw" 2>&1 ||
		{ grep -E 'error|Error' "$log.raw" | head -n 10; return 1; }
	sed -n "s#^$dir/\([^ ]*:\) \(warning\|error\): #\1 \2: #p" "$log.raw" > "$log"
}

# Built already: sparse reads it, and nothing is compiled.
module_read()
{
	local dir=$build/modules/6.1

	(flock 9; kernel_build "$dir/dmikey" "$out/kernel.log" modules) 9> "$dir/.lock"
}

module_compile()
{
	module_tree "$out/kernel"
	kernel_build "$out/kernel" "$out/kernel.log" W=1 KCFLAGS=-fstack-usage modules
}

every_file_read()
{
	local f

	for f in $(sed -n '/:=/,/^$/p' Kbuild | grep -oE '\b[a-z_]+\b' | sort -u); do
		[ ! -e core/$f.c ] || grep -q "CHECK .*/core/$f.c" "$out/kernel.log.raw" || echo "$f"
		[ ! -e kmod/$f.c ] || grep -q "CHECK .*/kmod/$f.c" "$out/kernel.log.raw" || echo "$f"
	done | { ! grep .; }
}

# depth DIR: bytes and name of each function's frame
depth()
{
	find "$1" -name '*.su' -exec cat {} + |
		sed "s#^$1/\([^:]*\):[0-9]*:[0-9]*:\([^\t]*\)\t\([0-9]*\)\t.*#\3 \1 \2#" | sort -rn
}

# small_frames DIR
small_frames()
{
	depth "$1" > "$out/frames"
	[ -s "$out/frames" ] && ! awk -v max=$stack_max '$1 > max' "$out/frames" | grep .
}

fault_compile()
{
	tree "$out/fault"
	ln -s "$top/selftests/static/fault_kernel.c" "$out/fault/"
	echo 'obj-m := fault_kernel.o' > "$out/fault/Kbuild"
	kernel_build "$out/fault" "$out/fault.log" W=1 KCFLAGS=-fstack-usage fault_kernel.o
}

run_kernel()
{
	ktap_run "the file with faults builds" fault_compile
	ktap_run "sparse finds a wrong endianness" grep -q 'base types' "$out/fault.log"
	ktap_run "W=1 finds a missing prototype" \
		grep -q 'fault_prototype.*Wmissing-prototypes' "$out/fault.log"
	ktap_run_fails "a large frame is found" small_frames "$out/fault"
	if [ -n "${LONG:-}" ]; then
		ktap_run "the module builds with W=1" module_compile
		ktap_run "no frame is above $stack_max bytes" small_frames "$out/kernel"
		diag "largest: $(head -n 3 "$out/frames" | paste -sd,)"
	else
		ktap_run "the module is read" module_read
	fi
	ktap_run "sparse reads each file" every_file_read
	ktap_run "sparse and gcc have nothing to say of the module" clean kernel "$out/kernel.log"
}

# ---- userspace by the other compiler

# Only what is read is wanted: no object comes of it, and make is content.
clang_room()
{
	local room=$1
	shift

	make --no-print-directory -k -C "$room" O="$out/clang" CC="clang -fsyntax-only" \
		"${@/#/$out/clang/$room/}"
}

clang_core()
{
	clang_room tools $(cd core && printf 'core/%s\n' *.c | sed 's/c$/o/')
}

clang_own()
{
	clang_room "$1" $(cd "$1" && printf '%s\n' *.c | sed 's/c$/o/')
}

run_clang()
{
	rm -rf "$out/clang"
	ktap_run_fails "clang finds && for &" clang -fsyntax-only -Wall -Wextra -Werror \
		selftests/static/fault_user.c
	ktap_run "clang has nothing to say of core" clang_core
	ktap_run "clang has nothing to say of agent" clang_own agent
	ktap_run "clang has nothing to say of tools" clang_own tools
}

# ---- cppcheck

# Its opinions on style are not asked for: it wants variables where they are first used,
# the kernel's style at a function's head.
cppcheck_run()
{
	cppcheck -q --std=c11 --enable=warning,performance,portability \
		--template='{file}:{line}: {id}: {message}' --suppress=toomanyconfigs -I core "$@" 2>&1
}

run_cppcheck()
{
	{ cppcheck_run -D__KERNEL__ -DKERNEL_VERSION\(a,b,c\)=0 -DLINUX_VERSION_CODE=0 \
		-I kmod/uapi --include=selftests/static/cppcheck_kernel.h kmod
	  cppcheck_run core
	  cppcheck_run -I kmod/uapi agent tools
	  cppcheck_run sensor-fw; } > "$out/cppcheck.log"
	ktap_run "cppcheck finds an index out of bounds" sh -c \
		"cppcheck -q --template='{id}' selftests/static/fault_user.c 2>&1 |
			grep -q arrayIndexOutOfBounds"
	ktap_run "cppcheck has nothing to say" clean cppcheck "$out/cppcheck.log"
}

# ---- coccinelle

# cocci_run DIR...: one line of a finding, with the script's name as its kind; some show
# what they would change as well
cocci_run()
{
	local script

	for script in $(find "${scripts[@]}" -name '*.cocci' | sort); do
		spatch --very-quiet -D report --no-includes --include-headers \
			--cocci-file "$script" "$@" 2>> "$out/cocci.err" |
			sed -n "s#^\([^: ]*:[0-9]*\)[-:0-9]* #\1: $(basename "$script"): #p"
	done
}

run_cocci()
{
	local all=$linux/scripts/coccinelle

	scripts=("$all"/{free,iterators,locks,null})
	[ -z "${LONG:-}" ] || scripts=("$all")
	: > "$out/cocci.err"
	{ cocci_run --dir kmod; cocci_run --dir core; } > "$out/cocci.log"
	scripts=("$all/free/kfree.cocci")
	cocci_run selftests/static/fault_kernel.c > "$out/cocci.fault"
	ktap_run "coccinelle finds a use after kfree" grep -q 'kfree.cocci: ERROR' "$out/cocci.fault"
	ktap_run "coccinelle reads everything" sh -c "! grep -E '^(Fatal|exn|EXN)' '$out/cocci.err'"
	ktap_run "coccinelle's scripts have nothing to say" clean cocci "$out/cocci.log"
}

# ---- checkpatch

# --ignore: names of OpenSSL and libconfuse. It leaves a list of such names where it runs.
checkpatch_run()
{
	perl "$linux/scripts/checkpatch.pl" --root="$linux" --no-tree --no-summary --strict \
		--terse --show-types --ignore CAMELCASE --max-line-length=100 -f "$@" 2>&1 |
		sed 's/^\([^ ]*\) [A-Z]*:\([A-Z_0-9]*\): /\1 \2: /'
	rm -f .checkpatch-camelcase.*
}

run_checkpatch()
{
	local files

	mapfile -t files < <(find core ${LONG:+kmod agent tools sensor-fw} -name '*.[ch]')
	checkpatch_run "${files[@]}" > "$out/checkpatch.log"
	checkpatch_run selftests/static/fault_kernel.c > "$out/checkpatch.fault"
	ktap_run "checkpatch finds a missing blank" grep -q SPACING "$out/checkpatch.fault"
	ktap_run "checkpatch has nothing to say" clean checkpatch "$out/checkpatch.log"
}

# ----

tools=${*:-kernel clang cppcheck cocci checkpatch}
declare -A results=([kernel]=$((${LONG:+1} + 7)) [clang]=4 [cppcheck]=2 [cocci]=3 [checkpatch]=2)
plan=0
for t in $tools; do plan=$((plan + ${results[$t]:?no such tool})); done
mkdir -p "$out"
ktap_plan $plan
for t in $tools; do
	case $t in
	kernel)			need=$build/modules/6.1/dmikey.ko
				[ -z "${LONG:-}" ] || need=$build/kernels/6.1/headers ;;
	cocci|checkpatch)	need=$linux ;;
	*)			need=$top ;;
	esac
	if [ -e "$need" ]; then
		"run_$t"
	else
		for ((i = 0; i < ${results[$t]}; i++)); do
			ktap_skip "$t" "make modules KERNEL=6.1, or debug, first"
		done
	fi
done
ktap_end
