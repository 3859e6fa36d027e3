#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=1024 timeout=300 long=40000 long_on=uml bin="jq" kernels="6.1"
# Third parties of one mind that lie to a real responder: as long as k right shares
# come, every sensor has its session, the key is the right one and each lie that comes
# in time is counted. The long form has every n from 3 to 16, every k and every number
# of liars.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

PREFIX=fd00:5::/64
EACH=7	# sensors of each kind of session: one for every trick
OUT=$WORK/out

# load N K LIARS OPTIONS..: the third parties are gw1 to gwN
load()
{
	load__args="-n $1 -k $2 --liars $3"
	load__n=$1
	shift 3
	for n in $(seq "$load__n"); do
		set -- "$@" --third-party "uri:dmikey:gw$n.example,$PKI/gw$n.der,$PKI/gw$n.key.der"
	done
	# shellcheck disable=SC2086
	in_ns s1 dmikey-load r --responder uri:dmikey:r1.example --to "$(addr r1)" \
		--prefix $PREFIX --responder-cert "$PKI/r1.der" --sensors $EACH \
		--first $first $load__args --timeout 120 -j "$@" > "$OUT" 2>&1
}
result() { tail -n 1 "$OUT" | jq -c "$1" 2>&1; }

# since: what R has counted since mark: sessions, sessions in use, wrong shares, and shares
# that came when the session was there already, which nobody looks at
counts()
{
	echo "$(counter r1 session-established) $(counter r1 session-confirmed)" \
		"$(counter r1 share-wrong) $(counter r1 share-late)"
}
since()
{
	# shellcheck disable=SC2046
	set -- $before $(counts)
	echo "$(($5 - $1)) $(($6 - $2)) $(($7 - $3)) $(($8 - $4))"
}
mark() { before=$(counts); first=$((${first:-1} + EACH)); }

# agrees LIES: each has its session and its key, and no lie has been believed
agrees()
{
	# shellcheck disable=SC2046
	set -- "$1" $(since)
	wrong=$4
	[ "$2 $3" = "$EACH $EACH" ] && [ "$4" -le "$1" ] && [ $(($4 + $5)) -ge "$1" ]
}

sessions=0 lies=0 named=0 blamed=0
# sessions_of N K LIARS
sessions_of()
{
	mark
	load "$@"
	status=$?
	sessions=$((sessions + $(result .establish.done)))
	lies=$((lies + $(result .lies)))
	blamed=$((blamed + $(result .blamed_shares)))
	if [ $status -eq 0 ] && ktap_wait 10 agrees "$(result .lies)"; then
		named=$((named + wrong))
		return
	fi
	echo "n = $1, k = $2, $3 liars: status $status, R counts $(since): $(tail -n 1 "$OUT")"
	return 1
}

# all_of N: every k, every number of liars that leaves k right shares
all_of()
{
	for k in $(seq 2 "$1"); do
		for liars in $(seq 1 $((k - 1))); do
			[ $(($1 - liars)) -lt "$k" ] || sessions_of "$1" "$k" "$liars" || return
		done
	done
}

# none_of N K LIARS: there is no session, and no key
none_of()
{
	mark
	load "$@" --timeout 4
	[ "$(result .establish.done) $(since)" = "0 0 0 0 0" ] && return
	echo "n = $1, k = $2, $3 liars: R counts $(since): $(tail -n 1 "$OUT")"
	return 1
}

if [ -n "${LONG:-}" ]; then ns=$(seq 3 16); else ns="3 4 5"; fi
# shellcheck disable=SC2086
ktap_plan $(($(echo $ns | wc -w) + 4))
net_up 16 1
r_up 1 2> /dev/null
dmikeyctl -n r1 instance set rate 1000000
ip -n router -6 route add $PREFIX via "$(addr6 s1)"
ip -n s1 -6 route add local $PREFIX dev lo

for n in $ns; do
	ktap_run "n = $n: sessions with liars" all_of "$n"
done
ktap_run "n = 16, k = 8, 7 liars" sessions_of 16 8 7
ktap_run "n = 3, k = 3, 2 liars: none" none_of 3 3 2
ktap_equal "no honest one is blamed" "$blamed" 0
diag "$lies lies in $sessions sessions, $named of them in time and named"
# a crowded machine lets some come late
ktap_run "most lies are named" [ "$named" -gt $((lies / 2)) ]
ktap_end
