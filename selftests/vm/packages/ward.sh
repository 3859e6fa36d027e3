#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A sensor's network: the namespace ward behind a pair of interfaces. The machine
# takes its readings in ESP only.
set -e

ip netns add ward
ip link add ward type veth peer name eth0 netns ward
ip addr add fd00:7::1/64 dev ward nodad
ip link set ward up
ip -n ward addr add fd00:7::70/64 dev eth0 nodad
ip -n ward link set lo up
ip -n ward link set eth0 up
ip xfrm policy add dir in src fd00:7::/64 dst fd00:7::1 proto 17 dport 7777 \
	tmpl proto esp mode transport reqid 7
