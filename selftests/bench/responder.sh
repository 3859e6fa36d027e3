# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 mem=3072 timeout=1500
# The responder, n = 3 and k = 2 under cached envelope keys: what r does for a
# session that is established, from its first share to its R_I, when there are few
# others, 10,000 and 100,000. Every session lives on and has had a reading.

BATCH=1000
have=0

# fill_to N: so many are there
fill_to()
{
	local n

	while [ $have -lt "$1" ]; do
		n=$(($1 - have > 1500 ? 1500 : $1 - have))
		fill $((have + 1)) $n
		have=$((have + n))
	done
}

on_r dmikey_r 40 || die "r is no responder"
calibrate
at="100 10000 100000"
[ -z "$PROFILE" ] || at=100
for n in $at; do
	fill_to "$n"
	for _ in 1 2 3; do
		batch $((have + 1)) $BATCH
		have=$((have + BATCH))
		result responder.at.$n "$(per "$BUSY" "$ANSWERED")" instructions
		note "$ANSWERED sessions, $(date)"
	done
	on_r dmikeyctl stats
done
