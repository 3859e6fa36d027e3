#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikeyd --check: what a configuration may say, and how an error is named.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
dmikeyd=${O:-$top/build}/agent/dmikeyd
[ -x "$dmikeyd" ] || ktap_skip_all "dmikeyd is not built"
work=$(mktemp -d)
pki=$work/pki
"$top/scripts/demo-pki.sh" -g 1 -r 1 -s 1 -x "$pki" > /dev/null || ktap_skip_all "no PKI"

base="ca = {\"$pki/ca.pem\"}
crl = {\"$pki/crl.pem\"}
thirdparty { certificate = \"$pki/gw1.pem\" key = \"$pki/gw1.key\" }"
psk="psk-file = \"$pki/psk/sensor1.gw1\""
peer="certificate = \"$pki/r1.pem\" address = \"192.0.2.1\""

# check TEXT: the configuration is $base and TEXT
check()
{
	printf '%s\n%s\n' "$base" "$1" > "$work/dmikey.conf"
	timeout 20 "$dmikeyd" --check -c "$work/dmikey.conf" > "$work/out" 2>&1
}

# good NAME TEXT
good()
{
	if check "$2"; then ktap_pass "$1"; else ktap_fail "$1" "$(cat "$work/out")"; fi
}

# bad NAME TEXT WORDS: refused with status 1; WORDS are in one line of the log
bad()
{
	local status=0

	check "$2" || status=$?
	if [ $status -eq 1 ] && grep -q -- "$3" "$work/out"; then
		ktap_pass "$1"
	else
		ktap_fail "$1" "status $status, wanted: $3"
		diag < "$work/out"
	fi
}

# warned NAME TEXT WORDS: accepted, and WORDS are said
warned()
{
	if check "$2" && grep -q -- "$3" "$work/out"; then
		ktap_pass "$1"
	else
		ktap_fail "$1" "wanted: $3"
		diag < "$work/out"
	fi
}

ktap_plan 72
good "a third party" ""
[ -s "$work/out" ] && diag < "$work/out"
good "a sensor" "sensor \"sensor1@example\" { $psk }"
good "all of a sensor" "sensor \"nai:sensor1@example\" { $psk timestamp = counter suites = {ccm, cm} }"
good "a master key" "sensor \"@example\" { master-key-file = \"$pki/psk/sensor1.gw1\" generation = 0 }
deny = {\"sensor2@example\"}"
good "a responder to send to" "peer-responder \"dmikey:r1.example\" { $peer port = 1 by-hash = true }"
good "a rule" 'rule "x" { realm = "example" thirdparties = {"dmikey:gw1.example"} addresses = {"10.0.0.0/8", "::/0"} reqid = 7 }'
good "a rule with k = 1" 'rule "x" { sensor = "a@b" min-k = 1 allow-k1 = true }'
good "policies" 'rule "x" { sensor = "a@b" policy { } policy { cipher = chacha20-poly1305 }
policy { cipher = aes-cbc integrity = hmac-sha2-256-128 key-bits = 256 mode = tunnel esn = true } }'
good "an instance" 'instance { port = 1 skew = 3600 queue = 16 rate = 1 }'
good "both roles" "responder \"dmikey:r1.example\" { certificate = \"$pki/r1.pem\" key = \"$pki/r1.key\" }"

# every error names its line; $base has three
bad "an unknown option" 'frob = 1' 'dmikey.conf:4: no such option'
bad "an unknown section" 'frob { }' 'dmikey.conf:4: no such option'
bad "an unknown option of a section" 'instance {
frob = 1 }' 'dmikey.conf:5: no such option'
bad "an option twice" 'instance { port = 1
port = 2 }' 'dmikey.conf:5: port: given twice'
bad "a list twice" "ca = {\"$pki/ca.pem\"}" 'dmikey.conf:4: ca: given twice'
bad "a section twice" 'instance { }
instance { }' 'dmikey.conf:5: instance: more than 1'
bad "a title twice" "sensor \"a@b\" { $psk }
sensor \"a@b\" { $psk }" "dmikey.conf:5: found duplicate title 'a@b'"
bad "one name written in two ways" "sensor \"a@b\" { $psk }
sensor \"nai:a@b\" { $psk }" 'dmikey.conf:5: the sensor has the name of that at .*:4'
bad "a number that is too large" 'instance { port = 65536 }' 'dmikey.conf:4: port: 65536 is not'
bad "one beyond all numbers" 'instance { port = 99999999999999999999 }' "option 'port' is out of range"
bad "a negative one" 'instance { skew = -1 }' 'dmikey.conf:4: skew: -1 is not'
bad "no number" 'instance { port = http }' 'dmikey.conf:4: invalid integer'
bad "a missing file" 'crl += {"none.pem"}' 'dmikey.conf:4: crl: .*none.pem: No such file'
bad "a missing brace" 'instance { port = 1' 'dmikey.conf:[456]: a brace or quote is not closed'
bad "a missing quote" 'thirdparty-role = "1.2' 'dmikey.conf:7: premature end'
bad "a brace too many" 'instance { } }' 'dmikey.conf:4: '
bad "an unknown word" "sensor \"a@b\" { $psk timestamp = sundial }" 'dmikey.conf:4: timestamp: "sundial" is none of: ntp counter'
bad "an empty list" 'rule "x" { sensor = "a@b" thirdparties = {} }' 'dmikey.conf:4: thirdparties: an empty list'
for list in thirdparties addresses; do
	bad "nothing added to $list" "rule \"x\" { realm = \"b\" $list += {} }" "$list: an empty list"
done
bad "no identity" "sensor \"a b\" { $psk }" 'dmikey.conf:4: "a b" is no identity'
bad "too long an identity" "sensor \"$(printf '%0256d' 0)\" { $psk }" 'dmikey.conf:4: .* is no identity'
bad "no key" 'sensor "a@b" { }' 'dmikey.conf:4: either psk-file or master-key-file'
bad "two keys" "sensor \"a@b\" { $psk master-key-file = \"$pki/psk/sensor1.gw1\" generation = 1 }" 'dmikey.conf:4: either'
bad "no generation" "sensor \"a@b\" { master-key-file = \"$pki/psk/sensor1.gw1\" }" 'dmikey.conf:4: master-key-file and generation'
bad "a PSK for a realm" "sensor \"@b\" { $psk }" 'dmikey.conf:4: a realm needs a master-key-file'
bad "no address" 'peer-responder "uri:a:b" { }' 'dmikey.conf:4: address is missing'
bad "no such prefix" 'rule "x" { sensor = "a@b" addresses = {"10.0.0.0/33"} }' 'dmikey.conf:4: addresses: "10.0.0.0/33"'
bad "a rule for nobody" 'rule "x" { }' 'dmikey.conf:4: either sensor or realm'
bad "a rule's name with ESC" "rule \"x$(printf '\033')[2J\" { realm = \"b\" }" "a rule's name has 1 to"
bad "one that is no ASCII" "rule \"Stati$(printf '\303')n\" { realm = \"b\" }" "a rule's name has 1 to"
good "one with blanks" 'rule "ward 7, left" { realm = "b" }'
bad "two rules for one realm" 'rule "x" { realm = "b" }
rule "y" { realm = "b" }' 'rule "y" is for the same sensors as "x"'
bad "k = 1 by accident" 'rule "x" { realm = "b" min-k = 1 }' 'dmikey.conf:4: min-k = 1 and allow-k1'
bad "no such policy" 'rule "x" { realm = "b" policy { cipher = aes-cbc } }' 'dmikey.conf:4: there is no such ESP policy'
bad "half of the roles" 'thirdparty-role = "1.2.3"' 'thirdparty-role and responder-role go together'
bad "no object identifier" 'thirdparty-role = "x" responder-role = "1.2.3"' 'not two object identifiers'
bad "no certificate" "peer-thirdparty \"uri:a:b\" { certificate = \"$pki/gw1.key\" }" 'dmikey.conf:4: certificate: .*not a certificate in PEM'
bad "no authority" "ca += {\"$pki/gw1.pem\"}" 'ca: .*gw1.pem: it is not the certificate of an authority'
bad "another's key" "responder \"dmikey:r1.example\" { certificate = \"$pki/r1.pem\" key = \"$pki/gw1.key\" }" \
	'dmikey.conf:4: key: .*gw1.key: it is not the key of the certificate'

# secrets
cp "$pki/psk/sensor1.gw1" "$work/psk"
chmod 640 "$work/psk"
bad "a PSK that others may read" 'sensor "a@b" { psk-file = "psk" }' 'psk: its mode is 0640'
chmod 600 "$work/psk"
good "paths are relative to the file" 'sensor "a@b" { psk-file = "psk" }'
head -c 32 /dev/urandom > "$work/psk"
good "a PSK of 32 bytes" 'sensor "a@b" { psk-file = "psk" }'
head -c 31 /dev/urandom > "$work/psk"
bad "one of 31" 'sensor "a@b" { psk-file = "psk" }' 'psk: it has 31 bytes'
printf '%064d' 0 | tr 0 g > "$work/psk"
bad "no hexadecimal digits" 'sensor "a@b" { psk-file = "psk" }' 'other than hexadecimal digits'
if grep -q gggg "$work/out"; then ktap_fail "a secret is not shown"; else ktap_pass "a secret is not shown"; fi
rm -f "$work/psk"

# certificates that may not be used stay out, and the rest goes on
cert() { echo "peer-thirdparty \"dmikey:gw1.example\" { certificate = \"$pki/bad/gw-$1.pem\" }"; }
warned "expired" "$(cert expired)" 'dmikey.conf:4: the certificate is not used: certificate has expired'
warned "not yet valid" "$(cert not-yet)" 'not used: certificate is not yet valid'
warned "of another CA" "$(cert other-ca)" 'not used: unable to get'
warned "for another name" "$(cert other-name)" 'not used: it is for another name'
warned "for both roles" "$(cert both-roles)" 'not used: its extended key usage names both roles'
warned "revoked" "$(cert revoked)" 'not used: certificate revoked'

# hosts
host() { echo "host \"dmikey:h2.example\" { identity = \"dmikey:h1.example\" address = \"192.0.2.2\" $1 }"; }
good "a host with a PSK" "$(host "$psk connect = true legacy = true policy { mode = tunnel }")"
good "a host with a certificate" "$(host "certificate = \"$pki/r1.pem\"")"
bad "neither" "$(host "")" 'either psk-file or certificate'
bad "legacy with a certificate" "$(host "certificate = \"$pki/r1.pem\" legacy = true")" \
	'legacy goes with a psk-file'
bad "no identity" "host \"dmikey:h2\" { address = \"192.0.2.2\" $psk }" 'identity is missing'
bad "the other's identity" \
	"host \"dmikey:h1\" { identity = \"dmikey:h1\" address = \"192.0.2.2\" $psk }" \
	'it is the other host'
for n in 15 16 65; do
	(umask 077; openssl rand -hex $n > "$work/psk.$n")
	text=$(host "psk-file = \"psk.$n\"")
	if [ $n = 16 ]; then
		good "a host's PSK of $n bytes" "$text"
	else
		bad "a host's PSK of $n bytes" "$text" "psk.$n: it"
	fi
done

# conf.d
mkdir "$work/conf.d"
echo 'frob = 1' > "$work/conf.d/x.conf"
bad "conf.d has lines of its own" "" 'conf.d/x.conf:1: no such option'
rm -rf "$work"
ktap_end
