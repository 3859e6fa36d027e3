# SPDX-License-Identifier: GPL-2.0
# Messages that get lost in the router of net.sh's ward. Source it behind net.sh.
# By their Data type (protocol.md 2): FROM and TO are parties, IPv6 only.
#
#	lose_up TO..		before there is traffic, of which this loses some
#	lose TO TYPE [FROM]	from now on
#	lost TO			how many were
#	arrive TO		and no more

LOSE_I_TP=0	# message 1 to a third party
LOSE_R_TP=3	# message 4 to a third party; under a cached key 1
LOSE_R_I=1	# message 5 to a sensor
LOSE_U_R=0	# message 6 to a responder, from a sensor
LOSE_R_U=1	# message 7 to a sensor

lose_up() { for lose__to; do in_ns router tc qdisc add dev "$lose__to" clsact; done; }

lose()
{
	# behind the headers of IPv6 and UDP: version, Data type
	in_ns router tc filter add dev "$1" egress protocol ipv6 u32 \
		match ip6 protocol 17 0xff match u8 "$2" 0xff at 49 \
		${3:+match ip6 src "$(addr6 "$3")"} action drop
}

lost()
{
	in_ns router tc -s filter show dev "$1" egress |
		awk '/dropped/ { sub(/,/, "", $7); n += $7 } END { print n + 0 }'
}

arrive() { in_ns router tc filter del dev "$1" egress; }
