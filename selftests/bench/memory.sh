# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 mem=2048 timeout=1500
# Memory of r for a session that is in use, its two xfrm states included, once all
# that is kept for repetitions has been forgotten: of the second 10,000, because the
# first leave holes in their slabs where repetitions were, and later ones fill them.
# floor.sh knows what the states take; it too counts behind the first 20,000, so that
# xfrm's own tables are there.
N=10000 REST=130

grow_tables()
{
	modprobe dmk_bench && echo "$N ccm" > /sys/kernel/debug/dmk_bench/pairs &&
		echo "0 ccm" > /sys/kernel/debug/dmk_bench/pairs && rmmod dmk_bench
}

free_kb()
{
	echo 3 > /proc/sys/vm/drop_caches
	awk '$1 == "MemFree:" { print $2 }' /proc/meminfo
}

on_r eval "N=$((2 * N)); $(declare -f grow_tables free_kb)"
on_r dmikey_r 40 || die "r is no responder"
on_r grow_tables || die "no dmk_bench"
fill 1 100
for n in $(seq 1000 1000 $N); do fill $n 1000; done
sleep $REST
before=$(on_r free_kb)
for n in $(seq $((N + 1000)) 1000 $((2 * N))); do fill $n 1000; done
sleep $REST
after=$(on_r free_kb)
[ "$(on_r dmikeyctl -j session | jq length)" -eq $((2 * N + 100)) ] ||
	die "sessions are missing"
result session.memory $(((before - after) * 1024 / N)) bytes
