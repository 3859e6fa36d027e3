#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: vms=1 mem=1024 timeout=600
# What a connection by strongswan costs both ends together, on one CPU. Few sensors: an
# initiator that plays many searches their certificates, which a sensor has not.
. /dmikey/selftests/bench/peers/lib.sh

peers_up strongswan 6
WARM=3
calibrate
for auth in psk rsa; do
	on_r strongswan_up r $auth 6
	on_i strongswan_up i $auth 6
	both 3 strongswan.both.$auth
	on_i strongswan_down i
	on_r strongswan_down r
done
