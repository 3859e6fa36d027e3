# SPDX-License-Identifier: GPL-2.0
# vm: vms=1 timeout=600
# One session at a time with everything on one CPU: the sensor (a program), three
# third parties, the responder and a router between them, each in a network
# namespace. first.session is all that the machine does for a session, from before
# its I_TP is built to behind its last R_TP; first.latency what has passed, from its
# first I_TP to the R_I that says that its SAs are there.
N=100

run()
{
	in_ns s1 dmikey-load tp --responder uri:dmikey:r1.example --to "$(addr r1)" \
		--prefix $LOAD_PREFIX --master /tmp/master --window 1 --readings 0 -j "$@" \
		--third-party "uri:dmikey:gw1.example@$(addr gw1)" \
		--third-party "uri:dmikey:gw2.example@$(addr gw2)" \
		--third-party "uri:dmikey:gw3.example@$(addr gw3)" || die "dmikey-load"
}

PKI=/dmikey/pki
. /dmikey/selftests/lib/ktap.sh
. /dmikey/selftests/lib/net.sh
modprobe -a -q ccm
net_up 3 1
{ for n in 1 2 3; do tp_up $n; done; r_up 1; } 2> /dev/null
for p in gw1 gw2 gw3 r1; do dmikeyctl -n $p instance set rate 1000000; done
ip -n router -6 route add $LOAD_PREFIX via "$(addr6 s1)"
ip -n s1 -6 route add local $LOAD_PREFIX dev lo
umask 077
openssl rand -hex 32 > /tmp/master
serial=$(xxd -r -p /tmp/master | keyctl padd logon dmikey:master @u)
for n in 1 2 3; do
	in_ns gw$n dmikey-load register --key "$serial" --sensors $((4 * N)) || die "gw$n"
done
calibrate
# the first ones wait for RSA
run --sensors 4 > /dev/null
sleep 2
for n in 1 2 3; do
	# what the program itself takes to start and to end is not a session's
	busy_from; run --first $((n * N + 1)) --sensors 1 > /tmp/one; busy_to
	one=$BUSY
	busy_from; run --first $((n * N + 2)) --sensors $((N - 2)) > /tmp/many; busy_to
	[ "$(jq .establish.done /tmp/many)" -eq $((N - 2)) ] || die "$(cat /tmp/many)"
	result first.session "$(per $((BUSY - one)) $((N - 3)))" instructions
	result first.latency "$(jq '.establish.latency_us.median * 1000' /tmp/many)" instructions
	note "$(cat /tmp/many)"
done
