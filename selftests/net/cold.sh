#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=300 kernels="6.1"
# Many sensors at once after a cold start, and after R has lost the keys in use:
# they wait for one RSA exchange a third party, not for one each.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

MANY=100	# when all is cold
AGAIN=60	# when R has restarted
PREFIX=fd00:5::/64

enrol()
{
	(umask 077; openssl rand -hex 32 > "$WORK/master")
	serial=$(xxd -r -p "$WORK/master" | keyctl padd logon dmikey:master @u)
	for p in gw1 gw2; do
		in_ns $p dmikey-load register --key "$serial" --sensors $MANY || return
	done
}

# sensors' addresses are s1's
route()
{
	ip -n router -6 route add $PREFIX via "$(addr6 s1)"
	ip -n s1 -6 route add local $PREFIX dev lo
}

# at_once N: sensors, all of them, in the background
at_once()
{
	in_ns s1 dmikey-load tp --responder uri:dmikey:r1.example --to "$(addr r1)" \
		--master "$WORK/master" --prefix $PREFIX --sensors "$1" --window "$1" -n 2 \
		--third-party "uri:dmikey:gw1.example@$(addr gw1)" \
		--third-party "uri:dmikey:gw2.example@$(addr gw2)" > "$WORK/out" 2>&1 &
	load=$!
}

# ended NAME: all of them have a session
ended()
{
	ended__status=0
	wait $load || ended__status=$?
	ktap_equal "$1" $ended__status 0
	diag < "$WORK/out"
}

signed() { echo "$(($(counter gw1 rsa-sign) - signed1)) $(($(counter gw2 rsa-sign) - signed2))"; }
# but for what a queue that is full, a repetition and a lost key bring with them
refusals()
{
	dmikeyctl -n r1 stats |
		awk '$1 == "responder" && $2 !~ /^(cookie|repeated|unknown-envid)$/'
}

ktap_plan 14
net_up 2 1
{ tp_up 1; tp_up 2; r_up 1; } 2> /dev/null
signed1=0 signed2=0
route
ktap_run "two third parties learn $MANY sensors" enrol

# R hears nothing yet: what comes until a message 3 is repeated finds no key
dmikeyctl -n r1 instance set port 0
at_once $MANY
sleep 1
dmikeyctl -n r1 instance set port 2269
ended "$MANY sensors at once have a session"
ktap_equal "R has accepted all shares" "$(counter r1 share-accepted)" $((2 * MANY))
ktap_equal "R decrypts once a third party" "$(counter r1 rsa-decrypt)" 2
ktap_equal "and finds the key for all others" \
	"$(counter r1 envelope-hit) $(counter r1 envelope-miss)" "$((2 * MANY - 2)) 0"
ktap_equal "a third party signs once" "$(signed)" "1 1"
ktap_run "while others were parked" [ "$(counter gw1 share-parked)" -ge 10 ]
ktap_equal "nothing else was refused" "$(refusals)" ""

# the third parties use a key that R has lost: all who come now are on their way
# under it
ip netns del r1
ip -n router link del r1 2> /dev/null
net_party r1
r_up 1 2> /dev/null
signed1=$(counter gw1 rsa-sign) signed2=$(counter gw2 rsa-sign)
at_once $AGAIN
ended "R has started anew: $AGAIN sensors at once have a session"
ktap_equal "R has accepted all shares" "$(counter r1 share-accepted)" $((2 * AGAIN))
diag "missed $(counter r1 envelope-miss), decrypted $(counter r1 rsa-decrypt), signed $(signed)"
ktap_run "it did not know the key" [ "$(counter r1 envelope-miss)" -ge 2 ]
ktap_run "R decrypts at most twice a third party" [ "$(counter r1 rsa-decrypt)" -le 4 ]
ktap_run "which signs at most twice" sh -c "set -- $(signed); [ \$1 -le 2 ] && [ \$2 -le 2 ]"
ktap_equal "nothing else was refused" "$(refusals)" ""
for p in gw1 r1; do dmikeyctl -n $p stats | diag; done
ktap_end
