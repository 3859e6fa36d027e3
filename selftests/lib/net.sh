# SPDX-License-Identifier: GPL-2.0
# A ward in one VM: sensors s1.., gateways gw1.., responders r1.., each in a
# network namespace of its own around a router. Source it behind ktap.sh.
#
#	net_up GATEWAYS SENSORS [RESPONDERS]	namespaces and addresses
#	tp_up N [suites ccm] ..			gateway N serves all sensors, all responders
#	r_up N [rule arguments]			responder N: all gateways may vouch
#	liar_up N				in gateway N's place a program with its key
#						that lies to R about sensor 1's shares
#	sensor N [OPTIONS..]			dmikey-sensor's configuration on stdout
#
# Without the agent: certificates are handed to the kernel by dmikeyctl, as
# they are. What the agent decides is tested with the agent.
#
# FAMILY=4 or 6 (6): which addresses the parties use for each other.

PKI=${PKI:-/dmikey/pki}
FAMILY=${FAMILY:-6}
WORK=${WORK:-/tmp/ward}
RULE_POLICIES=

in_ns() { ip netns exec "$@"; }

# net_index NAME: a number of its own for each party
net_index()
{
	case $1 in
	gw*)	echo $((20 + ${1#gw})) ;;
	r*)	echo $((10 + ${1#r})) ;;
	s*)	echo $((50 + ${1#s})) ;;
	b*)	echo $((70 + ${1#b})) ;;	# a board, behind s1: lib/board.sh
	esac
}

addr4() { echo "10.0.$(net_index "$1").2"; }
addr6() { echo "fd00:$(net_index "$1")::2"; }
addr() { if [ "$FAMILY" = 4 ]; then addr4 "$1"; else addr6 "$1"; fi; }

# net_party NAME: its namespace, joined to the router's
net_party()
{
	i=$(net_index "$1")
	ip netns add "$1"
	ip link add eth0 netns "$1" type veth peer name "$1" netns router
	ip -n router -batch - <<EOB
addr add 10.0.$i.1/24 dev $1
addr add fd00:$i::1/64 dev $1 nodad
link set $1 up
EOB
	ip -n "$1" -batch - <<EOB
link set lo up
addr add 10.0.$i.2/24 dev eth0
addr add fd00:$i::2/64 dev eth0 nodad
link set eth0 up
route add default via 10.0.$i.1
route add default via fd00:$i::1
EOB
}

net_up()
{
	GATEWAYS=$1 SENSORS=$2 RESPONDERS=${3:-1}
	mkdir -p "$WORK"
	modprobe -a dmikey xfrm_user pkcs8_key_parser veth
	ip netns add router
	ip -n router link set lo up
	in_ns router sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	for n in $(seq "$GATEWAYS"); do net_party "gw$n"; done
	for n in $(seq "$SENSORS"); do net_party "s$n"; done
	for n in $(seq "$RESPONDERS"); do net_party "r$n"; done
}

net_down()
{
	for ns in $(ip netns list | cut -d' ' -f1); do ip netns del "$ns"; done
	rm -rf "$WORK"
}

# key_private FILE.der, key_psk FILE: serial of the key in the kernel
key_private() { keyctl padd asymmetric "dmikey:$(basename "$1").$$" @u < "$1"; }
key_psk() { xxd -r -p "$1" | keyctl padd logon "dmikey:$(basename "$1")" @u; }

# NTP-UTC of this second
ntp_now() { printf '0x%x00000000\n' $(($(date +%s) + 2208988800)); }

tp_up()
{
	tp=gw$1
	shift
	serial=$(key_private "$PKI/$tp.key.der")
	dmikeyctl -n "$tp" local add thirdparty certificate "$PKI/$tp.der" key "$serial"
	for n in $(seq "$RESPONDERS"); do
		dmikeyctl -n "$tp" responder add "uri:dmikey:r$n.example" \
			certificate "$PKI/r$n.der" address "$(addr "r$n")"
	done
	for n in $(seq "$SENSORS"); do
		dmikeyctl -n "$tp" sensor add "nai:sensor$n@example" \
			key "$(key_psk "$PKI/psk/sensor$n.$tp")" "$@"
	done
	# nothing was accepted before: no need to wait for start + skew
	dmikeyctl -n "$tp" instance set port 2269 highest-t "$(ntp_now)"
}

liar_up()
{
	dmikeyctl -n "gw$1" instance set port 0
	in_ns "gw$1" liar "$PKI" "gw$1" sensor1 r1 "$(addr r1)" &
	ktap_wait 10 sh -c "ip netns exec gw$1 ss -Huln | grep -q :2269"
}

r_up()
{
	r=r$1
	shift
	serial=$(key_private "$PKI/$r.key.der")
	dmikeyctl -n "$r" local add responder certificate "$PKI/$r.der" key "$serial"
	for n in $(seq "$GATEWAYS"); do
		dmikeyctl -n "$r" thirdparty add certificate "$PKI/gw$n.der"
	done
	dmikeyctl -n "$r" rule add ward realm example min-k 2 reqid 7 "$@"
	dmikeyctl -n "$r" instance set port 2269
	r_policies "$r"
}

# r_policies NS: readings only inside ESP, both ways
r_policies() { for n in $(seq "$SENSORS"); do r_policy "$1" "s$n" 7777; done; }

# r_policy NS SENSOR PORT
r_policy()
{
	in_ns "$1" ip xfrm policy add dir in src "$(addr "$2")" dst "$(addr "$1")" \
		proto 17 dport "$3" \
		tmpl src "$(addr "$2")" dst "$(addr "$1")" proto esp mode transport reqid 7
	in_ns "$1" ip xfrm policy add dir out src "$(addr "$1")" dst "$(addr "$2")" \
		proto 17 sport "$3" \
		tmpl src "$(addr "$1")" dst "$(addr "$2")" proto esp mode transport reqid 7
}

# sensor_conf N TPS K [LINES]: a file for dmikey-sensor -c, its name on stdout
sensor_conf()
{
	conf=$WORK/s$1.conf
	{
		echo "identity = \"nai:sensor$1@example\""
		echo "responder { identity = \"uri:dmikey:r1.example\" address = \"$(addr r1)\" }"
		for n in $(seq "$2"); do
			echo "thirdparty gw$n {"
			echo "  identity = \"uri:dmikey:gw$n.example\""
			echo "  address = \"$(bracket "$(addr "gw$n")")\""
			echo "  psk-file = \"$PKI/psk/sensor$1.gw$n\""
			echo "}"
		done
		echo "n = $2"
		echo "k = $3"
		echo "state-file = \"$WORK/s$1.state\""
		shift 3
		for line; do echo "$line"; done
	} > "$conf"
	echo "$conf"
}

bracket() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }

# listen NS FILE: a plain UDP socket that keeps the readings
listen()
{
	in_ns "$1" socat -u UDP6-RECV:7777,ipv6only=0 OPEN:"$2",creat,append &
	ktap_wait 10 sh -c "ip netns exec $1 ss -Huln | grep -q :7777"
}

# counter NS NAME [SIDE]: of what happened, or of a reason (on a side)
counter()
{
	dmikeyctl -a -n "$1" stats | awk -v name="$2" -v side="${3:-}" '
		$2 == name && (side == "" || $1 == side) { n += $3 } END { print n + 0 }'
}

sa_count() { in_ns "$1" ip -o xfrm state | grep -c 'proto esp'; }
