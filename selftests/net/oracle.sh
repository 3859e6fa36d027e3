#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: timeout=300 kernels="6.1" icount=yes long=1200
# No padding oracle: R takes as many instructions for a right envelope around a wrong
# share as for an envelope that is wrong in any way (oracle.c). Every instruction of
# this machine takes a virtual nanosecond, so its trace has them by number. From the
# end of the raw RSA operation, which is the kernel's and varies with the ciphertext,
# to the end of R's work on the message they are compared, by Welch's t.
#
# LONG: more rounds.
. "$(dirname "$0")/../lib/ktap.sh"

ROUNDS=12 T_MAX=6	# on so few samples chance has wide tails
[ -z "${LONG:-}" ] || { ROUNDS=100 T_MAX=4.5; }
trace=/sys/kernel/tracing
kinds="first-byte type-1 early-zero late-zero no-zero short-key noise"

trace_on()
{
	echo x86-tsc > $trace/trace_clock &&
		echo 16384 > $trace/buffer_size_kb &&
		echo 'r:dmk_rsa_end rsa_dec' > $trace/kprobe_events &&
		echo 1 > $trace/events/kprobes/dmk_rsa_end/enable &&
		echo 1 > $trace/events/workqueue/workqueue_execute_end/enable
}

trace_off()
{
	echo 0 > $trace/events/kprobes/dmk_rsa_end/enable
	echo 0 > $trace/events/workqueue/workqueue_execute_end/enable
	echo > $trace/kprobe_events
}

# spans: a line a message, in order
spans()
{
	awk '/dmk_rsa_end:/ { split($0, a, ": "); n = split(a[1], f, " "); from = f[n]; worker = $1 }
	     /workqueue_execute_end:/ && from && $1 == worker {
		split($0, a, ": "); n = split(a[1], f, " "); print f[n] - from; from = 0 }' $trace/trace
}

# compare KIND: "T DIFFERENCE-OF-MEDIANS N" of it and what is right. Where the timer
# struck, nine samples of ten are cheaper: the most expensive tenth of both is left out
compare()
{
	sort -k 2n "$TEST_LOGS/times" | awk -v kind="$1" '
	$1 == "right" { x[++n] = $2 }
	$1 == kind || (kind == "any" && $1 != "right") { y[++m] = $2 }
	function moments(v, n, r,	i, s) {
		for (i = 1; i <= n; i++) s += v[i]
		r["mean"] = s / n
		for (s = 0; i > 1; i--) s += (v[i - 1] - r["mean"]) ^ 2
		r["var"] = s / (n - 1)
	}
	END {
		n = int(.9 * n); m = int(.9 * m)
		if (n < 5 || m < 5) exit 1
		moments(x, n, a); moments(y, m, b)
		d = b["mean"] - a["mean"]; se = sqrt(a["var"] / n + b["var"] / m)
		t = se ? d / se : d ? 1e9 : 0
		printf "%.2f %d %d\n", t, y[int((m + 1) / 2)] - x[int((n + 1) / 2)], n + m
	}'
}

# same KIND
same()
{
	said=$(compare "$1") || return
	diag "$1: t = ${said%% *}, difference of medians and samples: ${said#* }"
	awk -v t="${said%% *}" -v max=$T_MAX 'BEGIN { exit !(t < max && t > -max) }'
}

ktap_plan 11
modprobe -a dmikey xfrm_user pkcs8_key_parser tun
# as many decryptions as come
dmikeyctl instance set rate 1000000
ktap_run "the trace is on" trace_on
ktap_run "R gives no answer, and one reason" sh -c "oracle $ROUNDS > '$TEST_LOGS/kinds'"
spans > "$TEST_LOGS/spans"
trace_off
paste -d' ' "$TEST_LOGS/kinds" "$TEST_LOGS/spans" > "$TEST_LOGS/times"
ktap_equal "every message was timed" "$(wc -l < "$TEST_LOGS/spans")" $((8 * ROUNDS))
for kind in $kinds any; do
	said=
	if same "$kind" > "$TEST_LOGS/said"; then
		ktap_pass "a padding like this takes no other time: $kind"
	else
		ktap_fail "a padding like this takes another time: $kind"
	fi
	cat "$TEST_LOGS/said"
done
awk '$1 == "right" { print $2 }' "$TEST_LOGS/times" | sort -n | sed -n '1p;$p' | xargs echo "right:" | diag
ktap_end
