# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 cpus=2 icount=no timeout=900
# The same on one CPU and on two, by the clock: sessions a second without cached
# envelope keys, in turns.
cpu1() { echo "$1" > /sys/devices/system/cpu/cpu1/online; }

SETTLE=0
on_r dmikey_r || die "r is no responder"
on_r eval "$(declare -f cpu1)"
for n in 1 2 3 4; do
	for cpus in 1 2; do
		on_r cpu1 $((cpus - 1)) || die "r's second CPU"
		batch $((1000 * n + 100 * cpus)) 48 --no-cache --window 6
		result scale.rate.$cpus "$(awk -v n="$ANSWERED" -v t="$ELAPSED" \
			'BEGIN { printf "%.2f", n * 1e9 / t }')" sessions/s
	done
done
