#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# PID 1 of the VM: run the tests of /dmikey/tests, tell the host over two
# virtio ports (in User-Mode Linux, consoles), power off.
#
# On the port "tests" goes what the scripts print, between lines that only
# this file writes: `#@ begin NAME` and `#@ end NAME STATUS`; on the port
# "logs" a tar of /dmikey/logs. A power cut (lib/ward.sh) says `#@ off`.
export PATH=/dmikey/bin:/usr/sbin:/usr/bin:/usr/lib/busybox
export HOME=/root LANG=C TERM=${TERM:-dumb}
export DMIKEY_SELFTESTS=/dmikey/selftests LOGS=/dmikey/logs

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm "$LOGS"
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mkdir -p /run/netns /run/lock
mount -t debugfs debug /sys/kernel/debug
mount -t tracefs trace /sys/kernel/tracing 2>/dev/null
mount -t cgroup2 cgroup /sys/fs/cgroup 2>/dev/null
hostname dmikey
ip link set lo up

for arg in $(cat /proc/cmdline); do
	case $arg in
	dmk.now=*) date -u -s "@${arg#*=}" >/dev/null ;;
	dmk.cpus=*) cpus=${arg#*=} ;;
	dmk.host=*) hostname "${arg#*=}" ;;
	dmk.columns=*) export COLUMNS="${arg#*=}" ;;
	esac
done

# The kernel's default watchdogs misfire on a busy host.
echo 60 > /proc/sys/kernel/watchdog_thresh 2>/dev/null
echo 120 > /sys/module/rcupdate/parameters/rcu_cpu_stall_timeout 2>/dev/null

modprobe -a -q virtio_pci virtio_console
# port NAME TTY
port()
{
	for p in /sys/class/virtio-ports/*; do
		if [ "$(cat "$p/name" 2>/dev/null)" = "$1" ]; then
			echo "/dev/${p##*/}"
			return
		fi
	done
	stty -F "/dev/$2" raw
	echo "/dev/$2"
}
tests_port=$(port tests tty1)
logs_port=$(port logs tty2)
exec 3>"$tests_port"

# What a test leaves behind is its own bug, not the next one's.
sweep()
{
	for p in /proc/[0-9]*; do
		pid=${p#/proc/}
		[ "$pid" -ne 1 ] && [ -n "$(readlink "$p/exe")" ] &&
			kill -KILL "$pid" 2>/dev/null
	done
	ip -all netns delete 2>/dev/null
	if [ -d /sys/module/xfrm_user ]; then
		ip xfrm state flush
		ip xfrm policy flush
	fi
	# Whatever happened before, the module must be able to leave.
	for m in dmikey_selftest dmikey_faulty dmikey_faults dmikey; do
		[ ! -d /sys/module/$m ] || rmmod $m ||
			echo "BUG: $m cannot be unloaded after $1" > /dev/kmsg
	done
}

[ "$(nproc)" -eq "$cpus" ] || echo "BUG: $(nproc) CPUs in place of $cpus" > /dev/kmsg
echo "#@ boot $(uname -r) $(cut -d' ' -f1 /proc/uptime)" >&3
while read -r name limit file <&4; do
	echo "#@ begin $name" >&3
	echo "dmk: begin $name" > /dev/kmsg
	export TEST_NAME="$name"
	mkdir -p "$LOGS/$name"
	export TEST_LOGS="$LOGS/$name"
	if cd "$(dirname "$file")" && [ -r "$file" ]; then
		[ -x "$file" ] || chmod +x "$file"
		timeout -k 5 "$limit" "$file" </dev/null >&3 2>&1 4<&-
		status=$?
	else
		status=127
	fi
	echo >&3
	echo "#@ end $name $status" >&3
	echo "dmk: end $name $status" > /dev/kmsg
	cd /
	sweep "$name"
done 4</dmikey/tests

# What nobody points to, some seconds after it was allocated: the debug kernel
# knows. It says so in its log after the second scan; the addresses are ours.
leaks=/sys/kernel/debug/kmemleak
if [ -e $leaks ]; then
	sleep 6
	echo scan > $leaks
	echo scan > $leaks
	while read -r line; do echo "$line" > /dev/kmsg; done < $leaks
fi

dmesg > "$LOGS/dmesg.log"
tar -C "$LOGS" -cf - . > "$logs_port" 2>/dev/null
echo "#@ done $(cut -d' ' -f1 /proc/uptime)" >&3
exec 3>&-
sync
poweroff -f
