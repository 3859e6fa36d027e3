# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 timeout=600
# What an update costs the responder; each session in use, as it must be.
N=500
on_r dmikey_r || die "r is no responder"
calibrate
load_r --prepare --sensors $N --updates 4
load_says prepared; load_go
load_says answered; load_go
load_says established; load_go
load_says sent; load_go
for _ in 1 2 3 4; do
	load_step prepared answered
	result responder.update "$(per "$BUSY" "$COUNT")" instructions
	load_says updated; load_go
	# what an update replaces goes when its grace is over, and no reading is under way
	load_says sent; on_r sleep 4; load_go
done
load_end
