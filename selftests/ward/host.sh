#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ward: gw1=6.1 r1=6.12
# vm: mem=384 timeout=200 bin="jq"
# Plain RFC 3830 between two machines, one of each kernel: by pre-shared key and by
# certificates, begun by either. Readings between them go in ESP or not at all.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/ktap.sh"
. "$here/../lib/net.sh"
. "$here/../lib/ward.sh"

REQID=9 HEARD=$WORK/heard CERT=$WORK/cert

# ---- what each does under its own name: ME, and the other: PEER

uri() { echo "uri:dmikey:$1.example"; }

# policies ME PEER
policies()
{
	local me peer

	me=$(addr "$1") peer=$(addr "$2")
	ip xfrm policy add dir out src "$me" dst "$peer" proto 17 dport 7777 \
		tmpl src "$me" dst "$peer" proto esp mode transport reqid $REQID
	ip xfrm policy add dir in src "$peer" dst "$me" proto 17 dport 7777 \
		tmpl src "$peer" dst "$me" proto esp mode transport reqid $REQID
}

ready()
{
	# nothing was accepted before: no need to wait for start + skew
	policies "$1" "$2" &&
	dmikeyctl -n "$1" instance set port 2269 highest-t "$(ntp_now)" &&
	listen "$1" "$HEARD"
}

# host_add ME PEER [WORDS..]
host_add()
{
	local me=$1 peer=$2

	shift 2
	dmikeyctl -n "$me" host add "$(uri "$peer")" own "$(uri "$me")" \
		address "$(addr "$peer")" reqid $REQID "$@"
}

# by_psk ME PEER FILE
by_psk() { host_add "$1" "$2" key "$(key_psk "$3")"; }

# certify ME PURPOSE KEY USAGE: in $CERT.ME.PURPOSE
certify()
{
	openssl req -x509 -key "$PKI/$3.key" -subj "/CN=$1" -days 2 -outform DER \
		-out "$CERT.$1.$2" -addext "subjectAltName=URI:dmikey:$1.example" \
		-addext "extendedKeyUsage=$4"
}

# one key to sign with, one to decrypt: gw1 and gw2, r1 and r2
certify_both()
{
	certify "$1" sign "$1" clientAuth && certify "$1" decrypt "${1%1}2" serverAuth
}

# by_certificates ME PEER: all four are there
by_certificates()
{
	dmikeyctl -n "$1" local add thirdparty certificate "$CERT.$1.sign" \
		key "$(key_private "$PKI/$1.key.der")" &&
	dmikeyctl -n "$1" local add responder certificate "$CERT.$1.decrypt" \
		key "$(key_private "$PKI/${1%1}2.key.der")" &&
	dmikeyctl -n "$1" thirdparty add certificate "$CERT.$2.sign" &&
	dmikeyctl -n "$1" responder add "$(uri "$2")" certificate "$CERT.$2.decrypt" \
		address "$(addr "$2")" &&
	host_add "$1" "$2"
}

connect() { dmikeyctl -n "$1" host connect "$(uri "$2")"; }
disconnect() { dmikeyctl -n "$1" host disconnect "$(uri "$2")"; }
forget() { dmikeyctl -n "$1" host del "$(uri "$2")"; }

# say ME PEER WORD: three readings
say()
{
	for i in 1 2 3; do
		echo "$3 $i"
		sleep 0.05
	done | in_ns "$1" socat -u - "UDP6:[$(addr "$2")]:7777"
}
heard() { grep -c "^$1 " "$HEARD"; }
has_heard() { [ "$(heard "$1")" -eq 3 ]; }
sas() { sa_count "$(hostname)"; }

# ---- the story

both() { "$1" gw1 r1 "${@:2}" && on r1 "$1" r1 gw1 "${@:2}"; }

# at VM COMMAND..
at() { if [ "$1" = gw1 ]; then "${@:2}"; else on "$@"; fi; }

# talk WORD ME PEER: both ways. ME has connected, and uses the new SAs at once; by that
# PEER knows that it may, and the older ones go.
talk()
{
	at "$2" say "$2" "$3" "$1"
	at "$3" say "$3" "$2" "$1"
	on r1 ktap_wait 10 has_heard "$1"
	ktap_wait 10 has_heard "$1"
	ktap_wait 10 sas_are 2
	ktap_equal "readings both ways, two SAs each: $1" \
		"$(heard "$1") $(on r1 heard "$1"), $(sas) $(on r1 sas)" "3 3, 2 2"
}
sas_are() { [ "$(sas) $(on r1 sas)" = "$1 $1" ]; }

ward_begin "$@"
ktap_plan 17
ktap_equal "two kernels" "$(uname -r | cut -d. -f1,2) $(on r1 uname -r | cut -d. -f1,2)" "6.1 6.12"
ktap_run "both listen" both ready
say gw1 r1 early > /dev/null 2>&1

ktap_run "both have one key" both by_psk "$PKI/psk/sensor1.gw1"
ktap_run "6.1 connects by pre-shared key" connect gw1 r1
talk psk-6.1 gw1 r1
ktap_run "6.12 connects" on r1 connect r1 gw1
talk psk-6.12 r1 gw1
ktap_run "disconnected" both disconnect
ktap_run "there is no SA" ktap_wait 10 sas_are 0

ktap_run "forgotten" both forget
ktap_run "certificates" both certify_both
for purpose in sign decrypt; do
	on r1 cat "$CERT.r1.$purpose" > "$CERT.r1.$purpose"
	on r1 eval "base64 -d <<< $(base64 -w 0 "$CERT.gw1.$purpose") > $CERT.gw1.$purpose"
done
ktap_run "are exchanged" both by_certificates
ktap_run "6.1 connects by certificates" connect gw1 r1
talk certificates-6.1 gw1 r1
ktap_run "6.12 connects" on r1 connect r1 gw1
talk certificates-6.12 r1 gw1
ktap_equal "nothing went without ESP" "$(on r1 heard early)" 0
ward_end
