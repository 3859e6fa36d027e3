#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=512 timeout=200 bin="jq tcpdump" kernels="6.1"
# Two hosts whose agents know of each other from dmikey.conf: by certificates, of which
# one is revoked, and by pre-shared key. A module that is loaded anew accepts nothing
# that the last one has accepted, also while no agent was there to hear of it.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/host.sh"

log() { echo "${TEST_LOGS:-$WORK}/$1.log"; }
pid() { cat "$WORK/$1/state/dmikeyd.pid"; }

# certify HOST KEY USAGE EXTENDED FILE: by the CA of the ward
certify()
{
	(
		cd "$PKI" || exit
		printf 'keyUsage=critical,%s\nextendedKeyUsage=%s\nsubjectAltName=URI:dmikey:%s\n' \
			"$3" "$4" "$1.example" > ext
		openssl req -new -config ca/openssl.cnf -key "$2.key" -subj "/CN=$1" -out csr
		openssl ca -batch -notext -config ca/openssl.cnf -extfile ext -in csr -days 300 \
			-out "$5.pem"
	) > "$WORK/openssl" 2>&1 || diag < "$WORK/openssl"
}

# conf HOST NUMBER WORDS..: how it knows the other
conf()
{
	me=$1 number=$2
	shift 2
	{
		echo "ca = {\"$PKI/ca.pem\"} crl = {\"$WORK/crl.pem\"}"
		echo "thirdparty { certificate = \"$PKI/$me.sign.pem\" key = \"$PKI/gw$number.key\" }"
		echo "responder \"dmikey:$me.example\" {"
		echo "  certificate = \"$PKI/$me.decrypt.pem\" key = \"$PKI/r$number.key\""
		echo "}"
		echo "host \"dmikey:$(other "$me").example\" {"
		echo "  identity = \"dmikey:$me.example\" address = \"$(address "$(other "$me")")\""
		echo "  reqid = 9 $*"
		echo "}"
	} > "$WORK/$me/dmikey.conf"
}

agent_up()
{
	in_ns "$1" dmikeyd -v -c "$WORK/$1/dmikey.conf" -s "$WORK/$1/state" \
		-S "$WORK/$1/status.json" 2>> "$(log "$1")" &
	ktap_wait 20 test -s "$WORK/$1/state/dmikeyd.pid"
}
by_certificates() { echo "certificate = \"$PKI/$(other "$1").decrypt.pem\""; }
reload() { for h; do kill -HUP "$(pid "$h")"; done; }

ktap_plan 10
ns_up
cp "$PKI/crl.pem" "$WORK/crl.pem"
openssl rand -hex 32 > "$PSK"
chmod 600 "$PSK"
for n in 1 2; do
	certify h$n gw$n digitalSignature clientAuth h$n.sign
	certify h$n r$n keyEncipherment serverAuth h$n.decrypt
	mkdir -p -m 700 "$WORK/h$n/state"
done
conf h1 1 "$(by_certificates h1)" "connect = true"
conf h2 2 "$(by_certificates h2)"
agent_up h2
agent_up h1
ktap_run "two agents connect their hosts by certificates" ktap_wait 60 two_each
talk
ktap_equal "which carries readings" "$(state h1), $(state h2), $(sas)" "up -, up -, 2 2"

# what h1 signs with
(
	cd "$PKI" || exit
	openssl ca -config ca/openssl.cnf -revoke h1.sign.pem
	openssl ca -gencrl -config ca/openssl.cnf -out "$WORK/crl.pem"
) > "$WORK/openssl" 2>&1 || diag < "$WORK/openssl"
reload h2
ktap_run "h1 is revoked: h2 has no SA" \
	ktap_wait 20 sh -c "! ip -n h2 -o xfrm state | grep -q 'proto esp'"

for n in 1 2; do conf h$n $n "psk-file = \"$PSK\"" "connect = true"; done
reload h1 h2
ktap_run "by pre-shared key" ktap_wait 60 two_each
talk
ktap_equal "which carries readings, too" "$(state h1), $(state h2), $(sas)" "up -, up -, 2 2"
conf h1 1 "psk-file = \"$PSK\""
sed -i '/^host/,$d' "$WORK/h1/dmikey.conf"
reload h1
ktap_run "a host that leaves the configuration leaves no SA" \
	ktap_wait 20 sh -c "! ip -n h1 -o xfrm state | grep -q 'proto esp'"

# somebody whom h2 does not know
ctl h1 host add "$H2" own uri:dmikey:h9.example address "$A2" key "$(key_psk "$PSK")"
ctl h1 host connect "$H2" > /dev/null 2>&1 & trying=$!
stranger='.refusals[] | select(.side == "host" and .reason == "unknown-sender" and
	.sensor == "uri:dmikey:h9.example" and (.authenticated | not))'
ktap_run "a stranger: why says so" ktap_wait 20 sh -c \
	"dmikeyctl -n h2 -S $WORK/h2/status.json -j why | jq -e '$stranger'"
kill $trying

# ---- h1's agent ends before the module does, as at a reboot
gone() { ! kill -0 "$1" 2> /dev/null; }
conf h1 1 "psk-file = \"$PSK\""
reload h1
ktap_wait 60 two_each
for h in h1 h2; do
	agent=$(pid $h)
	kill "$agent"
	ktap_wait 10 gone "$agent"
done
# the last T that it heard of is of an earlier second
sleep 2
capture h1
ktap_run "without agents the hosts go on" connect h2
rmmod dmikey
modprobe dmikey
agent_up h1
ktap_wait 20 test -s "$WORK/h1/status.json"
replay h1 h2
ktap_run "a module that is loaded anew finds what was accepted meanwhile stale" \
	ktap_wait 5 counted h1 stale 1
ktap_equal "and installs nothing" "$(ip -n h1 -o xfrm state | grep -c 'proto esp')" 0
kill "$(pid h1)"
ktap_end
