#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikey-provision --master: the PSK is that of protocol.md 6.5, made here once more
# by other means, and the row that goes with it is one that the registry takes.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${O:-$top/build}
[ -x "$build/tools/dmikey-provision" ] || ktap_skip_all "dmikey-provision is not built"
[ -x "$build/agent/dmikey-registry" ] || ktap_skip_all "dmikey-registry is not built"
work=$(mktemp -d)
cd "$work" || exit 1
umask 077

cat > sensor.conf <<-EOC
	identity = "nai:sensor1@example"
	responder { identity = "uri:dmikey:r1.example" address = "fd01::1" }
	thirdparty gw1 { identity = "uri:dmikey:gw1.example" address = "fd00::11" psk-file = "gw1.psk" }
	thirdparty gw2 { identity = "uri:dmikey:gw2.example" address = "fd00::12" psk-file = "gw2.psk" }
	n = 2
	k = 2
	timestamp = "counter"
	address = "fd00::2"
EOC
echo 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f > master

provision() { "$build/tools/dmikey-provision" -c sensor.conf -b f405 -o dir "$@"; }

# psk GENERATION: P(master, label) of RFC 3830 4.1.2, one block of HMAC-SHA-256
psk()
{
	python3 - "$1" <<-EOP
	import hashlib, hmac, struct, sys
	s = bytes(range(32))
	tp = b"dmikey:gw1.example"
	label = bytes.fromhex("36f1d145ff") + struct.pack(">IH", int(sys.argv[1]), len(tp)) + \
	    tp + b"sensor1@example"
	h = lambda m: hmac.new(s, m, hashlib.sha256).digest()
	print(h(h(label) + label).hex())
	EOP
}

# refused NAME STATUS WORDS OPTION..
refused()
{
	local name=$1 want=$2 words=$3 status=0
	shift 3

	provision "$@" > out 2>&1 || status=$?
	if [ $status -eq "$want" ] && grep -q -- "$words" out; then
		ktap_pass "$name"
	else
		ktap_fail "$name" "status $status, wanted: $words"
		diag < out
	fi
}

ktap_plan 15
ktap_run "a sensor is provisioned" provision --master gw1=master --generation 7
ktap_equal "its PSK is the derived one" "$(cat gw1.psk)" "$(psk 7)"
ktap_equal "nobody else may read it" "$(stat -c %a gw1.psk)" 600
ktap_run "the other third party has a drawn one" sh -c "[ -s gw2.psk ] && ! cmp -s gw1.psk gw2.psk"
ktap_equal "its row" "$(cat dir/thirdparty-gw1.csv)" 'identity,master,generation,timestamp,suites
"nai:sensor1@example",gw1,7,counter,ccm'
ktap_equal "the registry takes it" \
	"$("$build/agent/dmikey-registry" -s . import dir/thirdparty-gw1.csv)" \
	"1 added, 0 changed, 0 as they were"
ktap_run "the other has a section" sh -c \
	'[ -s dir/thirdparty-gw2.conf ] && [ ! -e dir/thirdparty-gw2.csv ]'
ktap_run "once more it is the same" provision --force --master gw1=master --generation 7
refused "another generation does not fit the file" 1 'holds another key than master gives with generation 8' \
	--force --master gw1=master --generation 8
rm gw1.psk
provision --force --master gw1=master --generation 4294967295 > /dev/null
ktap_equal "without it, it is another one" "$(cat gw1.psk)" "$(psk 4294967295)"
refused "no such third party" 1 'there is no third party gw9' --force --master gw9=master --generation 1
refused "no generation" 2 'go together' --force --master gw1=master
refused "no name" 2 'is not NAME=FILE' --force --master master --generation 1
chmod 644 master
refused "a master key that others may read" 1 'may be read by others' \
	--force --master gw1=master --generation 4294967295
rm gw1.psk
refused "which makes no PSK" 1 'no key could be made' --force --master gw1=master --generation 1
rm -rf "$work"
ktap_end
