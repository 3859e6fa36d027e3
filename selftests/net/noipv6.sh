#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: args="ipv6.disable=1" timeout=180 kernels="uml"
# A kernel that has IPv6, but was told to leave it off: what needs it is refused, over
# IPv4 all goes on.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

S1=nai:a@example S2=nai:b@example

# host NAME OWN PEER ADDRESS: knows the other one
host()
{
	dmikeyctl -n "$1" instance set port 2269 highest-t "$(ntp_now)"
	dmikeyctl -n "$1" host add "$3" own "$2" address "$4" key "$psk" reqid 9
}

two_sas() { [ "$(sa_count "$1")" -eq 2 ]; }

ktap_plan 7
modprobe -a dmikey xfrm_user veth
ktap_run "there is no IPv6" [ ! -e /proc/net/if_inet6 ]
psk=$(head -c 32 /dev/urandom | keyctl padd logon dmikey:psk @u)
ip netns add a
ip netns add b
ip link add eth0 netns a type veth peer name eth0 netns b
for n in a b; do
	ip -n $n addr add 10.0.0.$([ $n = a ] && echo 1 || echo 2)/24 dev eth0
	ip -n $n link set eth0 up
done
ktap_run "a host with IPv4" host a $S1 $S2 10.0.0.2
ktap_run "and the other one" host b $S2 $S1 10.0.0.1
ktap_run "a host with IPv6 is told" \
	dmikeyctl -n a host add nai:c@example own $S1 address fd00::3 key "$psk" reqid 9
ktap_run_fails "it is not connected" timeout 20 dmikeyctl -n a host connect nai:c@example
ktap_run "the first one is" dmikeyctl -n a host connect $S2
ktap_run "on both sides" ktap_wait 20 two_sas b
for n in a b; do ip netns del $n; done
rmmod dmikey
ktap_end
