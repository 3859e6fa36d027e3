#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 files="scripts/demo-pki.sh" kernels="6.12"
# Cached envelope keys while certificates come and go between the shares of a
# session, while lives differ, and while somebody else says that R has lost a key:
# what rests on a certificate ends with it, and no more RSA than that costs.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/lose.sh"
. "$(dirname "$0")/../lib/pki.sh"
. "$(dirname "$0")/../lib/since.sh"

quietly() { "$@" 2> "$WORK/quietly" || { diag < "$WORK/quietly"; return 1; }; }

# sessions N: one after another, each with a reading
sessions()
{
	in_ns s1 dmikey-sensor -c "$conf" --sessions "$1" --readings 1 --interval 10 \
		--timeout 60 > "$WORK/out" 2>&1 || { diag < "$WORK/out"; return 1; }
}

accepted_since() { [ "$(counter r1 share-accepted)" -ge $((accepted + $1)) ]; }

# begin TP..: a session of which only these third parties hear for now
begin()
{
	for begin__p in gw1 gw2 gw3; do
		case " $* " in *" $begin__p "*) ;; *) lose "$begin__p" "$LOSE_I_TP" ;; esac
	done
	mark
	ip netns exec s1 dmikey-sensor -c "$conf" --readings 1 --timeout 60 \
		> "$WORK/out" 2>&1 &
	sensor=$!
	ktap_wait 10 accepted_since $#
}

# finish NAME TP..: these hear of it now; it ends with a reading
finish()
{
	finish__name=$1 finish__status=0
	shift
	# all hear of it at once: a repetition in between would be for the first alone
	kill -STOP $sensor
	for finish__p; do arrive "$finish__p"; done
	kill -CONT $sensor
	wait $sensor || finish__status=$?
	ktap_equal "$finish__name" $finish__status 0
	[ $finish__status -eq 0 ] || diag < "$WORK/out"
}

# identity TP|R NAME DIR: another certificate and key of a party, at itself
identity()
{
	quietly dmikeyctl -n "$2" local add "$1" certificate "$3/$2.der" \
		key "$(key_private "$3/$2.key.der")"
}
# trust_tp DIR NAME: at R; trust_r DIR: at the third parties
trust_tp() { quietly dmikeyctl -n r1 thirdparty add certificate "$1/$2.der"; }
trust_r()
{
	for trust__p in gw1 gw2 gw3; do
		quietly dmikeyctl -n $trust__p responder add uri:dmikey:r1.example \
			certificate "$1/r1.der" address "$(addr r1)"
	done
}

everywhere() { for p in gw1 gw2 gw3 r1; do dmikeyctl -n "$p" instance set "$@"; done; }
refused_gw1() { [ "$(counter r1 no-agent responder)" -ge 1 ]; }

ktap_plan 28
net_up 3 1
{ for n in 1 2 3; do tp_up "$n"; done; r_up 1; } 2> /dev/null
lose_up gw1 gw2 gw3
listen r1 "$WORK/readings"
conf=$(sensor_conf 1 3 2)
NEW=$WORK/new
ktap_run "new keys and certificates for gw1 and r1" pki_renew "$NEW" gw1 r1
for p in gw1 r1; do
	ktap_run_fails "$p has another key" cmp -s "$PKI/$p.key.der" "$NEW/$p.key.der"
done
mark
sessions 1
is "a first session" "3 decrypted, 0 hit, 0 missed, 3 accepted, 1 sessions"

# ---- a third party's certificate is revoked between two shares of a session
begin gw1
# R's agent has told it once more meanwhile: nothing ends with that
trust_tp "$PKI" gw1
dmikeyctl -n r1 thirdparty del uri:dmikey:gw1.example
arrive gw2
ktap_run "the next share arrives" ktap_wait 10 accepted_since 2
sleep 1
is "gw1 is revoked behind its share: that and another one make no session" \
	"0 decrypted, 2 hit, 0 missed, 2 accepted, 0 sessions"
finish "two others make one" gw3
is "under their cached keys" "0 decrypted, 3 hit, 0 missed, 3 accepted, 1 sessions"
mark
sessions 1
ktap_wait 8 refused_gw1
is "then gw1 is no third party any more" "0 decrypted, 2 hit, 1 missed, 2 accepted, 1 sessions"
ktap_run "for nobody vouches for its certificate" refused_gw1

# ---- gw1 comes back with another certificate and another key
trust_tp "$NEW" gw1
identity thirdparty gw1 "$NEW"
sleep 5		# the refused share gives its key up
mark
sessions 2
is "gw1 has a new key: one RSA exchange, and none for the others" \
	"1 decrypted, 5 hit, 0 missed, 6 accepted, 2 sessions"
# between two shares: both certificates are good, as long as R knows them
trust_tp "$PKI" gw1
begin gw2
identity thirdparty gw1 "$PKI"
finish "gw1 changes back between two shares" gw1 gw3
is "one more exchange, no share lost" "1 decrypted, 2 hit, 0 missed, 3 accepted, 1 sessions"

# ---- R's certificate and key are replaced
# What is on its way to the old one is opened still, and so are its cached keys.
begin gw1
identity responder r1 "$NEW"
finish "R has a new key between two shares: what is for the old one is opened" gw2 gw3
is "and no share is lost" "0 decrypted, 3 hit, 0 missed, 3 accepted, 1 sessions"
trust_r "$NEW"
mark
sessions 2
is "one exchange a third party" "3 decrypted, 3 hit, 0 missed, 6 accepted, 2 sessions"
begin gw1
trust_r "$PKI"
identity responder r1 "$PKI"
finish "third parties first, and then R: a session" gw2 gw3
is "for which the other two have new keys" \
	"2 decrypted, 1 hit, 0 missed, 3 accepted, 1 sessions"
mark
sessions 2
is "and then the first, too" "1 decrypted, 5 hit, 0 missed, 6 accepted, 2 sessions"

# ---- lives that differ
dmikeyctl -n r1 instance set envelope-life 2
sleep 3
mark
sessions 1
is "R's keys have expired, the third parties' not: no share is lost" \
	"3 decrypted, 0 hit, 3 missed, 3 accepted, 1 sessions"
everywhere envelope-life 3600
for p in gw1 gw2 gw3; do dmikeyctl -n $p instance set envelope-life 2; done
sleep 3
mark
sessions 1
is "the third parties' have, R's not" \
	"3 decrypted, 0 hit, 0 missed, 3 accepted, 1 sessions"
everywhere envelope-life 3600
dmikeyctl -n r1 instance set envelope-life 0
mark
sessions 4
ktap_wait 8 accepted_since 12
diag "$(since)"
ktap_equal "R keeps none, and no share is lost" "$(since | cut -d, -f2,4-)" \
	" 0 hit, 12 accepted, 4 sessions"
ktap_run "R decrypts once a share" [ $(($(counter r1 rsa-decrypt) - decrypted)) -eq 12 ]
everywhere envelope-life 3600
sessions 1

# ---- forged hints: R's answers are late, the hints are not
in_ns router tc qdisc add dev r1 root netem delay 150ms
in_ns router hinter gw1 > "$WORK/hints" &
hinter=$!
sleep 1
mark
sign=$(counter gw1 rsa-sign)
sessions 6
established_now=$(($(counter r1 session-established) - established))
sleep 2
diag "$(since), hints: $(grep -c hint "$WORK/hints")"
ktap_equal "someone says that R has lost gw1's key: six sessions all the same" \
	"$established_now" 6
ktap_run "there were hints" [ "$(grep -c hint "$WORK/hints")" -ge 5 ]
ktap_run "R decrypts once a share of gw1 at most" \
	[ $(($(counter r1 rsa-decrypt) - decrypted)) -le 6 ]
ktap_run "and gw1 signs once a share at most" [ $(($(counter gw1 rsa-sign) - sign)) -le 6 ]
ip netns pids router | xargs -r kill
wait $hinter
in_ns router tc qdisc del dev r1 root
sleep 5
mark
sessions 1
is "R has not lost the keys in use for it" \
	"0 decrypted, 3 hit, 0 missed, 3 accepted, 1 sessions"
ktap_end
