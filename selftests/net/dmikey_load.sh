#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 bin="jq" kernels="6.12"
# dmikey-load: what it says that it has done is what R has counted.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

PREFIX=fd00:5::/64
MANY=300
OUT=$WORK/out

# load MODE OPTIONS..: from the host that has all sensors' addresses
load()
{
	load__mode=$1
	shift
	in_ns s1 dmikey-load "$load__mode" --responder uri:dmikey:r1.example --to "$(addr r1)" \
		--prefix $PREFIX "$@"
}

# through gw1 to gw3
load_tp()
{
	for n in 1 2 3; do
		set -- "$@" --third-party "uri:dmikey:gw$n.example@$(addr "gw$n")"
	done
	load tp "$@"
}

# in place of gw4 to gw7, two of which take part in a session each
load_r()
{
	for n in 4 5 6 7; do
		set -- "$@" --third-party "uri:dmikey:gw$n.example,$PKI/gw$n.der,$PKI/gw$n.key.der"
	done
	load r --responder-cert "$PKI/r1.der" "$@"
}

# result FILTER: out of what the last run has said
result() { tail -n 1 "$OUT" | jq -c "$1" 2>&1; }
# passes NAME COMMAND..
passes()
{
	passes__name=$1
	shift
	"$@" > "$OUT" 2>&1
	passes__status=$?
	ktap_equal "$passes__name" $passes__status 0
	[ $passes__status -eq 0 ] || tail -n 5 "$OUT" | diag
}

register()
{
	serial=$(xxd -r -p "$WORK/master" | keyctl padd logon dmikey:master @u)
	for n in 1 2 3; do
		in_ns "gw$n" dmikey-load register --key "$serial" --sensors $MANY || return
	done
}

# of r1 since mark: sessions that began, came into use, were updated
counted()
{
	echo "$(($(counter r1 session-established) - established)) \
$(($(counter r1 session-confirmed) - confirmed)) $(($(counter r1 session-updated) - updated))"
}
mark()
{
	established=$(counter r1 session-established) confirmed=$(counter r1 session-confirmed)
	updated=$(counter r1 session-updated)
}
agrees() { [ "$(counted)" = "$1" ]; }
# has NAME COUNTS: once confirmations have been noticed
has() { ktap_wait 10 agrees "$2"; ktap_equal "$1" "$(counted)" "$2"; }
# a crowded machine asks for cookies
refusals()
{
	dmikeyctl -n r1 stats |
		awk '$1 != "-" && $2 !~ /^(repeated|cookie)$/ && $3 { print $1, $2, $3 }'
}

# what dmikey-load says next; and it may go on
next() { read -r line <&3; echo "$line"; }
go() { echo >&4; }

ktap_plan 38
net_up 3 1
{ for n in 1 2 3; do tp_up "$n"; done; r_up 1; } 2> /dev/null
for n in 4 5 6 7; do dmikeyctl -n r1 thirdparty add certificate "$PKI/gw$n.der" 2> /dev/null; done
for p in gw1 gw2 gw3 r1; do dmikeyctl -n $p instance set rate 1000000; done
ip -n router -6 route add $PREFIX via "$(addr6 s1)"
ip -n s1 -6 route add local $PREFIX dev lo
listen r1 "$WORK/readings"
umask 077
openssl rand -hex 32 > "$WORK/master"
openssl rand -hex 32 > "$WORK/other"

ktap_run "third parties learn $MANY sensors each" register
ktap_equal "as one of them says" "$(dmikeyctl -j -n gw2 sensor | jq 'length')" $((MANY + 1))

mark
passes "$MANY sensors through three third parties" \
	load_tp --master "$WORK/master" --sensors $MANY --updates 1 -j
ktap_equal "all were established and updated" "$(result '[.establish.done, .update.done, .readings]')" \
	"[$MANY,$MANY,$((2 * MANY))]"
has "and R agrees" "$MANY $MANY $MANY"
ktap_equal "no share was wrong" "$(result .wrong_shares)" 0
diag "$(tail -n 1 "$OUT")"

mark
signed=$(counter r1 rsa-decrypt)
passes "$MANY sensors to R alone" load_r --sensors $MANY --first 1001 --updates 2 -n 2 -j
ktap_equal "all were established and updated" "$(result '[.establish.done, .update.done, .readings]')" \
	"[$MANY,$((2 * MANY)),$((3 * MANY))]"
has "and R agrees" "$MANY $MANY $((2 * MANY))"
ktap_equal "four shares were signed" "$(($(counter r1 rsa-decrypt) - signed))" 4
diag "$(tail -n 1 "$OUT")"
ktap_equal "R has refused nothing" "$(refusals)" ""

mark
signed=$(counter r1 rsa-decrypt)
passes "without a cache" load_r --sensors 20 --first 2001 --no-cache --readings 0 -j
has "R has them, none in use" "20 0 0"
ktap_equal "every share is signed" $(($(counter r1 rsa-decrypt) - signed)) 60
dmikeyctl -n r1 instance set envelope-life 0
mark
passes "R caches nothing" load_r --sensors 20 --first 2101 -j
has "and has the sessions all the same" "20 20 0"
ktap_run "which it said" [ "$(result .received.unknown_envelope)" -gt 0 ]
dmikeyctl -n r1 instance set envelope-life 3600

# step by step, as a measurement does it
mark
mkfifo "$WORK/hears" "$WORK/says"
exec 3<> "$WORK/says" 4<> "$WORK/hears"
{
	load_r --sensors 50 --first 3001 -n 2 --updates 1 --prepare --pause -j < "$WORK/hears"
	echo "status $?"
} > "$WORK/says" 2>&1 &
ktap_equal "the first two sessions give four third parties their keys" "$(next)" "prepared 48"
ktap_equal "and nothing more is sent" "$(counted)" "2 0 0"
go
ktap_equal "answers are there" "$(next)" "answered 48"
has "R has the sessions, none in use" "50 0 0"
go
ktap_equal "the answers are right" "$(next)" "established 50"
go
ktap_equal "readings" "$(next)" "sent 50"
has "R sees them" "50 50 0"
go
for word in prepared answered updated sent; do
	ktap_equal "updates: $word" "$(next)" "$word 50"
	go
done
ktap_equal "the result comes last" "$(next | jq -c '[.establish.done, .update.done]')" "[50,50]"
ktap_equal "and all is well" "$(next)" "status 0"
has "R sees them" "50 50 50"
exec 3>&- 4>&-

# what must fail
passes_not() { ! "$@"; }
ktap_run "without a line to go on, it ends" passes_not load_r --sensors 4 --first 3101 --pause \
	< /dev/null
dmikeyctl -n gw3 instance set port 0
mark
passes "a third party is dead" load_tp --master "$WORK/master" --sensors 20 -j
has "R has the sessions" "20 20 0"
ktap_equal "its shares are missed" "$(result .absent_shares)" 20
mark
load_tp --master "$WORK/other" --sensors 20 --timeout 4 -j > "$OUT" 2>&1
ktap_equal "a wrong master key is a failure" "$? $(result '[.establish.done, .failed]')" \
	'1 [0,{"timeout":20}]'
ktap_equal "of which R knows nothing" "$(counted)" "0 0 0"
ktap_run "and gw1 knows why" [ "$(counter gw1 mac thirdparty)" -ge 20 ]
ktap_end
