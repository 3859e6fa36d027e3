#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What packages.sh looks at inside the machine: at the first boot installation and
# upgrade, at the second one what came up by itself, removal and purge. Only the
# agent and the tools are new at the first boot: dmikey-dkms was installed, and
# its module built, before.
cd /root/test || exit 1
. ./ktap.sh

old=$(cat old) new=$(cat new)
conf=/etc/dmikey
module=/lib/modules/$(uname -r)/updates/dkms/dmikey.ko
status=/run/dmikey/status.json
packages="dmikey-agent dmikey-tools dmikey-dkms dmikey-firmware"
firmware=/usr/share/dmikey/firmware

install_version()
{
	dpkg -i "debs/dmikey-agent_$1_amd64.deb" "debs/dmikey-tools_$1_amd64.deb" $2
}

configure()
{
	cp dmikey.conf "$conf/"
	cp -R pki "$conf/"
	dmikey-registry add nai:sensor1@example psk pki/psk/sensor1.gw1
}

# state UNIT STATE
state() { [ "$(systemctl is-active "$1")" = "$2" ]; }

# json FILE QUESTION..: true?
json() { f=$1; shift; jq -e "$@" < "$f" > json.out || { cat "$f"; return 1; }; }

exposure()
{
	score=$(systemd-analyze security --no-pager "$@" | sed -n 's/.*exposure level[^:]*: \([0-9.]*\) .*/\1/p')
	echo "score $score"
	awk -v s="$score" 'BEGIN { exit !(s != "" && s <= 2.0) }'
}

# the session's keys, as the kernel names them
spis() { ip xfrm state list | sed -n 's/.*proto esp spi \([^ ]*\).*/\1/p' | sort; }
session() { spis > spis.now; [ "$(wc -l < spis.now)" -ge 2 ]; }

readings()
{
	n=$(wc -l < /run/readings)
	ktap_wait 20 sh -c "[ \$(wc -l < /run/readings) -gt $n ]"
}

established()
{
	if ktap_wait 90 test -s /run/readings && session; then
		ktap_pass "$1"
	else
		ktap_fail "$1" "no reading in ESP"
		dmikeyctl | diag
		dmikeyctl stats | grep -v ' 0$' | diag
		journalctl -b --no-pager -u dmikeyd -u dmikey-test-sensor | tail -n 30 | diag
	fi
}

gone()
{
	for f; do [ ! -e "$f" ] || { echo "$f is there"; ls -lR "$f"; return 1; }; done
}

kept() { for f; do [ -e "$f" ] || { echo "$f is gone"; return 1; }; done; }

# the firmware is where the tutorial takes it from
images()
{
	grep -oh "$firmware/[a-z0-9]*/dmikey.[a-z]*" \
		/usr/share/doc/dmikey-tools/Documentation/tutorial.md > named &&
		kept $(cat named)
}

# chip BOARD: its flash, with the packaged image at its beginning, and a sensor's log and
# keys where dmikey-provision(8) has them: neither covers another
chip()
{
	board=$1 image=$firmware/$1/dmikey.bin
	{ cat sensor1.conf; printf '%s\n' 'timestamp = "counter"' 'address = "fd00:7::70"'; } > board.conf
	dmikey-provision -c board.conf -b "$board" -o "$board" || return
	zcat /usr/share/man/man8/dmikey-provision.8.gz |
		sed -n "s/^$board  log.bin 0x08\(.*\)  keys.bin 0x08\(.*\)/\1 \2/p" > at
	read -r log keys < at || { echo "the page does not say where"; return 1; }
	put "$image" 0 && put "$board/log.bin" $((0x$log)) && put "$board/keys.bin" $((0x$keys)) &&
		cmp -n "$(stat -c %s "$image")" "$image" "$board/chip" &&
		{ get "$board/log.bin" $((0x$log)); get "$board/keys.bin" $((0x$keys)); } > sectors &&
		dmikey-provision --read-back -b "$board" -o "$board" --image=sectors
}

# put FILE OFFSET: into the chip; get: as many bytes out of it
put() { dd if="$1" of="$board/chip" oflag=seek_bytes seek="$2" conv=notrunc status=none; }
get()
{
	dd if="$board/chip" iflag=skip_bytes,count_bytes skip="$2" \
		count="$(stat -c %s "$1")" status=none
}

first_boot()
{
	ktap_run "the module that DKMS built loads" modprobe dmikey
	ktap_equal "it is signed with DKMS's key" "$(modinfo -F signer dmikey)" \
		"$(openssl x509 -inform der -in /var/lib/dkms/mok.pub -noout -subject -nameopt multiline |
			sed -n 's/.*commonName *= //p')"
	ktap_equal "of this machine" "$(modinfo -F sig_key dmikey | tr -d :)" \
		"$(openssl x509 -inform der -in /var/lib/dkms/mok.pub -noout -serial | cut -d= -f2)"

	ktap_run "agent and tools $old install" install_version "$old"
	ktap_equal "the agent waits for its configuration" \
		"$(systemctl is-enabled dmikeyd) $(systemctl is-active dmikeyd)" "enabled inactive"
	ktap_equal "/etc/dmikey is root's alone" "$(stat -c '%a %U' $conf)" "700 root"
	ktap_run "sensors are registered" configure
	ktap_run "the configuration is good" dmikeyd --check
	ktap_run "the agent starts" systemctl start dmikeyd
	ktap_run "its unit scores 2.0 or better" exposure dmikeyd.service
	ktap_run "also offline" exposure --offline=yes /lib/systemd/system/dmikeyd.service
	ktap_run "it has met the module and read the registry" \
		json $status '.module and .registry == "good"'
	ktap_equal "it has CAP_NET_ADMIN, no more" \
		"$(awk '/^Cap(Eff|Prm|Bnd):/ { print $2 }' "/proc/$(systemctl show -P MainPID dmikeyd)/status" | uniq)" \
		0000000000001000

	: > /run/readings
	systemctl enable -q --now dmikey-test-ward dmikey-test-reader dmikey-test-sensor
	established "a sensor of the registry has a session"
	spis > spis.before

	cp crl2.pem $conf/pki/crl.pem
	ktap_run "the agent reloads" systemctl reload dmikeyd
	ktap_run "and has read the new CRL" ktap_wait 20 json $status \
		'[.certificates[] | select(.name == "dmikey:r2.example" and (.valid | not))] | length == 1'

	sha256sum $conf/dmikey.conf > conf.sum
	pid=$(systemctl show -P MainPID dmikeyd)
	ktap_run "$new is installed over it" install_version "$new" \
		"debs/dmikey-dkms_${new}_all.deb debs/dmikey-firmware_${new}_all.deb"
	ktap_run "the agent is another process" \
		[ "$(systemctl show -P MainPID dmikeyd)" != "$pid" ]
	ktap_run "the configuration is as it was" sha256sum -c conf.sum
	ktap_run "so is the registry" sh -c "dmikey-registry list | grep sensor1@example"
	ktap_equal "the session is the same" "$(spis)" "$(cat spis.before)"
	ktap_run "its readings go on" readings
	ktap_equal "only the new module is left to DKMS" \
		"$(dkms status dmikey | sed 's/,.*:/:/')" "dmikey/$new: installed"
	rm -r /usr/share/dmikey-dkms	# prepare.sh put it there
	ktap_run "the firmware is where the tutorial takes it from" images
	for n in f405 f100; do ktap_run "$n: firmware, log and keys in one chip" chip $n; done
	touch second
	systemctl reboot
}

second_boot()
{
	ktap_run "the agent runs after a reboot" ktap_wait 60 state dmikeyd active
	established "the session has come up by itself"
	ktap_run "with the new module" cmp "$module" \
		"/var/lib/dkms/dmikey/$new/$(uname -r)/$(uname -m)/module/dmikey.ko"
	ktap_equal "no unit has failed" "$(systemctl --failed --plain --no-legend)" ""

	systemctl disable -q --now dmikey-test-sensor dmikey-test-reader
	ktap_run "the packages are removed" dpkg -r $packages
	ktap_run "program, firmware and module are gone" gone /usr/sbin/dmikeyd $firmware \
		/run/dmikey "$module" /sys/module/dmikey /var/lib/dkms/dmikey /usr/src/dmikey-*
	ktap_run "configuration, registry and COUNTERs are not" kept $conf/dmikey.conf \
		$conf/pki/gw1.key /var/lib/dmikey/registry.db /var/lib/dmikey/state.db
	ktap_run "the packages are purged" dpkg -P $packages
	find / -xdev \( -path /root -o -path /var/log -o -path /var/cache -o -path /tmp \
		-o -path /var/tmp \) -prune -o -print | grep -i dmikey | grep -v test > left
	ktap_equal "no file is left" "$(cat left)" ""
	ktap_equal "nor a user" "$(cat /etc/passwd /etc/group | sha256sum)" "$(cat users.sum)"
	rm second
	systemctl poweroff
}

if [ -e second ]; then second_boot; else first_boot; fi
