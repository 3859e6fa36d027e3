#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bash completion of dmikeyctl, driven as bash drives it, with a dmikeyctl on PATH
# whose kernel is made up.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
real=${O:-$top/build}/tools/dmikeyctl
library=/usr/share/bash-completion/bash_completion
[ -r "$library" ] || ktap_skip_all "no bash-completion here"
[ -x "$real" ] || ktap_skip_all "dmikeyctl is not built"

tmp=$(mktemp -d)
cat > "$tmp/dmikeyctl" <<EOC
#!/bin/sh
case "\$*" in
help)		exec "$real" help ;;
*"-j sensor")	printf '%s\n' '[{"id":"nai:sensor1@example","key":7},{"id":"nai:sensor2@example"},' \
			'{"id":"nai:\$(touch\${IFS}$tmp/pwned)@x"},{"id":"nai:odd\\\\x20\\\\x22\\"name"}]' ;;
*"-j thirdparty")	echo '[{"id":"uri:dmikey:gw1.example","sha256":"0011ff"}]' ;;
*"-j responder")	echo '[{"id":"uri:dmikey:r1.example","sha256":"aabb"}]' ;;
*"-j host")	echo '[{"id":"uri:dmikey:h2.example","own":"uri:dmikey:h1.example","key":9}]' ;;
*"-j local")	echo '[{"role":"thirdparty","id":"uri:dmikey:gw9.example"}]' ;;
"-n ward -j rule")	echo '[{"name":"ward-rule"}]' ;;
*"-j rule")	echo '[{"name":"ward","sensor":"nai:x"},{"name":"yard"}]' ;;
*"-j session")	echo '[{"sensor":"nai:sensor1@example","spi_in":4660,"spi_out":9}]' ;;
*)		echo "dmikeyctl: asked for \$*" >> "$tmp/asked"; exit 3 ;;
esac
EOC
printf '#!/bin/sh\necho "ward (id: 0)"; echo r1\n' > "$tmp/ip"
chmod +x "$tmp/dmikeyctl" "$tmp/ip"
PATH=$tmp:$PATH

# shellcheck disable=SC1090
. "$library"
. "$top/tools/dmikeyctl.bash-completion"

# offers LINE: what bash offers behind it, sorted, on one line; the part before
# the last colon is on the command line already
offers()
{
	COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_KEY=9 COMPREPLY=()
	# bash ends words at colons, too
	read -ra COMP_WORDS <<< "${1//:/ : }"
	[[ $1 != *[\ :] ]] || COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_dmikeyctl
	printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//'
}

# offered LINE WORDS
offered() { ktap_equal "$1" "$(offers "$1")" "$2"; }

ktap_plan 38
ktap_run "commands are those of help" \
	grep -q 'apply .*decode .*doctor .*metrics .*monitor .*show .*stats' <<< "$(offers 'dmikeyctl ')"
offered "dmikeyctl th" "thirdparty"
offered "dmikeyctl instance " "set show"
offered "dmikeyctl instance set sk" "skew"
offered "dmikeyctl -j rule " "add del show"
offered "dmikeyctl rule del " "ward yard"
offered "dmikeyctl -n ward rule del " "ward-rule"
offered "dmikeyctl rule add new s" "sensor"
offered "dmikeyctl rule add new sensor nai:s" "sensor1@example sensor2@example"
offered "dmikeyctl rule add new realm " ""
offered "dmikeyctl rule add new thirdparties " "uri:dmikey:gw1.example"
offered "dmikeyctl rule add new policies chacha" "chacha20-poly1305-256"
offered "dmikeyctl sensor del nai:sensor" "sensor1@example sensor2@example"
offered "dmikeyctl sensor add nai:x timestamp " "counter ntp"
offered "dmikeyctl session del spi " "0x00001234"
offered "dmikeyctl session del s" "spi"
offered "dmikeyctl thirdparty del uri:dmikey:" "gw1.example"
offered "dmikeyctl responder del sha256 " "aabb"
offered "dmikeyctl local add " "responder thirdparty"
offered "dmikeyctl -n " "r1 ward"
offered "dmikeyctl why uri:dmikey:r" "r1.example"
offered "dmikeyctl why uri:dmikey:h" "h2.example"
offered "dmikeyctl host " "add connect del disconnect show"
offered "dmikeyctl host connect " "uri:dmikey:h2.example"
offered "dmikeyctl host disconnect uri:dmikey:" "h2.example"
offered "dmikeyctl host disconnect uri:dmikey:h2.example " ""
offered "dmikeyctl host del " "uri:dmikey:h2.example"
offered "dmikeyctl host add uri:x " "address connect key own policies port reqid suites"
offered "dmikeyctl host add uri:x own " "uri:dmikey:gw9.example uri:dmikey:h1.example"
offered "dmikeyctl host add uri:x suites l" "legacy"
offered "dmikeyctl host add uri:x policies chacha" "chacha20-poly1305-256"
offered "dmikeyctl -S file rule del " "ward yard"
offered "dmikeyctl -" "--cert --check --key --port --psk -S -a -f -h -j -n -s"
touch "$tmp/gw1.pem"
offered "dmikeyctl -S $tmp/gw" "$tmp/gw1.pem"
offered "dmikeyctl thirdparty add certificate $tmp/gw" "$tmp/gw1.pem"
offered "dmikeyctl apply --che" "--check"
ktap_equal "a name comes as it has to be typed" \
	"$(eval "printf %s $(offers 'dmikeyctl sensor del nai:odd')")" 'odd\x20\x22"name'
offers 'dmikeyctl sensor del nai:' > /dev/null
ktap_run "a name that is a command is none" [ ! -e "$tmp/pwned" ]
rm -rf "$tmp"
ktap_end
