#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Examples of the manual pages that need no module: configurations are good, commands
# do what they say. Those that need one are in net/examples.sh.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh
. selftests/lib/man.sh

top=$PWD
build=${O:-$top/build}
for p in agent/dmikeyd agent/dmikey-registry tools/dmikey-provision; do
	[ -x "$build/$p" ] || ktap_skip_all "$p is not built"
done
work=$(mktemp -d)
PATH=$build/agent:$build/tools:$PATH

scripts/demo-pki.sh -g 1 -r 1 -s 1 "$work/etc" > "$work/pki.log" 2>&1 ||
	{ diag < "$work/pki.log"; ktap_skip_all "openssl failed"; }
mkdir -p -m 700 "$work/etc/conf.d" "$work/state" "$work/board"
psk() { openssl rand -hex 32 > "$1" && chmod 600 "$1"; }
psk "$work/etc/psk/sensor07"
psk "$work/etc/ward7.key"
for n in 1 2 3; do psk "$work/board/sensor1.gw$n"; done
psk "$work/etc/h1.h2"

# certify NAME FILE USAGE EXTENDED: with a key of its own
certify()
{
	(
		cd "$work/etc" || exit
		printf 'keyUsage=critical,%s\nextendedKeyUsage=%s\nsubjectAltName=URI:dmikey:%s\n' \
			"$3" "$4" "$1.example" > ext
		openssl req -new -newkey rsa:2048 -nodes -config ca/openssl.cnf -keyout "$2.key" \
			-subj "/CN=$1" -out csr &&
			openssl ca -batch -notext -config ca/openssl.cnf -extfile ext -in csr \
				-days 300 -out "$2.pem" && chmod 600 "$2.key"
	) > "$work/pki.log" 2>&1 || diag < "$work/pki.log"
}
certify h1 h1-sign digitalSignature clientAuth
certify h1 h1 keyEncipherment serverAuth
certify h2 h2 keyEncipherment serverAuth

# the page's files and programs are those of this test
example()
{
	man_example "$top/Documentation/man/$1" "$2" > "$work/block" || return
	sed -i "s#/etc/dmikey#$work/etc#g" "$work/block"
}

run()
{
	example "$1" "$2" || return
	{
		echo "dmikey-registry() { command dmikey-registry -s '$work/state' \"\$@\"; }"
		echo 'systemctl() { :; }'
		cat "$work/block"
	} > "$work/script"
	(cd "$work/board" && umask 077 && bash -eu "$work/script")
}

# conf NAME..: these examples of dmikey.conf(5) are one good file, without a warning
conf()
{
	local said

	: > "$work/etc/dmikey.conf"
	for n; do example dmikey.conf.5 "$n" && cat "$work/block" >> "$work/etc/dmikey.conf" || return; done
	said=$(dmikeyd --check -c "$work/etc/dmikey.conf" 2>&1) && [ -z "$said" ] ||
		{ echo "$said"; return 1; }
}

prints() { run "$1" "$2" > "$work/out" 2>&1 && grep -q -- "$3" "$work/out" || { cat "$work/out"; return 1; }; }
listed() { dmikey-registry -s "$work/state" list | grep -qx -- "$1"; }

ktap_plan 16
ktap_run "dmikey.conf: a gateway" conf gateway
ktap_run "dmikey.conf: one with a registry" conf gateway registry
ktap_run "dmikey.conf: a server" conf server
ktap_run "dmikey.conf: and another rule" conf server pump
ktap_run "dmikey.conf: a host by pre-shared key" conf host
ktap_run "dmikey.conf: one by certificates" conf host-certificates

ktap_run "dmikey-registry: a ward" run dmikey-registry.8 ward
example dmikey-registry.8 csv && cp "$work/block" "$work/board/sensors.csv"
ktap_run "dmikey-registry: an import" run dmikey-registry.8 import
ktap_run "dmikey-registry: one is stolen" run dmikey-registry.8 stolen
ktap_run "dmikey-registry: a backup" run dmikey-registry.8 backup
ktap_run "which has three sensors, and who was stolen" sh -c \
	"[ \$(wc -l < '$work/board/registry.csv') = 4 ] && grep -q monitor2 '$work/board/denied.csv'"
ktap_run "dmikey-registry: it is found" run dmikey-registry.8 found

{
	example dmikey-sensor.8 conf && cat "$work/block"
	echo 'address = "2001:db8:7:1::70" timestamp = "counter"'
} > "$work/board/sensor1.conf"
ktap_run "dmikey-provision: keys" prints dmikey-provision.8 make 'key sector: keys are good'
ktap_run "dmikey-provision: a file as the board" prints dmikey-provision.8 image 'keys are good'
ktap_run "dmikey-provision: a master key" prints dmikey-provision.8 master ',2,'
ktap_run "dmikey-provision: the counter goes on" prints dmikey-provision.8 counter '5120'
rm -rf "$work"
ktap_end
