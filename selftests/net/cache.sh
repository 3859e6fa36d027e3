#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=1024 timeout=600 kernels="7"
# Cached envelope keys: RSA is paid once a third party, and again only when a
# key has expired, has lost its certificate, or the other side has lost it; and
# no share is lost for it.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

COLD=5		# seconds until a third party gives a key up whose R_TP is missing

# sessions N: one after another, each with a reading
sessions()
{
	in_ns s1 dmikey-sensor -c "$conf" --sessions "$1" --readings 1 --interval 10 \
		--timeout 60 > "$WORK/out" 2>&1 || { diag < "$WORK/out"; return 1; }
	# the last share of the last session may come late
	ktap_wait 10 settled
}

settled()
{
	for settled__p in gw1 gw2 gw3; do
		[ "$(counter $settled__p share-forwarded)" -le \
			$(($(counter $settled__p share-acknowledged) + \
			   $(counter $settled__p envelope-miss) + ${UNANSWERED:-0})) ] || return
	done
}

# mark, and since: what r1 and the third parties have counted from there on
now()
{
	echo "$(counter r1 rsa-decrypt) $(counter r1 envelope-hit) \
$(counter r1 envelope-miss) $(counter r1 share-accepted)"
}
mark() { set -- $(now); decrypt=$1 hit=$2 miss=$3 accepted=$4; }
since()
{
	set -- $(now)
	echo "$(($1 - decrypt)) decrypted, $(($2 - hit)) hit, $(($3 - miss)) missed, \
$(($4 - accepted)) accepted"
}

# costs NAME SESSIONS DECRYPTED HIT MISSED: no share of three is lost
costs()
{
	mark
	if sessions "$2"; then
		ktap_equal "$1" "$(since)" \
			"$3 decrypted, $4 hit, $5 missed, $((3 * $2)) accepted"
	else
		ktap_fail "$1" "$(since)"
	fi
}

uptime_ms() { awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime; }
everywhere() { for p in gw1 gw2 gw3 r1; do dmikeyctl -n "$p" instance set "$@"; done; }

r_restart()
{
	ip netns del r1
	ip -n router link del r1 2> /dev/null
	net_party r1
	r_up 1 2> /dev/null
}

ktap_plan 20
net_up 3 1
{ for n in 1 2 3; do tp_up "$n"; done; r_up 1; } 2> /dev/null
listen r1 "$WORK/readings"
conf=$WORK/three.conf
mv "$(sensor_conf 1 3 2)" "$conf"
mv "$(sensor_conf 1 2 2)" "$WORK/two.conf"

costs "ten sessions cost one decryption a third party" 10 3 27 0
ktap_equal "and one signature each" \
	"$(counter gw1 rsa-sign) $(counter gw2 rsa-sign) $(counter gw3 rsa-sign)" "1 1 1"
ktap_wait 5 sh -c "[ \$(wc -l < $WORK/readings) -ge 10 ]"
ktap_equal "each had its reading" "$(wc -l < "$WORK/readings")" 10

# time
everywhere envelope-life 2
sleep 3
costs "keys expire" 1 3 0 0
everywhere envelope-life 3600
dmikeyctl -n r1 instance set envelope-life 0
costs "R alone caches none: each share goes once more, signed" 1 3 0 3
everywhere envelope-life 0
costs "caching is off" 2 6 0 0
# a signature counts as 64 messages: one at once, and one in two seconds
dmikeyctl -n gw1 instance set rate 32
began=$(uptime_ms) signed=$(counter gw1 rsa-sign)
ktap_run "ten sessions, while a third party may sign little" sessions 10
signed=$(($(counter gw1 rsa-sign) - signed)) most=$((2 + ($(uptime_ms) - began) / 2000))
ktap_run "it has signed $signed times, at most $most" [ $signed -le $most ]
dmikeyctl -n gw1 instance set rate 1000
everywhere envelope-life 3600
costs "and on again" 2 3 3 0

# certificates
dmikeyctl -n r1 thirdparty del uri:dmikey:gw1.example
mark
ktap_run "a session without the revoked third party" \
	in_ns s1 dmikey-sensor -c "$conf" --readings 1 --timeout 60
sleep 1
ktap_equal "whose cached share is refused" "$(since)" "0 decrypted, 2 hit, 1 missed, 2 accepted"
dmikeyctl -n r1 thirdparty add certificate "$PKI/gw1.der" 2> /dev/null
sleep $COLD
# the refused share is never answered
UNANSWERED=1
costs "certified again, it needs a new key" 2 1 5 1
dmikeyctl -n gw1 local add thirdparty certificate "$PKI/gw1.der" \
	key "$(key_private "$PKI/gw1.key.der")" 2> /dev/null
costs "a third party that takes its role anew, too" 2 1 5 0
dmikeyctl -n r1 local add responder certificate "$PKI/r1.der" \
	key "$(key_private "$PKI/r1.key.der")" 2> /dev/null
costs "and all, when R does" 2 3 3 3

# restarts
r_restart
costs "R has restarted: no share is lost" 2 3 3 3
ip netns del gw2
ip -n router link del gw2 2> /dev/null
net_party gw2
tp_up 2 2> /dev/null
costs "a third party has restarted" 2 1 5 0

# R_TP is lost: R has the key, and the third party must not use it
dmikeyctl -n gw1 local add thirdparty certificate "$PKI/gw1.der" \
	key "$(key_private "$PKI/gw1.key.der")" 2> /dev/null
ip -n r1 route add blackhole "$(addr gw1)"
used=$(counter gw1 envelope-hit)
for i in 1 2; do
	in_ns s1 dmikey-sensor -c "$conf" --readings 1 --timeout 60 > "$WORK/out" 2>&1 ||
		diag < "$WORK/out"
	sleep $COLD
done
ktap_equal "a key without R_TP is not used" "$(counter gw1 envelope-hit)" "$used"
ip -n r1 route del blackhole "$(addr gw1)"
UNANSWERED=3
costs "R_TP comes again, and its key is used" 2 1 5 0
shared=$(date +%s)

# step SECONDS: the clock is set back to so long before the last share, by which a
# sensor without memory stands
step()
{
	sign=$(counter gw1 rsa-sign)
	back=$(($1 + $(date +%s) - shared))
	date -s "@$(($(date +%s) - back))" > /dev/null
	rm -f "$WORK"/s1.state*
	sessions 1
	date -s "@$(($(date +%s) + back))" > /dev/null
	echo "$(($(counter gw1 rsa-sign) - sign)) signed"
}

for p in gw1 gw2 gw3; do dmikeyctl -n $p instance set skew 30; done
ktap_equal "a key outlives a small step back of the clock" "$(step 2)" "0 signed"
ktap_equal "but none by more than the skew" "$(step 60)" "1 signed"
everywhere skew 300

ktap_end
