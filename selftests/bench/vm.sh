#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: timeout=3600 bin="jq"
# What a VM of the benchmark runs. The kernel's command line has its part:
# dmk.role=r (measured) or i (the load), and dmk.scenario=FILE below /dmikey.
#
# Two VMs have one wire. r does what i's script tells it over a virtio port
# (on_r in lib.sh), and nothing else. A scenario with one VM is r's own.
set -u

word() { sed -n "s/.*\bdmk\.$1=\([^ ]*\).*/\1/p" /proc/cmdline; }

role=$(word role)
scenario=$(word scenario)
PROFILE=$(word profile)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/load.sh"

# wire ME OTHER: addresses, and neighbours that need not be asked for
wire()
{
	modprobe virtio_net
	ip link set eth0 address "52:54:00:00:00:0$1"
	ip link set eth0 up
	ip addr add "10.1.0.$1/16" dev eth0
	ip addr add "fd00:1::$1/64" dev eth0 nodad
	ip neigh replace "10.1.0.$2" lladdr "52:54:00:00:00:0$2" dev eth0 nud permanent
	ip neigh replace "fd00:1::$2" lladdr "52:54:00:00:00:0$2" dev eth0 nud permanent
}

# serve: lines are commands; behind the output of each its status
serve()
{
	local line

	exec 5<> "$(bench_port control)"
	while :; do
		# until i is there, there is nothing to wait on
		IFS= read -r -u 5 line || { sleep 0.2; continue; }
		[ "$line" != bye ] || break
		eval "$line" < /dev/null >&5 2>&1
		printf '\n#= %d\n' $? >&5
	done
}

# what udev loads for this CPU; the kernel's random numbers go through SHA-512
modprobe -a -q aesni_intel ghash_clmulni_intel sha256_ssse3 sha512_ssse3
modprobe dmk_busy
case $role$(word vms) in
r2)	wire 1 2
	serve ;;
i2)	wire 2 1
	bench_connect
	. "/dmikey/$scenario"
	echo bye >&6 ;;
r1)	. "/dmikey/$scenario" ;;
esac
