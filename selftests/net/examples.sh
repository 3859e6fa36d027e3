#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=512 timeout=120 kernels=6.1 bin="jq" files="Documentation/man scripts/demo-pki.sh"
# Examples of the manual pages that need the module, as they stand there: dmikey(7)'s
# ward on one machine, and others in it. Certificates are there already.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/man.sh"

MAN=/dmikey/Documentation/man
work=$(mktemp -d)
PKI=/dmikey/pki

# example PAGE NAME: here, for dmikey(7)'s is one shell
example()
{
	man_example "$MAN/$1" "$2" > "$work/block" || return
	sed -i "s#/run/dmikey/status.json#gw1/status.json#" "$work/block"
	. "$work/block"
}

prints() { example "$1" "$2" > "$work/out" 2>&1 && grep -q -- "$3" "$work/out" || { cat "$work/out"; return 1; }; }
listens() { ktap_wait 30 sh -c "ip netns exec $1 ss -Huln | grep -q :2269"; }

ktap_plan 17
modprobe -a bridge veth xfrm_user tun
echo 'udp 17 UDP' > /etc/protocols
mkdir -p "$work/scripts"
cp -R "$PKI" "$work/pki"
cp /dmikey/scripts/demo-pki.sh "$work/scripts/"
cd "$work" || exit 1

ktap_run "dmikey(7): hosts" example dmikey.7 hosts
ktap_run "agents" example dmikey.7 agents
for h in gw1 gw2 r1; do ktap_run "$h listens" listens $h; done
ktap_run "a sensor" prints dmikey.7 sensor 'reading sent'
ktap_run "a look" prints dmikey.7 look 'gw2.example=right'
ktap_equal "the readings" "$(wc -l < readings)" 3

man_example "$MAN/dmikeyd.8" check | sed 's#$# -c gw1/dmikey.conf#' > check
ktap_run "dmikeyd(8): check" sh -e check
ktap_wait 70 test -s gw1/status.json
ktap_run "nobody is invalid" example dmikeyd.8 invalid
ktap_equal "nobody is unchecked" "$(example dmikeyd.8 unchecked)" ""

# dmikey-sensor(8)'s have another name for the file, and run on the sensor
sed 's#pki/psk/##' s1.conf > sensor1.conf
cp pki/psk/sensor1.gw? .
dmikey-sensor() { ip netns exec s1 dmikey-sensor "$@"; }
ktap_run "dmikey-sensor(8): once" example dmikey-sensor.8 once
ktap_run "right shares" prints dmikey-sensor.8 json gw2
ktap_run "a dump" prints dmikey-sensor.8 dump 'I_TP'
ktap_run "with its MAC" grep -q 'KEMAC: right' out

ktap_run "dmikey-slip(8): a pseudo terminal" prints dmikey-slip.8 pty 'packets'
ktap_run "and away" example dmikey.7 away
rm -rf "$work"
ktap_end
