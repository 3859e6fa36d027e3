#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=900 bin="jq" kernels="6.12"
# Certificates, authorities and revocation lists change under traffic: a gateway's
# certificate is renewed, a responder's is, an authority comes, a gateway is
# revoked; r1's agent is restarted. Nothing is dropped but what was revoked. One agent
# serves two names.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/left.sh"

log() { echo "${TEST_LOGS:-$WORK}/$1.log"; }
pid() { cat "$WORK/$1/state/dmikeyd.pid"; }
logged() { ktap_wait "${3:-20}" grep -q -- "$2" "$(log "$1")"; }
status() { jq -r ".certificates[] | $2" "$WORK/$1/status.json"; }

conf_tp()
{
	mkdir -p -m 700 "$WORK/gw$1/state"
	cp "$PKI/gw$1.pem" "$PKI/gw$1.key" "$PKI/r1.pem" "$PKI/r2.pem" "$PKI/ca.pem" \
		"$PKI/crl.pem" "$WORK/gw$1/"
	{
		echo "ca = {\"ca.pem\"} crl = {\"crl.pem\"}"
		echo "thirdparty { certificate = \"gw$1.pem\" key = \"gw$1.key\" }"
		for r in r1 r2; do
			echo "peer-responder \"uri:dmikey:$r.example\" {"
			echo "  certificate = \"$r.pem\" address = \"$(addr r1)\""
			echo "}"
		done
		for s in 1 2 3; do
			echo "sensor \"sensor$s@example\" { psk-file = \"$PKI/psk/sensor$s.gw$1\" }"
		done
	} > "$WORK/gw$1/dmikey.conf"
}

conf_r()
{
	mkdir -p -m 700 "$WORK/r1/state"
	for f in r1.pem r1.key r2.pem r2.key ca.pem crl.pem; do cp "$PKI/$f" "$WORK/r1/"; done
	{
		echo "ca = {\"ca.pem\"} crl = {\"crl.pem\"}"
		for r in r1 r2; do
			echo "responder \"dmikey:$r.example\" {"
			echo "  certificate = \"$r.pem\" key = \"$r.key\""
			echo "}"
		done
		echo "rule \"ward\" { realm = \"example\" min-k = 2 reqid = 7 }"
	} > "$WORK/r1/dmikey.conf"
}

agent_up()
{
	in_ns "$1" dmikeyd -v -c "$WORK/$1/dmikey.conf" -s "$WORK/$1/state" \
		-S "$WORK/$1/status.json" 2>> "$(log "$1")" &
	ktap_wait 20 sh -c "ip netns exec $1 ss -Huln | grep -q :2269" &&
		ktap_wait 20 test -s "$WORK/$1/status.json"
}

# reload PARTY..: and wait until it has
reload()
{
	for p; do
		cat "$(log "$p")" >> "$(log "$p").old"
		: > "$(log "$p")"
		kill -HUP "$(pid "$p")"
		logged "$p" 'dmikey.conf: loaded' || diag < "$(log "$p")"
	done
}

# renew NAME USAGE EXTENDED: another key, another certificate, in NAME.new.*
renew()
{
	(
		cd "$PKI" || exit
		printf 'keyUsage=critical,%s\nextendedKeyUsage=%s\nsubjectAltName=URI:dmikey:%s\n' \
			"$2" "$3" "$1.example" > ext
		openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1.new.key"
		openssl req -new -config ca/openssl.cnf -key "$1.new.key" -subj "/CN=$1" -out csr
		openssl ca -batch -notext -config ca/openssl.cnf -extfile ext -in csr -days 300 \
			-out "$1.new.pem"
	) > "$WORK/openssl" 2>&1 || diag < "$WORK/openssl"
}

# revoke CERTIFICATE: and a new list
revoke()
{
	(
		cd "$PKI" || exit
		openssl ca -config ca/openssl.cnf -revoke "$1"
		openssl ca -gencrl -config ca/openssl.cnf -out crl.pem
	) > "$WORK/openssl" 2>&1 || diag < "$WORK/openssl"
}

# restart: r1's agent, without a word to the module
restart()
{
	kill -KILL "$(pid r1)"
	# its lock goes with it
	ktap_wait 20 flock -n "$WORK/r1/state/dmikeyd.pid" true
	rm -f "$WORK/r1/status.json"
	agent_up r1
}
no_longer() { [ "$(counter r1 chash)" -gt "$refused" ]; }

put() { cp "$PKI/$2.new.pem" "$WORK/$1/$2.pem"; cp "$PKI/$2.new.key" "$WORK/$1/$2.key"; }

sensor() { n=$1; shift; in_ns "s$n" dmikey-sensor -c "$WORK/s$n.conf" "$@"; }
sessions() { counter r1 session-established; }
# more COUNT: so many more sessions than there were are there
more() { [ "$(sessions)" -ge $((since + $1)) ]; }
# go_on NAME [SECONDS]: sessions are still established
go_on()
{
	since=$(sessions)
	if ktap_wait "${2:-60}" more 3; then
		ktap_pass "$1"
		return
	fi
	ktap_fail "$1" "$(tail -n 5 "$WORK/out1")"
	for p in gw1 gw2 gw3 r1; do
		diag "$p:"
		tail -n 6 "$(log $p)" | diag
		dmikeyctl -n $p stats | grep -v ' 0$' | diag
	done
}

ktap_plan 29
net_up 3 3
for n in 1 2 3; do conf_tp $n; sensor_conf $n 3 2 > /dev/null; done
conf_r
sed -i 's/dmikey:r1/dmikey:r2/' "$WORK/s3.conf"
# sensor 2's readings have a port of their own, to be counted
sed -i "s/^responder.*/responder { identity = \"uri:dmikey:r1.example\" address = \"[$(addr r1)]:7778\" }/" \
	"$WORK/s2.conf"
r_policies r1
r_policy r1 s2 7778
listen r1 "$WORK/readings"
in_ns r1 socat -u UDP6-RECV:7778 OPEN:"$WORK/readings2",creat,append &
for p in gw1 gw2 gw3 r1; do agent_up $p; done
ktap_equal "one agent serves two names" \
	"$(dmikeyctl -j -n r1 local | jq -r '.[].id' | sort | xargs)" "uri:dmikey:r1.example uri:dmikey:r2.example"
ktap_run "the second name has a session" sensor 3 --readings 1 --timeout 40

# traffic: sensor 1 has one session after the other, sensor 2 has one for all of it
sensor 1 --sessions 100000 --readings 2 --interval 100 --timeout 800 > "$WORK/out1" 2>&1 &
one=$!
sensor 2 --readings 100000 --interval 200 --timeout 800 > "$WORK/out2" 2>&1 &
two=$!
spi2() { dmikeyctl -j -n r1 session | jq -r '.[] | select(.sensor == "nai:sensor2@example") | .spi_in'; }
ktap_wait 40 sh -c "grep -q established $WORK/out2"
first=$(spi2)
go_on "sessions are established"

# a gateway's certificate
renew gw1 digitalSignature clientAuth
put gw1 gw1
reload gw1
ktap_run "gw1 has another certificate" logged gw1 'thirdparty dmikey:gw1.example: told'
ktap_equal "nothing else was told" "$(grep -c ': told' "$(log gw1)")" 1
go_on "with gw1's new certificate sessions go on"
ktap_run "r1 has met it" ktap_wait 70 sh -c \
	"[ \$(jq '[.certificates[] | select(.kind == \"seen\" and .name == \"dmikey:gw1.example\")] | length' $WORK/r1/status.json) = 2 ]"

# a responder's: gateways learn of it one by one, and none refuses meanwhile
renew r1 keyEncipherment serverAuth
put r1 r1
reload r1
ktap_run "r1 has another certificate" logged r1 'responder dmikey:r1.example: told'
go_on "gateways that have the old one are understood"
for n in 1 2 3; do
	cp "$PKI/r1.new.pem" "$WORK/gw$n/r1.pem"
	reload gw$n
done
go_on "those that have the new one are"
ktap_equal "nobody was refused for an old certificate" "$(counter r1 chash)" 0

# another authority
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/ca2.key" -subj "/CN=another CA" \
	-days 400 -out "$WORK/r1/ca2.pem" > "$WORK/openssl" 2>&1
sed -i 's/ca = {"ca.pem"}/ca = {"ca.pem", "ca2.pem"}/' "$WORK/r1/dmikey.conf"
reload r1
ktap_equal "another authority is trusted" "$(status r1 'select(.kind == "ca") | .name' | sort | xargs)" \
	"CN=another CA CN=dmikey demonstration CA"
ktap_equal "nothing is told for that" "$(grep -c ': told' "$(log r1)")" 0

# a configuration that is bad in its last line
cp "$WORK/r1/dmikey.conf" "$WORK/good.conf"
sed -i 's/min-k = 2/min-k = 3/' "$WORK/r1/dmikey.conf"
echo 'frob = 1' >> "$WORK/r1/dmikey.conf"
kill -HUP "$(pid r1)"
ktap_run "a bad configuration is refused" logged r1 'the running configuration stays'
ktap_equal "all of it" "$(dmikeyctl -j -n r1 rule | jq '.[].min_k')" 2
cp "$WORK/good.conf" "$WORK/r1/dmikey.conf"

# a gateway is revoked: two are left, and they suffice
revoke gw2.pem
cp "$PKI/crl.pem" "$WORK/r1/"
reload r1
ktap_run "gw2 is revoked" logged r1 'third party dmikey:gw2.example: its certificate is no longer valid: .*revoked'
ktap_equal "the others are not" \
	"$(dmikeyctl -j -n r1 thirdparty | jq -r '.[].id' | sort -u | xargs)" \
	"uri:dmikey:gw1.example uri:dmikey:gw3.example"
go_on "sessions go on without it"
ktap_run "what still comes from it is refused" logged r1 'refused: .*revoked' 30

# the responder's old certificate is revoked: it is no longer understood
cp "$WORK/gw3/r1.pem" "$WORK/r1.pem.new"
cp "$PKI/r1.pem" "$WORK/gw3/r1.pem"
reload gw3
go_on "gw3 with r1's old certificate is understood"
revoke r1.pem
cp "$PKI/crl.pem" "$WORK/r1/"
reload r1
ktap_run "until that is revoked" ktap_wait 40 sh -c \
	"[ \$(dmikeyctl -a -n r1 stats | awk '\$2 == \"chash\" { n += \$3 } END { print n + 0 }') -gt 0 ]"
cp "$WORK/r1.pem.new" "$WORK/gw3/r1.pem"
reload gw3
# what was under way through gw3 is lost, and repeated for a while: 7.2
go_on "with the new one sessions go on" 180

# what is revoked while the agent is away: the certificate before this one is in its state
cp "$PKI/r1.new.pem" "$PKI/r1.second.pem"
renew r1 keyEncipherment serverAuth
put r1 r1
reload r1
restart
go_on "behind a restart of r1's agent gateways with the certificate before are understood"
refused=$(counter r1 chash)
revoke r1.second.pem
cp "$PKI/crl.pem" "$WORK/r1/"
restart
ktap_run "if it was revoked meanwhile, they are not" ktap_wait 60 no_longer

ktap_equal "sensor 2 has had one session all the time" "$(spi2)" "$first"
pkill_in s1 TERM
pkill_in s2 TERM
wait $one $two
sleep 1
sent=$(sed -n 's/.* \([0-9]*\) readings.*/\1/p' "$WORK/out2" | tail -n 1)
ktap_run "and has sent readings" [ "${sent:-0}" -gt 100 ]
ktap_equal "all of them arrived" "$(grep -c hr= "$WORK/readings2")" "$sent"
ktap_run "the second name has a session at the end" sensor 3 --readings 1 --timeout 60
ktap_equal "no request failed" "$(cat "$TEST_LOGS"/*.log* | grep error: |
	grep -v 'dmikey.conf:.*frob\|no such option\|not loaded, the running')" ""
ktap_end
