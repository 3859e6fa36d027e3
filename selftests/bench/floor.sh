# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 mem=1536 timeout=900
# What a session of dmikey cannot do without, measured in r's kernel: the functions
# that it calls, alone (dmk_bench.ko), and datagrams over the wire.
#
# floor.session is R's share of a session that is established, n = 3 and k = 2 under
# cached envelope keys: 3 datagrams in and 4 out, the cryptographic calls that the
# protocol needs, two xfrm states. floor.session_cold is the same with RSA,
# floor.update an update, floor.share a share that a third party passes on.

WORK=/tmp/floor
dir=/sys/kernel/debug/dmk_bench
port=22690
share=274 r_tp=78 r_i=153	# bytes of messages 3 (cached), 4 and 5 of the vectors
pairs="100 10000 100000"	# pairs of xfrm states that are there
memory=20000			# pairs that memory is measured with

# the best implementations that this CPU has
prepare()
{
	modprobe -a -q sha256_ssse3 aesni_intel ghash_clmulni_intel ccm gcm ctr seqiv esp6
	modprobe dmk_bench
}

# what a file of the module has to say; its results are remembered
figures()
{
	on_r cat "$dir/$1" > $WORK/out || die "no figures of $1"
	cat $WORK/out
	cat $WORK/out >> $WORK/all
}

figure() { result "$1" "$2" instructions | tee -a $WORK/all; }
value() { awk -v n="$1" '$2 == n { v = $3 } END { print v }' $WORK/all; }

set_on_r() { on_r eval "echo $2 > $dir/$1" || die "$1 refuses $2"; }

# three datagrams within r, and to a device that drops them
datagram_alone()
{
	on_r ip link add bench0 type dummy
	on_r ip addr add fd00:bed0::1/64 dev bench0 nodad
	on_r ip link set bench0 up
	on_r ip neigh add fd00:bed0::2 lladdr 02:00:00:00:00:02 dev bench0 nud permanent
	for len in $share $r_tp $r_i; do
		set_on_r datagram "fd00:bed0::2 $len 0"
		figure "floor.datagram.out.$len" $(($(on_r cat $dir/datagram) / 3))
		set_on_r datagram "::1 $len 3"
		figure "floor.datagram.out_in.$len" $(($(on_r cat $dir/datagram) / 3))
	done
	on_r ip link del bench0
}

# datagram_wire NAME BYTES ANSWERS EXTRA: over the wire, as often as dmk_bench does
datagram_wire()
{
	set_on_r echo "$port $r_tp $4"
	echo "fd00:1::1 $2 $3" > $dir/datagram
	busy_from
	cat $dir/datagram > /dev/null || die "r does not answer"
	busy_to
	n=$(on_r cat $dir/echo) n=${n#* }
	[ "$n" -gt 3000 ] || die "r has heard $n datagrams"
	figure "$1" "$(per "$BUSY" $((n / 3)))"
	set_on_r echo "0 0 0"
}

datagrams()
{
	datagram_alone
	datagram_wire floor.datagram.session $share 4 $r_i
	datagram_wire floor.datagram.three $share 3 0
}

xfrm()
{
	for n in $pairs; do
		set_on_r pairs "$n gcm"
		figures xfrm
	done
	set_on_r pairs "0 gcm"
}

# per-CPU lists and caches of files are given back
free_kb()
{
	echo 3 > /proc/sys/vm/drop_caches
	awk '$1 == "MemFree:" { print $2 }' /proc/meminfo
}

# what the first pairs take once, hash tables included, is not a pair's
memory()
{
	set_on_r pairs "$memory $1"
	set_on_r pairs "100 $1"
	before=$(on_r free_kb)
	set_on_r pairs "$((memory + 100)) $1"
	after=$(on_r free_kb)
	set_on_r pairs "0 $1"
	result "floor.memory.$1" $(((before - after) * 1024 / memory)) bytes
	note "freed again: $((($(on_r free_kb) - after) * 1024 / memory)) bytes a pair"
}

calls() { value "floor.crypto.$1.best"; }

sums()
{
	session=$(value floor.datagram.session) three=$(value floor.datagram.three)
	sa=$(value floor.xfrm.gcm.100.add_busy)
	rsa=$((3 * ($(value floor.rsa2048.private) + $(value floor.rsa2048.public))))
	# messages 1 and 4 come, message 3 goes, as the fourth answer of a session does
	wire=$((2 * three / 3 - (session - three)))

	figure floor.session $((session + sa + $(calls r_session_ccm)))
	figure floor.rsa $rsa
	figure floor.session_cold $((session + sa + rsa + $(calls r_session_cold_ccm)))
	figure floor.update $((three / 3 + sa + $(calls r_update_ccm)))
	figure floor.share $((wire + $(calls tp_share_ccm)))
}

mkdir -p $WORK
: > $WORK/all
prepare || die "no dmk_bench"
on_r eval "$(declare -f prepare free_kb); prepare" || die "r has no dmk_bench"
calibrate
note "$(on_r cat /sys/devices/system/clocksource/clocksource0/current_clocksource) is r's clock"
for part in parse crypto rsa; do figures $part; done
datagrams
xfrm
memory gcm
memory ccm
sums
on_r rmmod dmk_bench
rmmod dmk_bench
