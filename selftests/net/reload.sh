#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=400 kernels="6.12"
# Cached envelope keys and R's agent: it reloads, is killed, starts again, and
# learns that a certificate is revoked.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/since.sh"

LOG=$TEST_LOGS/agent.log
DIR=$WORK/r1

agent_up()
{
	: > "$LOG"
	ip netns exec r1 dmikeyd -v -c "$DIR/dmikey.conf" -s "$DIR/state" 2>> "$LOG" &
	agent=$!
	ktap_wait 20 grep -q 'dmikey.conf: loaded' "$LOG" &&
		ktap_wait 20 sh -c "ip netns exec r1 ss -Huln | grep -q :2269"
}

reload()
{
	: > "$LOG"
	kill -HUP "$agent"
	ktap_wait 20 grep -q 'dmikey.conf: loaded' "$LOG"
}

session()
{
	mark
	in_ns s1 dmikey-sensor -c "$conf" --readings 1 --timeout 60 > "$WORK/out" 2>&1 ||
		diag < "$WORK/out"
}

ktap_plan 11
net_up 3 1
for n in 1 2 3; do tp_up "$n"; done 2> /dev/null
# stands in a CRL that R has not seen yet
dmikeyctl -n gw1 local add thirdparty certificate "$PKI/bad/gw-revoked.der" \
	key "$(key_private "$PKI/gw1.key.der")" 2> /dev/null
conf=$(sensor_conf 1 3 2)
mkdir -m 700 "$DIR"
cat > "$DIR/dmikey.conf" <<EOC
ca = {"$PKI/ca.pem"}
responder "dmikey:r1.example" { certificate = "$PKI/r1.pem" key = "$PKI/r1.key" }
rule "ward" { realm = "example" min-k = 2 reqid = 7 }
EOC
ktap_run "the agent sets up R" agent_up
r_policies r1
listen r1 "$WORK/readings"

session
is "a first session" "3 decrypted, 0 hit, 0 missed, 3 accepted, 1 sessions"
ktap_run "the agent reloads" reload
session
is "nothing has changed, and no key is lost" \
	"0 decrypted, 3 hit, 0 missed, 3 accepted, 1 sessions"
kill -KILL "$agent"
wait "$agent"
session
is "the agent is killed: what is known stays" \
	"0 decrypted, 3 hit, 0 missed, 3 accepted, 1 sessions"
ktap_run "it starts again" agent_up
session
ktap_wait 8 since_is "0 decrypted, 3 hit, 0 missed, 3 accepted, 1 sessions"
diag "$(since)"
ktap_equal "no share is lost for it" "$(since | cut -d, -f4-)" " 3 accepted, 1 sessions"
session
is "and keys stay" "0 decrypted, 3 hit, 0 missed, 3 accepted, 1 sessions"
echo "crl = {\"$PKI/crl.pem\"}" >> "$DIR/dmikey.conf"
ktap_run "it reloads with a CRL" reload
ktap_run "where gw1's certificate stands" ktap_wait 10 grep -q 'no longer valid: .*revoked' "$LOG"
session
is "gw1's cached share is refused, and so is its signed one" \
	"0 decrypted, 2 hit, 1 missed, 2 accepted, 1 sessions"
ktap_end
