#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikeyd keeps no key: it reads PSKs, a master key and private keys from files,
# hands them to the kernel and forgets them. What it can write to is searched
# (net/seek.c) for eight bytes in a row of each, as bytes, as the files' text and, of
# private keys, as numbers in memory. Identities, which have to stay, are found.
# Needs no module: the keys are loaded before it is asked for.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
dmikeyd=${O:-$top/build}/agent/dmikeyd
[ -x "$dmikeyd" ] || ktap_skip_all "dmikeyd is not built"
work=$(mktemp -d)
pki=$work/pki
"$top/scripts/demo-pki.sh" -g 1 -r 1 -s 2 "$pki" > /dev/null || exit 1
${CC:-cc} -D_GNU_SOURCE -O2 -o "$work/seek" "$top/selftests/net/seek.c" || exit 1
secrets=$work/secrets

hex() { od -An -v -tx1 | tr -d ' \n'; }
backwards() { fold -w 2 | tac | tr -d '\n'; }

# secret LABEL HEX: the first 64 bytes
secret() { echo "$1 ${2:0:128}" >> "$secrets"; }

# symmetric LABEL FILE
symmetric()
{
	secret "$1" "$(tr -d '\n' < "$2")"
	secret "$1-text" "$(tr -d '\n' < "$2" | hex)"
}

# private LABEL FILE: PEM's lines, d and the primes in DER's order and in OpenSSL's
private()
{
	local line name number

	sed '/^-/d' "$2" | while read -r line; do
		[ ${#line} -lt 64 ] || secret "$1-pem" "$(printf %s "$line" | hex)"
	done
	for name in privateExponent prime1 prime2 exponent1 exponent2 coefficient; do
		number=$(openssl rsa -in "$2" -noout -text 2> /dev/null |
			sed -n "/^$name:/,/^[a-zA-Z]/{/^ /p}" | tr -d ' :\n' | sed 's/^00//')
		[ ${#number} -ge 128 ] || return
		secret "$1-$name" "$number"
		secret "$1-$name-limbs" "$(backwards <<< "$number")"
	done
}

know()
{
	openssl rand -hex 32 > "$work/master"
	chmod 600 "$work/master"
	symmetric psk "$pki/psk/sensor1.gw1"
	symmetric master "$work/master"
	private gw1 "$pki/gw1.key" && private r1 "$pki/r1.key"
}

conf()
{
	cat > "$work/dmikey.conf" <<-EOC
	ca = {"$pki/ca.pem"}
	crl = {"$pki/crl.pem"}
	thirdparty { certificate = "$pki/gw1.pem" key = "$pki/gw1.key" }
	responder "dmikey:r1.example" { certificate = "$pki/r1.pem" key = "$pki/r1.key" }
	sensor "sensor1@example" { psk-file = "$pki/psk/sensor1.gw1" }
	sensor "@other.example" { master-key-file = "$work/master" generation = 1 }
	EOC
}

start()
{
	mkdir -p "$work/state"
	"$dmikeyd" -c "$work/dmikey.conf" -s "$work/state" -S "$work/status.json" \
		2> "$work/log" &
	agent=$!
	ktap_wait 20 loaded 1
}

loaded() { [ "$(grep -c 'dmikey.conf: loaded' "$work/log")" -ge "$1" ] && [ -s "$work/status.json" ]; }
again() { kill -HUP $agent && ktap_wait 20 loaded 2; }

# nothing FILE: none of its secrets is in the agent's memory
nothing()
{
	"$work/seek" -p $agent "$1" > "$work/places"
	cut -d' ' -f1,2 "$work/places" | sort | uniq -c
	grep -q '^0 places, [1-9]' "$work/places"
}

something()
{
	nothing "$1"
	grep -q '^[1-9][0-9]* places, 1 secrets' "$work/places"
}

leave()
{
	kill $agent 2> /dev/null
	wait
	rm -rf "$work"
}

ktap_plan 6
trap 'status=$?; leave; ktap_exit $status' EXIT
conf
ktap_run "secrets are known" know
echo "identity $(printf sensor1@example | hex)" > "$work/identity"
ktap_run "the agent has read all of them" start
ktap_run "the search finds what stays" something "$work/identity"
ktap_run "it has kept no key" nothing "$secrets"
tail -n 1 "$work/places" | diag
ktap_run "it reads them once more" again
ktap_run "and has kept none" nothing "$secrets"
diag < "$work/log"
ktap_end
