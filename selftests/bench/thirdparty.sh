# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 timeout=600
# r is a third party: what it does for a share that it passes on under a cached
# envelope key. Sensors, and in a namespace of its own the responder, are on i.
N=1000 R=fd00:11::2

thirdparty_r()
{
	local key

	modprobe -a dmikey pkcs8_key_parser || return
	modprobe -a -q ccm
	key=$(keyctl padd asymmetric dmikey:gw1 @u < $PKI/gw1.key.der) || return
	dmikeyctl local add thirdparty certificate $PKI/gw1.der key "$key" || return
	dmikeyctl responder add uri:dmikey:r1.example certificate $PKI/r1.der address "$2" || return
	dmikey-load register --sensors "$1" \
		--key "$(xxd -r -p /tmp/master | keyctl padd logon dmikey:master @u)" || return
	dmikeyctl instance set port 2269 rate 1000000 \
		highest-t "$(printf '0x%x00000000' $(($(date +%s) + 2208988800)))" || return
	ip route add fd00::/16 via fd00:1::2
}

responder_i()
{
	ip netns add r1
	ip link add r1 type veth peer name eth0 netns r1
	ip addr add fd00:11::1/64 dev r1 nodad
	ip link set r1 up
	ip -n r1 addr add $R/64 dev eth0 nodad
	ip -n r1 link set eth0 up
	ip -n r1 route add default via fd00:11::1
	sysctl -q -w net.ipv6.conf.all.forwarding=1
	modprobe -a dmikey pkcs8_key_parser
	dmikeyctl -n r1 local add responder certificate $PKI/r1.der \
		key "$(keyctl padd asymmetric dmikey:r1 @u < $PKI/r1.key.der)" || return
	dmikeyctl -n r1 thirdparty add certificate $PKI/gw1.der || return
	dmikeyctl -n r1 rule add ward realm example min-k 1 allow-k1 reqid 7 || return
	dmikeyctl -n r1 instance set port 2269 rate 1000000
}

forwarded() { dmikeyctl stats | awk '$2 == "share-forwarded" { n += $3 } END { print n + 0 }'; }

umask 077
openssl rand -hex 32 > /tmp/master
on_r eval "umask 077; echo $(cat /tmp/master) > /tmp/master; $(declare -f thirdparty_r forwarded)"
on_r thirdparty_r $((4 * N)) $R || die "r is no third party"
responder_i || die "no responder"
calibrate
for first in 1 $((N + 1)) $((2 * N + 1)) $((3 * N + 1)); do
	before=$(on_r forwarded)
	load_run tp --prepare --sensors $N --first $first -n 1 -k 1 --readings 0 \
		--to $R --master /tmp/master --third-party uri:dmikey:gw1.example@fd00:1::1
	load_step prepared answered
	load_says established; load_go
	load_end
	# the first ones wait for an RSA operation
	[ $first -eq 1 ] || result thirdparty.share \
		"$(per "$BUSY" $(($(on_r forwarded) - before)))" instructions
done
