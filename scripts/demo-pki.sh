#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A demonstration CA, certificates of third parties and responders, PSKs.
#
#	demo-pki.sh [-g N] [-r N] [-s N] [-d DOMAIN] [-b BITS] [-x] DIR
#
#	-g	third parties gw1 to gwN (3)
#	-r	responders r1 to rN (1)
#	-s	sensors sensor1 to sensorN (1)
#	-d	domain of all names (example)
#	-b	RSA bits of the hosts' keys, 2048 to 4096 (2048)
#	-x	also certificates that must be refused, for tests
#
# DIR then holds:
#
#	ca.pem crl.pem		the CA (RSA 3072) and its revocation list
#	gw1.pem gw1.der		certificate of uri:dmikey:gw1.DOMAIN
#	gw1.key gw1.key.der	its private key, PKCS#8, PEM and DER
#	r1.pem ...		the same of uri:dmikey:r1.DOMAIN
#	psk/sensor1.gw1		PSK of nai:sensor1@DOMAIN and gw1: 64 hex digits
#	ca/			the CA's own: key, serial numbers, index
#	bad/			with -x: certificates of gw1's and r1's keys,
#				gw-KIND and r-KIND, .pem and .der:
#		expired		ended yesterday
#		not-yet		begins in 30 days
#		other-ca	signed by other-ca/ca.pem, which nobody trusts
#		other-name	for another host's name
#		other-role	a third party's says responder, and the reverse
#		both-roles	says both
#		no-name		has no URI and no email name
#		two-names	has two
#		any-usage	has anyExtendedKeyUsage instead of a role
#		revoked		stands in crl.pem
#
# What is there and good for another day stays; what is missing is made. So
# more gateways can be had later. Private keys and PSKs are mode 0600.
#
# This is for demonstrations and tests: the CA's key is not encrypted.
set -eu

usage() { sed -n '3,40s/^# \{0,1\}//p' "$0"; }
die() { echo "demo-pki.sh: $*" >&2; exit 2; }

gateways=3 responders=1 sensors=1 domain=example bits=2048 bad=
case ${1:-} in --help) usage; exit 0 ;; esac
while getopts g:r:s:d:b:xh opt; do
	case $opt in
	g) gateways=$OPTARG ;;
	r) responders=$OPTARG ;;
	s) sensors=$OPTARG ;;
	d) domain=$OPTARG ;;
	b) bits=$OPTARG ;;
	x) bad=1 ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || die "one directory is wanted; see --help"
for n in "$gateways" "$responders" "$sensors" "$bits"; do
	case $n in "" | *[!0-9]* | ??????*) die "\"$n\" is not a number" ;; esac
done
case $domain in "" | *[!a-zA-Z0-9.-]*) die "\"$domain\" is no domain" ;; esac
[ "$bits" -ge 2048 ] && [ "$bits" -le 4096 ] || die "keys have 2048 to 4096 bits"

umask 077
mkdir -p "$1"
cd "$1"

# openssl explains itself when it fails, and is silent otherwise
quiet()
{
	"$@" > .log 2>&1 || { cat .log >&2; die "openssl failed"; }
	rm -f .log
}

new_key()	# FILE BITS
{
	[ -s "$1" ] && return
	quiet openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" -out "$1.new"
	mv "$1.new" "$1"
}

at() { date -u -d "$1" +%Y%m%d%H%M%SZ; }

# ---- a CA

ca_config()	# DIRECTORY
{
	cat > "$1/openssl.cnf" <<-EOC
		[ca]
		default_ca = demo
		[demo]
		dir = $1
		database = $1/index.txt
		new_certs_dir = $1/issued
		certificate = $2
		private_key = $1/ca.key
		rand_serial = yes
		unique_subject = no
		default_md = sha256
		default_crl_days = 365
		crlnumber = $1/crlnumber
		policy = any
		[any]
		commonName = supplied
		[req]
		distinguished_name = dn
		[dn]
		[v3_ca]
		basicConstraints = critical, CA:TRUE, pathlen:0
		keyUsage = critical, keyCertSign, cRLSign
		subjectKeyIdentifier = hash
	EOC
}

new_ca()	# DIRECTORY CERTIFICATE NAME
{
	mkdir -p "$1/issued"
	[ -e "$1/index.txt" ] || : > "$1/index.txt"
	[ -e "$1/crlnumber" ] || echo 01 > "$1/crlnumber"
	ca_config "$1" "$2"
	[ ! -s "$2" ] || return 0
	new_key "$1/ca.key" 3072
	quiet openssl req -x509 -new -config "$1/openssl.cnf" -extensions v3_ca \
		-key "$1/ca.key" -sha256 -days 3650 -subj "/CN=$3" -out "$2.new"
	chmod 644 "$2.new"
	mv "$2.new" "$2"
}

# ---- a certificate

usage_of()	# ROLE
{
	case $1 in
	thirdparty)
		echo "keyUsage = critical, digitalSignature"
		echo "extendedKeyUsage = clientAuth" ;;
	responder)
		echo "keyUsage = critical, keyEncipherment"
		echo "extendedKeyUsage = serverAuth" ;;
	both)
		echo "keyUsage = critical, digitalSignature, keyEncipherment"
		echo "extendedKeyUsage = clientAuth, serverAuth" ;;
	any)
		echo "keyUsage = critical, digitalSignature, keyEncipherment"
		echo "extendedKeyUsage = anyExtendedKeyUsage" ;;
	esac
}

# issue CA_DIRECTORY KEY OUT ROLE NAMES [FROM TO]
# NAMES is a subjectAltName; OUT gets .pem and .der; dates are date(1)'s
issue()
{
	if [ -s "$3.der" ] && { [ $# -gt 5 ] ||
	     openssl x509 -in "$3.pem" -noout -checkend 86400 > /dev/null; }; then
		return 0
	fi
	{
		echo "basicConstraints = CA:FALSE"
		echo "subjectKeyIdentifier = hash"
		echo "authorityKeyIdentifier = keyid"
		usage_of "$4"
		echo "subjectAltName = $5"
	} > .ext
	quiet openssl req -new -config "$1/openssl.cnf" -key "$2" \
		-subj "/CN=${3##*/}" -out .csr
	quiet openssl ca -batch -notext -config "$1/openssl.cnf" -extfile .ext -in .csr \
		-startdate "$(at "${6:-now - 1 day}")" -enddate "$(at "${7:-now + 730 days}")" \
		-out "$3.pem"
	quiet openssl x509 -in "$3.pem" -outform DER -out "$3.der"
	chmod 644 "$3.pem" "$3.der"
	rm -f .ext .csr
}

new_host()	# NAME ROLE
{
	new_key "$1.key" "$bits"
	[ -s "$1.key.der" ] || quiet openssl pkcs8 -topk8 -nocrypt -in "$1.key" \
		-outform DER -out "$1.key.der"
	issue ca "$1.key" "$1" "$2" "URI:dmikey:$1.$domain"
}

revoke()	# CERTIFICATE
{
	serial=$(openssl x509 -in "$1" -noout -serial)
	grep -q "^R.*	${serial#*=}	" ca/index.txt ||
		quiet openssl ca -config ca/openssl.cnf -revoke "$1"
}

new_bad()	# PREFIX HOST ROLE OTHER_ROLE
{
	uri="URI:dmikey:$2.$domain"
	issue ca "$2.key" "bad/$1-expired" "$3" "$uri" "now - 30 days" "now - 1 day"
	issue ca "$2.key" "bad/$1-not-yet" "$3" "$uri" "now + 30 days" "now + 60 days"
	issue other-ca "$2.key" "bad/$1-other-ca" "$3" "$uri"
	issue ca "$2.key" "bad/$1-other-name" "$3" "URI:dmikey:other.$domain"
	issue ca "$2.key" "bad/$1-other-role" "$4" "$uri"
	issue ca "$2.key" "bad/$1-both-roles" both "$uri"
	issue ca "$2.key" "bad/$1-no-name" "$3" "DNS:$2.$domain"
	issue ca "$2.key" "bad/$1-two-names" "$3" "$uri, email:$2@$domain"
	issue ca "$2.key" "bad/$1-any-usage" any "$uri"
	issue ca "$2.key" "bad/$1-revoked" "$3" "$uri"
	revoke "bad/$1-revoked.pem"
}

# ---- PSKs

new_psks()	# SENSOR
{
	i=1
	while [ "$i" -le "$gateways" ]; do
		psk=psk/$1.gw$i
		[ -s "$psk" ] || { openssl rand -hex 32 > "$psk.new" && mv "$psk.new" "$psk"; }
		i=$((i + 1))
	done
}

# each PREFIX COUNT COMMAND...	COMMAND for PREFIX1 to PREFIXn
each()
{
	prefix=$1 last=$2
	shift 2
	number=1
	while [ "$number" -le "$last" ]; do
		"$1" "$prefix$number" ${2:+"$2"}
		number=$((number + 1))
	done
}

new_ca ca ca.pem "dmikey demonstration CA"
each gw "$gateways" new_host thirdparty
each r "$responders" new_host responder
mkdir -p psk
each sensor "$sensors" new_psks
if [ -n "$bad" ]; then
	[ "$gateways" -ge 1 ] && [ "$responders" -ge 1 ] || die "-x needs gw1 and r1"
	mkdir -p bad other-ca
	new_ca other-ca other-ca/ca.pem "another CA"
	new_bad gw gw1 thirdparty responder
	new_bad r r1 responder thirdparty
fi
quiet openssl ca -gencrl -config ca/openssl.cnf -out crl.pem
chmod 644 crl.pem
