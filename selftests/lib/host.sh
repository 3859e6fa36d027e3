# SPDX-License-Identifier: GPL-2.0
# Two hosts, h1 and h2, each in a network namespace, joined by a cable: readings
# between them (UDP port 7777) go in ESP. Source it behind net.sh.
#
#	ns_up			namespaces, addresses, policies, and a listener in each
#	mikey_up HOST		it answers, without an agent; nothing was accepted before
#	ctl HOST WORDS..	dmikeyctl there
#	send HOST N		so many readings to the other
#	talk			some both ways
#	state HOST, sas		what has become of them
#	capture HOST, replay HOST	a message to it, and the same once more

H1=uri:dmikey:h1.example H2=uri:dmikey:h2.example
A1=10.0.9.1 A2=10.0.9.2
PSK=$WORK/psk

uri() { case $1 in h1) echo $H1 ;; h2) echo $H2 ;; esac; }
other() { case $1 in h1) echo h2 ;; h2) echo h1 ;; esac; }
ctl() { at=$1; shift; dmikeyctl -n "$at" "$@"; }

state() { ctl "$1" -j host | jq -r '.[0].state + " " + (.[0].reason // "-")'; }
sas() { echo "$(sa_count h1) $(sa_count h2)"; }
two_each() { [ "$(sas)" = "2 2" ]; }
none_left() { [ "$(sas)" = "0 0" ]; }
address() { case $1 in h1) echo $A1 ;; h2) echo $A2 ;; esac; }

# policies "NETNS-OPTION" ADDRESS PEER: readings between the two go in ESP
policies()
{
	for dir in in out; do
		[ $dir = in ] && src=$3 dst=$2 || src=$2 dst=$3
		# shellcheck disable=SC2086	# the option may be none
		ip $1 xfrm policy add dir $dir src "$src" dst "$dst" proto 17 dport 7777 \
			tmpl src "$src" dst "$dst" proto esp mode transport reqid 9
	done
}

# mikey_up HOST: no need to wait for start + skew
mikey_up() { dmikeyctl -n "$1" instance set port 2269 highest-t "$(ntp_now)"; }

# send FROM N: so many readings to the other
send()
{
	for i in $(seq "$2"); do echo "$1 $i"; sleep 0.05; done |
		in_ns "$1" socat -u - UDP4:"$(address "$(other "$1")")":7777
}
# Both ways, so that both sides use the newest SAs: who has accepted them does so
# when who has begun has spoken. Once more, for an exchange that a crossed one began
# meanwhile.
both_ways()
{
	send h1 3
	send h2 3
	send h1 3
	ktap_wait 5 two_each
}
talk() { both_ways || both_ways; }

ns_up()
{
	mkdir -p "$WORK"
	modprobe -a dmikey xfrm_user pkcs8_key_parser veth
	ip netns add h1
	ip netns add h2
	ip link add eth0 netns h1 type veth peer name eth0 netns h2
	for n in 1 2; do
		ip -n h$n link set lo up
		ip -n h$n addr add 10.0.9.$n/24 dev eth0
		ip -n h$n link set eth0 up
	done
	policies "-n h1" $A1 $A2
	policies "-n h2" $A2 $A1
	for n in h1 h2; do
		in_ns $n socat -u UDP4-RECV:7777 OPEN:"$WORK/$n.heard",creat,append &
		ktap_wait 10 sh -c "ip netns exec $n ss -Huln | grep -q :7777"
	done
}

# ---- without an agent

# host_add "NETNS-OPTION" h1 PEER-ADDRESS PSK-FILE [WORDS..]
host_add()
{
	opt=$1 me=$2 to=$3 key=$4
	shift 4
	# shellcheck disable=SC2086	# the option may be none
	dmikeyctl $opt host add "$(uri "$(other "$me")")" own "$(uri "$me")" address "$to" \
		${key:+key "$(key_psk "$key")"} reqid 9 "$@"
}

# add h1 PSK-FILE [WORDS..]
add()
{
	me=$1
	shift
	host_add "-n $me" "$me" "$(address "$(other "$me")")" "$@"
}

# capture HOST: the next message that goes to it
capture()
{
	in_ns "$1" tcpdump -Z root -q -U -c 1 -i eth0 -w "$WORK/captured" \
		udp dst port 2269 and dst "$(address "$1")" > /dev/null 2>&1 &
	sleep 1
}

# replay HOST [FROM]: it comes again, from anywhere
replay()
{
	# behind the headers of the file, Ethernet, IPv4 and UDP
	tail -c +83 "$WORK/captured" > "$WORK/bytes"
	in_ns "${2:-$1}" socat -u OPEN:"$WORK/bytes" UDP4:"$(address "$1")":2269
}

# counted HOST REASON N: so many refusals of hosts
counted() { [ "$(counter "$1" "$2" host)" -eq "$3" ]; }

connect() { ctl "$1" host connect "$(uri "$(other "$1")")"; }
disconnect() { ctl "$1" host disconnect "$(uri "$(other "$1")")"; }
down() { disconnect h1; disconnect h2; ktap_wait 5 none_left; }

# each host has one certificate to sign and one to decrypt
certificate() # HOST KEY USAGE FILE
{
	openssl req -x509 -key "$PKI/$2.key" -subj "/CN=$1" -days 2 -outform DER -out "$WORK/$4" \
		-addext "subjectAltName=URI:dmikey:$1.example" -addext "extendedKeyUsage=$3"
}
roles() # HOST NUMBER
{
	ctl "$1" local add thirdparty certificate "$WORK/$1.sign" \
		key "$(key_private "$PKI/gw$2.key.der")"
	ctl "$1" local add responder certificate "$WORK/$1.decrypt" \
		key "$(key_private "$PKI/r$2.key.der")"
	ctl "$1" responder add "$(uri "$(other "$1")")" address "$(address "$(other "$1")")" \
		certificate "$WORK/$(other "$1").decrypt"
	ctl "$1" thirdparty add certificate "$WORK/$(other "$1").sign"
}
certify_both()
{
	for n in 1 2; do
		certificate h$n gw$n clientAuth h$n.sign
		certificate h$n r$n serverAuth h$n.decrypt
	done
	for n in 1 2; do roles h$n $n; done
}
