# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 timeout=900
# The responder without cached envelope keys: three RSA decryptions and three RSA
# verifications a session.
SETTLE=15
on_r dmikey_r || die "r is no responder"
# the first one loads ESP's modules
batch 1 2 --no-cache
calibrate
for n in 1 2 3; do
	# a third party that waits for long sends again
	batch $((100 * n)) 10 --no-cache --window 2
	result responder.cold "$(per "$BUSY" "$ANSWERED")" instructions
done
