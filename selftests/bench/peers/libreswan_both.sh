#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: vms=1 mem=1024 timeout=600
# What a connection by libreswan costs both ends together, on one CPU. Few sensors: an
# initiator that plays many searches their certificates, which a sensor has not.
. /dmikey/selftests/bench/peers/lib.sh

peers_up libreswan 6
WARM=3
calibrate
for auth in psk rsa; do
	on_r libreswan_up r $auth 6
	on_i libreswan_up i $auth 6
	both 3 libreswan.both.$auth
	on_i libreswan_down i
	on_r libreswan_down r
done
