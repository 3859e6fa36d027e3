#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 mem=1024 timeout=1800
# What a connection costs a responder that runs libreswan: IKE_SA_INIT, IKE_AUTH, a
# pair of ESP states and their policies; and new keys for it.
. /dmikey/selftests/bench/peers/lib.sh

# run AUTH N
run()
{
	on_r libreswan_up r "$1" $(($2 + WARM))
	on_i libreswan_up i "$1" $(($2 + WARM))
	connect "$2" "libreswan.$1"
	[ "$1" != psk ] || rekey 20 libreswan.rekey
	on_i libreswan_down i
	on_r libreswan_down r
}

peers_up libreswan 50
calibrate
run psk 40
run rsa 40
