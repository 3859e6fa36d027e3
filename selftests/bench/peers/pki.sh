#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Certificates for the peers' RSA-2048 connections:
#
#	pki.sh ROOT [SENSORS]
#
# makes ROOT/pki with ca.pem, r.pem, r.key, s.key, s1.pem .. sN.pem, and the same as
# libreswan wants it, nss-r and nss-i, by certutil of ROOT.
#
# Each sensor has an identity and a certificate of its own; all have one key, for
# the responder verifies the same signatures whether or not their keys differ.
set -eu

root=$(cd "$1" && pwd) sensors=${2:-128}
lib=$root/usr/lib/x86_64-linux-gnu
mkdir "$root/pki"
cd "$root/pki"

peer()
{
	local program=$1

	shift
	"$root/lib64/ld-linux-x86-64.so.2" --inhibit-cache --library-path "$lib:$lib/nss" \
		"$root/usr/bin/$program" "$@"
}

rsa() { openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1" 2>/dev/null; }

# issue NAME KEY
issue()
{
	openssl req -new -key "$2" -subj "/CN=$1.example" |
		openssl x509 -req -CA ca.pem -CAkey ca.key -days 3650 -sha256 -out "$1.pem" \
		-extfile <(printf '%s\n' "subjectAltName=DNS:$1.example" \
			keyUsage=digitalSignature extendedKeyUsage=serverAuth,clientAuth) \
		2>/dev/null
}

rsa ca.key
openssl req -new -x509 -key ca.key -subj "/CN=dmikey bench CA" -days 3650 -sha256 -out ca.pem \
	-addext keyUsage=critical,keyCertSign,cRLSign
rsa r.key
issue r r.key
rsa s.key
for n in $(seq "$sensors"); do
	issue "s$n" s.key
done
rm -f ca.key ca.srl

# nss NAME CERTIFICATE..: a database without a password; the first one has the key
nss()
{
	local n db="sql:nss-$1" key=$1
	shift

	mkdir "nss-$key"
	[ "$key" != i ] || key=s
	openssl pkcs12 -export -name "$1.example" -in "$1.pem" -inkey "$key.key" \
		-out p12 -passout pass:
	peer certutil -N --empty-password -d "$db"
	peer certutil -A -d "$db" -n ca -t CT,, -i ca.pem
	peer pk12util -i p12 -d "$db" -W "" > /dev/null
	rm p12
	shift
	for n; do
		peer certutil -A -d "$db" -n "$n.example" -t ,, -i "$n.pem"
	done
}

# shellcheck disable=SC2046
nss i $(seq -f s%g "$sensors")
nss r r
