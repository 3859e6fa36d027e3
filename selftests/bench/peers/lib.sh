# SPDX-License-Identifier: GPL-2.0
# For the scenarios that measure dmikey's peers; bash, behind bench/lib.sh. Here
# are r, the responder, and i, which plays many sensors, each with an address, an
# identity and a key or certificate of its own. Both are real daemons in a chroot
# of Debian's packages (fetch.sh), as Debian configures them, but for what the
# scenario's head says.
#
#	peers_up DAEMON N	DAEMON.sh at both ends, addresses for N sensors
#	on_i COMMAND..	where the sensors are; functions are known there
#	connect, rekey, both	the measurements, see below
#	esp_are N	dies unless the kernels of both ends have N pairs of ESP states
#	in_peers COMMAND..	in the chroot
#
# In one VM (both ends on one CPU) i is a network namespace.

PEERS=/peers
BENCH=/dmikey/selftests/bench
R_ADDR=10.1.0.1
I_LLADDR=52:54:00:00:00:02

sensor_addr() { echo "10.1.$((1 + $1 / 250)).$((1 + $1 % 250))"; }
# 128 bits each, as far from secret as can be
sensor_psk() { printf '%032x' $((0x5e50 + $1)); }

in_peers() { chroot $PEERS "$@"; }

peers_mounts()
{
	[ ! -e $PEERS/proc/self ] || return 0
	mount -t proc proc $PEERS/proc
	mount -t sysfs sys $PEERS/sys
	mount -o bind /dev $PEERS/dev
	mount -t tmpfs run $PEERS/run
	mkdir -p $PEERS/run/pluto
	rm -rf $PEERS/var/run
	ln -s ../run $PEERS/var/run
	modprobe -a xfrm_user esp4 gcm seqiv af_key
	modprobe -a -q aesni_intel ghash_clmulni_intel
}

# peers_neighbours N: nobody asks where an address is
peers_neighbours()
{
	local n

	for n in $(seq "$1"); do
		echo "neigh replace $(sensor_addr "$n") lladdr $I_LLADDR dev eth0 nud permanent"
	done | ip -batch -
}

peers_addresses()
{
	local n

	for n in $(seq "$1"); do echo "addr add $(sensor_addr "$n")/16 dev eth0"; done | ip -batch -
}

one_vm() { [ -z "${CONNECTED:-}" ]; }

on_i()
{
	if one_vm; then
		# shellcheck disable=SC2016
		ip netns exec i bash -c 'DAEMON=$1; shift
			. "$0/lib.sh"; . "$0/peers/lib.sh"; . "$0/peers/$DAEMON.sh"; "$@"' \
			"$BENCH" "$DAEMON" "$@" || die "i has failed: $*"
	else
		"$@"
	fi
}

peers_namespace()
{
	ip netns add i
	ip link add eth0 address 52:54:00:00:00:01 type veth \
		peer name eth0 netns i address $I_LLADDR
	ip link set eth0 up
	ip addr add $R_ADDR/16 dev eth0
	ip -n i link set lo up
	ip -n i link set eth0 up
	ip -n i neigh replace $R_ADDR lladdr 52:54:00:00:00:01 dev eth0 nud permanent
}

peers_up()
{
	DAEMON=$1
	. "$BENCH/peers/$DAEMON.sh"
	on_r . "$BENCH/peers/lib.sh"
	on_r . "$BENCH/peers/$DAEMON.sh"
	on_r peers_mounts
	if one_vm; then peers_namespace; else peers_mounts; fi
	on_r peers_neighbours "$2"
	on_i peers_addresses "$2"
}

# those that have keys, not those that wait for some
esp_states() { ip xfrm state | grep -c aead; }

states_are() { [ "$(esp_states)" = $((2 * $1)) ]; }

udp_received() { awk '$1 == "Udp:" && $2 ~ /^[0-9]/ { print $2 }' /proc/net/snmp; }

# esp_are N: a pair for each of N sensors at both ends, or the scenario has failed
esp_are()
{
	local r i

	r=$(on_r esp_states) i=$(on_i esp_states)
	[ "$r" = $((2 * $1)) ] && [ "$i" = "$r" ] ||
		die "$1 connections, but $r ESP states at r, $i at i"
}

# sensor_starts N: its first datagram to r needs ESP, so the kernel asks the daemon
sensor_starts()
{
	echo | socat -u - "UDP4-DATAGRAM:$R_ADDR:7777,bind=$(sensor_addr "$1")" 2> /dev/null || :
}

sensor_has_esp() { ip xfrm state list src "$(sensor_addr "$1")" | grep -q aead; }

# sensors_start FROM TO: one after the other
sensors_start()
{
	local n

	for n in $(seq "$1" "$2"); do
		sensor_starts "$n"
		peers_wait 20 sensor_has_esp "$n"
	done
}

# sensors_fill N: the first N, a few at once; under ten, for strongSwan would ask for
# cookies
sensors_fill()
{
	local n

	for n in $(seq "$1"); do
		sensor_starts "$n"
		[ $((n % 8)) -ne 0 ] || peers_wait 60 states_are "$n"
	done
	peers_wait 60 states_are "$1"
}

# peers_wait SECONDS COMMAND..: until it succeeds, or the scenario has failed
peers_wait()
{
	local n=$(($1 * 20))

	shift
	until "$@" > /dev/null 2>&1; do
		n=$((n - 1))
		[ $n -gt 0 ] || die "never came true: $*"
		sleep 0.05
	done
}

# The measurements, between ${DAEMON}_up and _down:
#
#	connect N NAME	N sensors one after the other: what each costs r. WARM ones go
#			before them and do not count: they load modules, or are many
#	rekey N NAME	N of these ask for new keys (CREATE_CHILD_SA), the old go
#	both N NAME	in one VM: what a connection costs both ends together, from the
#			datagram that asks for it; what sending that costs is taken off

WARM=10

connect()
{
	local n=$1 name=$2 all=$(($1 + WARM)) datagrams

	on_i sensors_fill $WARM
	datagrams=$(on_r udp_received)
	busy_from
	on_i sensors_start $((WARM + 1)) $all
	busy_to
	datagrams=$(($(on_r udp_received) - datagrams))
	connections_are $all
	[ $((datagrams % n)) -eq 0 ] || die "$datagrams datagrams for $n: some were repeated"
	result "$name" "$(per $BUSY "$n")" instructions
	note "$name: $n in $((ELAPSED / 1000000)) virtual ms, $((datagrams / n)) datagrams each"
}

connections_are()
{
	esp_are "$1"
	[ "$(on_r ${DAEMON}_established r)" = "$1" ] || die "not all IKE_SAs are established"
}

sensors_rekey()
{
	local n

	for n in $(seq "$1" "$2"); do
		${DAEMON}_rekey "$n" > /tmp/rekey.log 2>&1 ||
			{ cat /tmp/rekey.log; die "sensor $n gets no new keys"; }
	done
}

esp_spis() { ip xfrm state | sed -n 's/.*proto esp spi \([^ ]*\).*/\1/p' | sort; }

rekey()
{
	local n=$1 name=$2 all

	on_r esp_spis > /tmp/before
	all=$(($(wc -l < /tmp/before) / 2))
	busy_from
	on_i sensors_rekey 1 "$n"
	# strongSwan keeps the old inbound state for 5 s
	sleep 7
	busy_to
	peers_wait 20 on_r states_are "$all"
	connections_are "$all"
	[ "$(on_r esp_spis | grep -cxFf /tmp/before)" = $((2 * (all - n))) ] ||
		die "not all have new keys"
	result "$name" "$(per $BUSY "$n")" instructions
}

sensors_knock()
{
	local n

	for n in $(seq "$1" "$2"); do
		sensor_starts "$n"
		sleep 0.3
	done
}

both()
{
	local n=$1 name=$2 all=$(($1 + WARM)) first

	on_i sensors_fill $WARM
	busy_from
	on_i sensors_knock $((WARM + 1)) $all
	busy_to
	connections_are $all
	first=$BUSY
	busy_from
	on_i sensors_knock $((WARM + 1)) $all
	busy_to
	result "$name" "$(per $((first - BUSY)) "$n")" instructions
	note "$name: sending a datagram costs $(per $BUSY "$n")"
}
