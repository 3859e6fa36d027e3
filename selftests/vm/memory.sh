# SPDX-License-Identifier: GPL-2.0
# Looks for secrets in the VM's memory and in its board's, for board.sh, in whose
# directory it works. A search must not bring what it looks for: the VM is told no
# secret. PSKs are drawn here and go there as their complements; all other secrets
# are derived here, from what went over the wire, as `dmikeyctl decode` does. More
# verbs, for selftests/net/secrets.sh:
#
#	enrol BASE64		dmikey-sensor's configuration: gives each of its third
#				parties a new PSK, writes the board's flash; answers
#				with the PSKs' complements, in order
#	wire BASE64		a capture, gzipped: all that it yields is a secret from
#				now on; answers with their number
#	look guest|board TAG	dumps memory and looks; answers "LABEL=PLACES", for each
#				kind of secret one word. Each place is in TAG.places.

build=$(cd "$(dirname "$image")/../.." && pwd)
vm_dir=$top/selftests/vm
secrets=secrets

enrol()
{
	local conf=sensor.conf n

	base64 -d <<< "$1" | sed "s#psk-file = \".*/#psk-file = \"$PWD/psk/#" > $conf
	rm -rf psk key-sector && mkdir psk key-sector
	for n in $(sed -n 's#.*psk-file = ".*/\(.*\)"#\1#p' $conf); do
		openssl rand -hex 32 > "psk/$n"
		echo "PSK $(cat "psk/$n")" >> $secrets
		tr 0-9a-f fedcba9876543210 < "psk/$n"
	done | tr '\n' ' '
	"$build/tools/dmikey-provision" -b "$board" -c $conf -o key-sector --force > /dev/null &&
		"$build/tools/dmikey-provision" -b "$board" -o key-sector --flash --image flash.bin \
			> /dev/null && tail -c $keys_size flash.bin > keys.bin
}

wire()
{
	local psk=()

	for f in psk/*; do psk+=(--psk "$f"); done
	base64 -d <<< "$1" | gzip -d > wire.pcap
	"$build/tools/dmikeyctl" -j decode "${psk[@]}" --key "$build/selftests/pki/r1.key" wire.pcap |
		python3 -B "$vm_dir/secrets.py" "$build/selftests/pki/r1.key" >> $secrets
	sort -u -o $secrets $secrets
	wc -l < $secrets
}

look()
{
	local what=$1 tag=$2

	rm -f "$what.mem"
	case $what in
	guest)	"$vm_dir/monitor.py" monitor "dump-guest-memory $what.mem" ;;
	board)	"$vm_dir/monitor.py" board-monitor "pmemsave 0x20000000 $ram_size $what.mem" ;;
	esac >> board.log && [ -s "$what.mem" ] || return
	"$build/selftests/net/seek" $secrets "$what.mem" > "$tag.places" || return
	[ -n "${KEEP:-}" ] || rm "$what.mem"
	cut -d' ' -f1 $secrets | sort -u | while read -r label; do
		echo "$label=$(grep -c "^$label " "$tag.places")"
	done | tr '\n' ' '
}
