#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=240 kernels=6.1 board=f405 bin="coap-server-openssl jq sqlite3" files="Documentation/tutorial.md Documentation/operations.md"
# Documentation/tutorial.md does what it says, and operations.md behind it: their blocks,
# in their order.
#
#	```sh HOST..	is run on each of these hosts; `sh build` is not run here
#	```text HOST	is what the block before it prints in the end, or the board's
#			console: all words of a line, but for ..., stand on one line there
#	<!-- test: flash -->	the board is provisioned
#	<!-- test: on -->	the board is switched off and on
#
# What stands in for what: hosts are network namespaces with directories of their own
# in the place of /etc/dmikey, /var/lib/dmikey, /run/dmikey and /root; the PC is the VM
# itself in a directory of its own, where the certificates that demo-pki.sh makes are
# already, as RSA keys take long here; scp and systemctl are the scripts below;
# /dev/ttyUSB0 is the VM's second serial line, with QEMU's board at its other end, whose
# flash is a file for dmikey-provision.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/board.sh"

HOSTS=$WORK/hosts BLOCKS=$WORK/blocks PC=$WORK/hosts/pc
PATH=$WORK/bin:$PATH
export HOSTS

# ---- the hosts

# host NAME ADDRESS BRIDGE: in the namespace that its network is
host()
{
	mkdir -p "$HOSTS/$1"/{etc,lib,run,root}
	ip netns add "$1"
	ip -n "$1" link set lo up
	ip link add eth0 netns "$1" type veth peer name "$1" netns router
	ip -n "$1" addr add "$2/64" dev eth0 nodad
	ip -n "$1" link set eth0 up
	ip -n "$1" route add default via "${2%::*}::ff"
	ip -n router link set "$1" up master "$3"
}

bridge_up()
{
	ip -n router link add "$1" type bridge
	ip -n router addr add "$2/64" dev "$1" nodad
	ip -n router link set "$1" up
}

# address NAME: of the table in the page
address() { sed -n "s/^| $1 | \([^ ]*\) |.*/\1/p" "$PAGES/tutorial.md"; }

hosts_up()
{
	modprobe -a dmikey xfrm_user pkcs8_key_parser veth bridge tun
	ip netns add router
	ip -n router link set lo up
	in_ns router sysctl -q -w net.ipv6.conf.all.forwarding=1
	bridge_up ward 2001:db8:7::ff
	bridge_up server 2001:db8::ff
	for n in gw1 gw2 gw3; do host "$n" "$(address $n)" ward; done
	host r1 "$(address r1)" server
	ip -n router route add 2001:db8:7:1::/64 via "$(address gw1)"
	mkdir -p /etc/dmikey /var/lib/dmikey /run/dmikey
	echo 'udp 17 UDP' > /etc/protocols
	ln -sf ttyS1 /dev/ttyUSB0
}

pc_up()
{
	local examples=/usr/share/doc/dmikey-tools/examples

	mkdir -p "$PC/build/selftests" "$examples" "$WORK/bin"
	ln -s /dmikey/bin "$PC/build/selftests/net"
	cp -R /dmikey/pki "$PC/pki"
	printf '#!/bin/sh\n[ -s "pki/ca.pem" ] && [ -s pki/psk/sensor1.gw3 ]\n' \
		> "$examples/demo-pki.sh"

	cat > "$WORK/bin/scp" <<-'EOC'
	#!/bin/bash
	# scp FILE.. root@HOST:/DIRECTORY/
	to=${*: -1} host=${to#root@} host=${host%%:*} path=${to#*:}
	case $path in
	/etc/dmikey/*)	path=etc/${path#/etc/dmikey/} ;;
	/root/)		path=root ;;
	*)		exit 1 ;;
	esac
	cp "${@:1:$#-1}" "$HOSTS/$host/$path"
	EOC

	cat > "$WORK/bin/systemctl" <<-'EOC'
	#!/bin/bash
	# systemctl enable --now|start|stop|reload dmikeyd
	[ "${*: -1}" = dmikeyd ] || exit 1
	pid=$(cat /var/lib/dmikey/dmikeyd.pid 2> /dev/null)
	case $1 in
	enable|start)
		dmikeyd >> "$TEST_LOGS/$(hostname).log" 2>&1 &
		for _ in $(seq 200); do
			! ss -Huln | grep -q :2269 || exit 0
			sleep 0.1
		done
		exit 1 ;;
	reload)	kill -HUP "$pid" ;;
	stop)	kill "$pid"
		while [ -d "/proc/$pid" ]; do sleep 0.1; done ;;
	*)	exit 1 ;;
	esac
	EOC
	chmod +x "$WORK"/bin/* "$examples/demo-pki.sh"
}

# on HOST FILE: run it there, one at a time: the name is the whole machine's
on()
{
	if [ "$1" = pc ]; then
		(cd "$PC" && bash -eu "$2")
		return
	fi
	# shellcheck disable=SC2016
	in_ns "$1" bash -c '
		hostname "$1"
		for d in etc:/etc/dmikey lib:/var/lib/dmikey run:/run/dmikey root:/root; do
			mount --bind "$HOSTS/$1/${d%%:*}" "${d#*:}" || exit
		done
		cd /root && exec bash -eu "$2"' on "$1" "$2"
}

# ---- the board

# what it has counted goes on
board_flash()
{
	[ -e "$BOARD_LOG" ] || { : > "$BOARD_LOG"; board_console & }
	board dump | base64 -d | gzip -d > "$PC/flash.now" 2> /dev/null &&
		mv "$PC/flash.now" "$PC/flash.bin"
	(cd "$PC" && dmikey-provision --flash -b f405 -o sensor1 --image=flash.bin) &&
		board flash "$(gzip -9 -c "$PC/flash.bin" | base64 -w 0)"
}

# ---- the page

# blocks: each in a file; what they are on stdout, "FILE PAGE:LINE KIND WHERE.."
blocks()
{
	mkdir -p "$BLOCKS"
	awk -v dir="$BLOCKS" '
		function begin(kind, where)
		{
			n++
			print dir "/" n, page ":" FNR, kind, where
		}
		FNR == 1		{ page = FILENAME; sub(/.*\//, "", page) }
		{ sub(/^   /, "") }
		/^```(sh|text) / {
			kind = substr($1, 4)
			where = $0
			sub(/^[^ ]* /, "", where)
			begin(kind, where)
			inside = 1
			next
		}
		/^```/			{ inside = 0 }
		/^<!-- test: .* -->$/	{ begin("test", $3) }
		inside			{ print > (dir "/" n) }' "$PAGES"/{tutorial,operations}.md
}

# says WANTED FILE: for each line of WANTED there is one in FILE with all its words; what
# is in a list stands in any order
says()
{
	awk '
		function has(line, wanted,   n, i, word) {
			n = split(wanted, word, /[ ,]+/)
			for (i = 1; i <= n; i++)
				if (word[i] != "..." && !index(line, word[i]))
					return 0
			return 1
		}
		FNR == NR	{ wanted[++lines] = $0; next }
		{ for (l = 1; l <= lines; l++) seen[l] = seen[l] || has($0, wanted[l]) }
		END {
			for (l = 1; l <= lines; l++)
				if (!seen[l])
					print "not there: " wanted[l]
			for (l = 1; l <= lines; l++)
				if (!seen[l])
					exit 1
		}' "$1" "$2"
}

board_prints() { board_lines > "$WORK/console"; says "$1" "$WORK/console"; }
host_prints() { on "$1" "$2" > "$WORK/printed" 2>&1; says "$3" "$WORK/printed"; }

# A share that comes later than the others by a second or so is "no answer" to the board,
# and rightly. With keys to sign on a crowded machine it may be: the next start has them.
board_late()
{
	grep -q ": no answer$" "$WORK/console" || return
	diag "a share was late: $(grep ": no answer$" "$WORK/console")"
	board_on
}

# shown WHERE WANTED BEFORE: what the block before prints, in the end
shown()
{
	if [ "$1" = board ]; then
		ktap_wait 60 board_prints "$2" ||
			{ board_late && ktap_wait 60 board_prints "$2"; } ||
			{ board_prints "$2"; board_lines; return 1; }
	else
		ktap_wait 30 host_prints "$1" "$3" "$2" ||
			{ host_prints "$1" "$3" "$2"; cat "$WORK/printed"; return 1; }
	fi
}

run_block()
{
	local file=$1 line=$2 kind=$3
	shift 3

	case $kind in
	sh)	for h; do
			[ "$h" != build ] || continue
			ktap_run "$line, on $h: $(head -n 1 "$file")" on "$h" "$file"
			before=$file
		done ;;
	text)	ktap_run "$line, seen on $1: $(head -n 1 "$file")" \
			shown "$1" "$file" "$before" ;;
	test)	ktap_run "$line, the board: $1" "board_$1" ;;
	esac
}

PAGES=/dmikey/Documentation
mkdir -p "$WORK"
blocks > "$WORK/all"
ktap_plan "$(awk '{ n += $3 == "sh" ? ($4 == "build" ? 0 : NF - 3) : 1 } END { print n }' "$WORK/all")"
hosts_up
pc_up
before=
while read -r file line kind where <&9; do
	# shellcheck disable=SC2086
	run_block "$file" "$line" "$kind" $where
done 9< "$WORK/all"
ktap_end
