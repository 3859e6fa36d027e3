#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dmikeyctl without the module: what it says to wrong words, and its exit codes.
#
#	O=<build directory> ctl_test.sh
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$top/selftests/lib/ktap.sh"

ctl=${O:-$top/build}/tools/dmikeyctl
[ -x "$ctl" ] || ktap_skip_all "no $ctl: make -C tools O=<build directory>"
[ ! -d /sys/module/dmikey ] || ktap_skip_all "the module is loaded here"

tmp=$(mktemp -d)

# expect STATUS TEXT ARGS...	exit status, and TEXT on standard error
expect()
{
	status=$1 wanted=$2
	shift 2
	"$ctl" "$@" > "$tmp/out" 2> "$tmp/err"
	got=$?
	name=$(printf '%.90s' "${*:-nothing}" | sed "s|$tmp/||g; y|\\\\|/|")
	if [ "$got" -ne "$status" ]; then
		ktap_fail "$name" "exit status $got, not $status; $(cat "$tmp/err")"
	elif [ -n "$wanted" ] && ! grep -qF -- "$wanted" "$tmp/err"; then
		ktap_fail "$name" "says: $(cat "$tmp/err")"
	elif [ -s "$tmp/out" ]; then
		ktap_fail "$name" "an error on standard output: $(cat "$tmp/out")"
	else
		ktap_pass "$name"
	fi
}

usage() { expect 2 "$@"; }
absent() { expect 3 "cure: modprobe dmikey" "$@"; }

long=$(printf '%0256d' 0)
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/key" -subj /CN=x -days 1 \
	-addext "subjectAltName=URI:dmikey:r1.example,DNS:r1.example" \
	-out "$tmp/r1.pem" 2> /dev/null
openssl x509 -in "$tmp/r1.pem" -outform DER -out "$tmp/r1.der"
openssl req -x509 -key "$tmp/key" -subj /CN=x -days 1 -out "$tmp/no-name.pem" \
	-addext "subjectAltName=DNS:r1.example" 2> /dev/null
openssl req -x509 -key "$tmp/key" -subj /CN=x -days 1 -out "$tmp/two.pem" \
	-addext "subjectAltName=URI:dmikey:r1.example,email:r1@example" 2> /dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tmp/ec" \
	-subj /CN=x -days 1 -addext "subjectAltName=URI:dmikey:r1.example" \
	-out "$tmp/ec.pem" 2> /dev/null
echo nonsense > "$tmp/nonsense"

ktap_plan 115

# the frame
usage "there is no command \"frobnicate\"" frobnicate
usage "there is no \"frobnicate\" here" sensor frobnicate
usage "usage: dmikeyctl" -z
usage "usage: dmikeyctl" -n
expect 1 "network namespace no-such: No such file or directory" -n no-such show
usage "dmikeyctl show: \"x\" is too much here" show x
usage "\"x\" is too much here" sensor show x
usage "\"x\" is too much here" why nai:s@example x
usage "is no identity" why "nai:s @example"
usage "\"x\" is too much here" stats x
usage "\"x\" is too much here" monitor x
ktap_equal "help goes to standard output" "$("$ctl" help | head -n 1)" \
	"usage: dmikeyctl [-a] [-j] [-n NETNS] [-s] [-S FILE] [COMMAND]"
ktap_run "help's exit status" "$ctl" help
ktap_run "help says that nothing is validated" sh -c "'$ctl' help | grep -q 'NOT VALIDATED'"
"$ctl" help > /dev/full 2> "$tmp/err"
ktap_equal "a full disk is an error" "$?" 1

# without the module
absent
absent show
absent -j show
absent instance
absent local
absent sensor
absent thirdparty show
absent responder -j
absent rule
absent session
absent stats -a

# keywords
usage "the sensor's identity is missing" sensor add
usage "\"key\" is missing" sensor add nai:s@example
usage "key is missing" sensor add nai:s@example key
usage "\"key\" stands here twice" sensor add nai:s@example key 1 key 2
usage "\"colour\" is not known here" sensor add nai:s@example key 1 colour red
absent sensor add nai:s@example counter 7 suites cm,ccm timestamp counter generation 1 key 5
usage "the sensor's identity is missing" sensor del
usage "\"now\" is not known here" sensor del nai:s@example now

# identities
usage "\"s@example\" is no identity" sensor del s@example
usage "is no identity" sensor del nai:
usage "is no identity" sensor del NAI:s@example
usage "is no identity" sensor del "nai:s @example"
usage "is no identity" sensor del "nai:a,b"
usage "is no identity" sensor del 'nai:\x0'
usage "is no identity" sensor del 'nai:\n'
usage "is no identity" sensor del "nai:$long"
absent sensor del "nai:${long%0}"
absent sensor del 'nai:\x00\x2c\x5c\xff'

# numbers
usage "key: \"0\" is not a number from 1 to 2147483647" sensor add nai:s key 0
usage "is not a number" sensor add nai:s key 2147483648
usage "is not a number" sensor add nai:s key 1x
usage "is not a number" sensor add nai:s key ""
usage "is not a number" sensor add nai:s key " 1"
usage "is not a number" sensor add nai:s key +1
usage "counter: \"4294967296\"" sensor add nai:s key 1 counter 4294967296
usage "counter: \"99999999999999999999999\"" sensor add nai:s key 1 counter 99999999999999999999999
usage "port: \"65536\" is not a number from 0 to 65535" instance set port 65536
usage "what shall be set?" instance set
absent instance set port 0 skew 300 queue 4096 rate 100 highest-t 0xffffffffffffffff envelope-life 60
usage "\"hot\" is neither ntp nor counter" sensor add nai:s key 1 timestamp hot
usage "\"des\" is not ccm, cm or ccm,cm" sensor add nai:s key 1 suites des

# certificates
usage "\"certificate\" is missing" thirdparty add
expect 1 "No such file or directory" thirdparty add certificate "$tmp/absent"
expect 1 "neither PEM nor DER" thirdparty add certificate "$tmp/nonsense"
expect 1 "0 subject alternative names" thirdparty add certificate "$tmp/no-name.pem"
expect 1 "2 subject alternative names" thirdparty add certificate "$tmp/two.pem"
expect 1 "its key is not RSA" thirdparty add certificate "$tmp/ec.pem"
expect 3 "NOT validated" thirdparty add certificate "$tmp/r1.pem"
expect 3 "NOT validated" thirdparty add certificate "$tmp/r1.der"
expect 1 "the certificate is for uri:dmikey:r1.example, not for uri:dmikey:r2.example" \
	responder add uri:dmikey:r2.example certificate "$tmp/r1.pem" address ::1
expect 3 "NOT validated" \
	responder add uri:dmikey:r1.example certificate "$tmp/r1.pem" address ::1 port 2269 by-hash
usage "\"address\" is missing" responder add uri:dmikey:r1.example certificate "$tmp/r1.pem"
usage "\"here\" is no IPv4 or IPv6 address" responder add uri:x address here
usage "\"host\" is neither thirdparty nor responder" local add host
usage "\"key\" is missing" local add responder certificate "$tmp/r1.pem"
usage "is not 64 hexadecimal digits" thirdparty del sha256 12
absent thirdparty del uri:dmikey:gw1.example

# rules and sessions
usage "the rule's name is missing" rule add
usage "one \"sensor\" or one \"realm\"" rule add r min-k 2
usage "one \"sensor\" or one \"realm\"" rule add r min-k 2 realm example sensor nai:s
usage "name: \"$(printf '%064d' 0)\" is empty or longer than 63" rule del "$(printf '%064d' 0)"
usage "thirdparties: \"gw2\" is no identity" rule add r realm e min-k 2 thirdparties uri:gw1,gw2
usage "too much for one request" rule add r realm e min-k 2 \
	thirdparties "$(yes "uri:${long%0}" | head -n 300 | paste -sd,)"
usage "addresses: \"33\" is not a number from 0 to 32" rule add r realm e min-k 2 addresses 192.0.2.0/33
usage "is no ESP policy" rule add r realm e min-k 2 policies aes-ccm-8-128/life=0
usage "is no ESP policy" rule add r realm e min-k 2 policies aes-ccm-8
usage "is no ESP policy" rule add r realm e min-k 2 policies aes-ccm-8-64
usage "is no ESP policy" rule add r realm e min-k 2 policies chacha20-poly1305-128
usage "is no ESP policy" rule add r realm e min-k 2 policies aes-ccm-8-128/fast
usage "is no ESP policy" rule add r realm e min-k 2 policies aes-ccm-8-128,
absent rule add r realm e min-k 2 policies chacha20-poly1305-256,aes-cbc-192
absent rule add r realm e min-k 2 allow-k1 addresses 192.0.2.0/24,2001:db8::/32,::1 \
	policies aes-ccm-8-128,aes-gcm-16-256/tunnel/esn/life=3600/packets=1000/window=32 reqid 7
usage "spi: \"255\" is not a number from 256 to 4294967295" session del spi 255
absent session del spi 0xc0ffee12

# apply reads all lines before it asks for the module
file() { printf '%s\n' "$@" > "$tmp/conf"; }
usage "apply: -f FILE is missing" apply
usage "-f and --check are apply's alone" stats --check
expect 1 "no-such: No such file or directory" apply -f "$tmp/no-such"
file '# nothing' '' 'rule add r realm e min-k 2 # it is good' 'sensor add nai:s key x'
usage "/conf:4: sensor add: key: \"x\" is not a number" apply -f "$tmp/conf"
file 'rule add r realm e min-k 2' 'rule add r realm f min-k 2'
usage "/conf:2: rule add: line 1 is about the same one" apply -f "$tmp/conf"
file 'stats'
usage "/conf:1: a line is instance set, or add of" apply -f "$tmp/conf"
file 'rule del r'
usage "/conf:1: a line is instance set, or add of" apply -f "$tmp/conf"
file 'instance set skew 10'
usage "/conf:1: instance set: the port has to be named" apply -f "$tmp/conf"
file "$(printf '%09000d' 0)"
usage "/conf:1: the line is too long" apply -f "$tmp/conf"
usage "apply: /dev/null: there is no line in it" apply -f /dev/null
usage "apply: -: there is no line in it" apply -f - < /dev/null
file '# nothing' ''
usage "there is no line in it" apply --check -f "$tmp/conf"
file 'instance set port 1' "local add responder certificate $tmp/r1.pem key 7" 'rule add r realm e min-k 2'
absent apply -f "$tmp/conf"
absent apply --check -f "$tmp/conf"

# what works without the module
ktap_run "monitor waits for the module" sh -c "
	timeout 1 '$ctl' -j monitor | grep -q '\"event\":\"module-gone\"'"
# a question by name, "dmikey", would load it
if command -v strace > /dev/null; then
	timeout 1 strace -f -xx -e trace=sendto,sendmsg -o "$tmp/sent" "$ctl" monitor > /dev/null
	ktap_run "it asks for families" grep -q nlctrl "$tmp/sent"
	ktap_run_fails "and not for ours" grep -q '\\x64\\x6d\\x69\\x6b\\x65\\x79' "$tmp/sent"
else
	ktap_skip "it asks for families" "no strace here"
	ktap_skip "and not for ours" "no strace here"
fi
ktap_run "doctor finds a fault" sh -c "'$ctl' doctor > '$tmp/doctor'; [ \$? -eq 1 ] &&
	grep -q '^FAULT  *module ' '$tmp/doctor'"
ktap_run "and what it could not look at" grep -q \
	'^not checked  *algorithms  *nobody told us of rules' "$tmp/doctor"
ktap_run_fails "of which it does not speak otherwise" grep -q 'for dmikey and its rules' "$tmp/doctor"
ktap_run "metrics say that it is down" sh -c "'$ctl' metrics | grep -q '^dmikey_up 0\$'"

# coloured VARIABLE=VALUE..	on a terminal
coloured() { env -u NO_COLOR "$@" script -qec "$ctl doctor" /dev/null | grep -q "$(printf '\033')"; }
ktap_run "colours on a terminal" coloured TERM=xterm
ktap_run_fails "none if NO_COLOR is set" coloured TERM=xterm NO_COLOR=1
ktap_run_fails "none on a dumb terminal" coloured TERM=dumb
ktap_run_fails "none elsewhere" grep -q "$(printf '\033')" "$tmp/doctor"

rm -r "$tmp"
ktap_end
