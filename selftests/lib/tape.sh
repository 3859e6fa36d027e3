# SPDX-License-Identifier: GPL-2.0
# Every kind of message of net.sh's ward, recorded as it passes the router, to be
# sent again by tape or changed by strangers (net/tape.c, net/strangers.c). Source it
# behind net.sh.
#
#	tape_hosts		gw1 and r1 are hosts to each other, too: by pre-shared key,
#				as h1 and h2. So are gw1 and gw2: by certificates
#	tape_record DIR CONF	what passes from here on, from sessions with sensor 1's CONF
#	tape_end
#	tape KIND NAME [N]	file of the N-th (1) message of a kind to a party

H1=uri:dmikey:h1.example H2=uri:dmikey:h2.example

# one packet a message: a third party's has 1,634 bytes
tape_mtu()
{
	for p; do
		ip -n "$p" link set eth0 mtu 4000
		ip -n router link set "$p" mtu 4000
	done
}

# certify NAME KEY USAGE FILE: as an agent would have had it validated
tape_certify()
{
	openssl req -x509 -key "$PKI/$2.key" -subj "/CN=$1" -days 2 -outform DER \
		-out "$WORK/$4" -addext "subjectAltName=URI:dmikey:$1.example" \
		-addext "extendedKeyUsage=$3" 2> /dev/null
}

# tape_host NAME OWN PEER PEER'S-NAME [WORDS..]
tape_host()
{
	at=$1 own=$2 peer=$3 to=$4
	shift 4
	dmikeyctl -n "$at" host add "$peer" own "$own" address "$(addr "$to")" reqid 9 "$@"
}

# tape_certified NAME PEER: who signs as a third party can decrypt, too
tape_certified()
{
	dmikeyctl -n "$1" local add responder certificate "$WORK/$1.decrypt" \
		key "$(key_private "$PKI/r${1#gw}.key.der")"
	dmikeyctl -n "$1" responder add "uri:dmikey:$2.example" address "$(addr "$2")" \
		certificate "$WORK/$2.decrypt"
	dmikeyctl -n "$1" thirdparty add certificate "$PKI/$2.der"
	tape_host "$1" "uri:dmikey:$1.example" "uri:dmikey:$2.example" "$2"
}

tape_hosts()
{
	[ -s "$WORK/host.psk" ] || openssl rand -hex 32 > "$WORK/host.psk"
	tape_host gw1 $H1 $H2 r1 key "$(key_psk "$WORK/host.psk")"
	tape_host r1 $H2 $H1 gw1 key "$(key_psk "$WORK/host.psk")"
	tape_certify gw1 r1 serverAuth gw1.decrypt
	tape_certify gw2 r2 serverAuth gw2.decrypt
	tape_certified gw1 gw2
	tape_certified gw2 gw1
}

tape_session() { in_ns s1 dmikey-sensor --timeout 60 --interval 100 "$@" > "$WORK/out" 2>&1; }

tape_connect() { dmikeyctl -n "$1" host connect "$2"; }

tape_record()
{
	TAPE=$1
	mkdir -p "$TAPE"
	# no function: the signal of tape_end is for the program
	ip netns exec router tape record "$TAPE" &
	tape_pid=$!
	sleep 1
	tape_session -c "$2" --readings 2 --verify &&		# signed; TP_I
	tape_session -c "$2" --readings 9 --renew 3 &&		# cached; an update
	tape_connect gw1 $H2 &&
	tape_connect gw1 uri:dmikey:gw2.example
}

# an error with V of R to a third party, and of that to the sensor
tape_record_errors()
{
	dmikeyctl -n r1 rule add ward realm example min-k 2 reqid 7 policies aes-gcm-16-256
	tape_session -c "$1" --once
	dmikeyctl -n r1 rule add ward realm example min-k 2 reqid 7
}

tape_end() { kill "$tape_pid"; wait "$tape_pid" 2> /dev/null; true; }

tape() { echo "$TAPE/$1@$(addr "$2").${3:-1}"; }
