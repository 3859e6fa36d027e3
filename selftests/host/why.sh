#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikeyctl why where no module is: from the agent's files alone, in words and in JSON;
# whom a name means; what it says when the agent is not there, is dead or elsewhere.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
ctl=${O:-$top/build}/tools/dmikeyctl
[ -x "$ctl" ] || ktap_skip_all "dmikeyctl is not built"
command -v jq > /dev/null || ktap_skip_all "no jq here"
[ ! -d /sys/module/dmikey ] || ktap_skip_all "the module is loaded here"
work=$(mktemp -d)
now=$(date +%s)
netns=$(stat -L -c %i /proc/self/ns/net)

# a process of the agent's name
ln -s "$(command -v sleep)" "$work/dmikeyd"
"$work/dmikeyd" 600 &
agent=$!

status()
{
	cat > "$work/status.json" <<-EOJ
	{ "version": 1, "pid": $agent, "netns": $netns, "configuration": "/etc/dmikey/dmikey.conf",
	  "loaded": $now, "refused": false, "module": true, "registry": "none", "certificates": [
	  { "kind": "peer", "role": "responder", "name": "dmikey:r1.example", "where": "dmikey.conf:7",
	    "expires": $((now + 500000)), "days": 5, "revocation": "not checked", "valid": true },
	  { "kind": "own", "role": "thirdparty", "name": "dmikey:gw1.example", "where": "dmikey.conf:3",
	    "valid": false, "why": "certificate has expired" } ] }
	EOJ
}

cat > "$work/refusals.json" <<EOJ
{ "version": 1, "pid": $agent, "netns": $netns, "since": $now, "lost": 0, "refusals": [
  { "side": "thirdparty", "reason": "mac", "sensor": "nai:s1@example",
    "peer": "uri:dmikey:r1.example", "authenticated": false, "address": "10.0.0.7",
    "message": "I_TP", "count": 3, "first": $((now - 900)), "last": $((now - 600)) },
  { "side": "thirdparty", "reason": "no-answer", "sensor": "nai:s1@example",
    "peer": "uri:dmikey:r1.example", "authenticated": true, "count": 1,
    "first": $((now - 7200)), "last": $((now - 7200)) },
  { "side": "thirdparty", "reason": "sensor-denied", "sensor": "nai:evil\\\\x1b[2J",
    "authenticated": false, "detail": "it is denied", "count": 1,
    "first": $((now - 90000)), "last": $((now - 90000)) },
  { "side": "responder", "reason": "certificate", "peer": "uri:both", "authenticated": false,
    "detail": "certificate revoked", "count": 1, "first": $now, "last": $now },
  { "side": "host", "reason": "unknown-sender", "peer": "uri:dmikey:h2.example",
    "authenticated": false, "address": "192.0.2.9", "count": 2, "first": $now, "last": $now },
  { "side": "thirdparty", "reason": "stale", "sensor": "nai:both", "authenticated": false,
    "count": 1, "first": $now, "last": $now } ] }
EOJ
status

why() { "$ctl" -S "$work/status.json" why "$@" > "$work/out" 2> "$work/err"; }
says() { grep -qF -- "$1" "$work/out" "$work/err"; }
json() { "$ctl" -j -S "$work/status.json" why "${@:2}" | jq -e "$1"; }

ktap_plan 40
why nai:s1@example
ktap_equal "without the module: exit status 3" $? 3
ktap_run "and why" says "module: not loaded; cure: modprobe dmikey"
ktap_run "the agent" says "agent: running, /etc/dmikey/dmikey.conf"
ktap_run "side and reason in words" says \
	"10 min ago, 3 times at third party: the MAC, or the key that it was made with, is wrong (mac)"
ktap_run "who, from where" says "I_TP of nai:s1@example, other end uri:dmikey:r1.example, from 10.0.0.7"
ktap_run "that it is only claimed" says "from 10.0.0.7: only claimed"
ktap_run "what to do" says "what to do: the keys differ"
ktap_run "an authenticated one" says "other end uri:dmikey:r1.example: authenticated"
ktap_run "it is not known here" says "not known here"
ktap_equal "newest first" "$(grep -o '(mac)\|(no-answer)' "$work/out" | xargs)" "(mac) (no-answer)"
ktap_run_fails "no other's refusals" says "sensor-denied"

why dmikey:r1.example
ktap_run "a name without its prefix" says "uri:dmikey:r1.example"
ktap_run "a responder's certificate" says \
	"certificate (peer, dmikey.conf:7): valid, 5 days left, revocation NOT CHECKED"
ktap_run "and the refusals that name it" says "(no-answer)"
why s1@example
ktap_run "a sensor's name without its prefix" says "nai:s1@example"
why uri:dmikey:gw1.example
ktap_run "a certificate that is not valid" says "NOT VALID: certificate has expired"
ktap_run "nothing was refused" says "no refusal is remembered"
why dmikey:h2.example
ktap_run "another host" says "other end uri:dmikey:h2.example, from 192.0.2.9"
ktap_run "what it was refused, on which side" says "2 times at host: "
ktap_run "and what to do about a host" says "what to do: of a host: add it to dmikey.conf"
ktap_run_fails "nobody else's refusals" says "nai:both"
why both
ktap_equal "a name that two have: usage" $? 2
ktap_run "says so" says 'may be nai:both or uri:both'
why uri:both
ktap_run "one of them" says "the agent says: certificate revoked"
why 'nai:two words'
ktap_equal "what is no identity: usage" $? 2
why "$(printf '%02000d' 0)"
ktap_equal "however long" $? 2

why
ktap_run "all of them" says "(certificate)"
ktap_run "a stranger's text stays escaped" says 'nai:evil\x1b[2J'
ktap_run_fails "and moves no cursor" grep -q "$(printf '\033')" "$work/out"

ktap_run "JSON: who, and what is there" json \
	'.id == "nai:s1@example" and .module == false and .agent.running' nai:s1@example
ktap_run "JSON: the refusals" json \
	'[.refusals[] | [.side, .reason, .count, .authenticated]] ==
	[["thirdparty","mac",3,false],["thirdparty","no-answer",1,true]]' nai:s1@example
ktap_run "JSON: their age, meaning and cure" json \
	'.refusals[0] | (.age >= 600) and (.meaning | length > 0) and (.advice | startswith("the keys"))' \
	nai:s1@example
ktap_run "JSON: what is known" json '.known.certificates[0].name == "dmikey:r1.example" and
	.known.sessions == [] and .known.hosts == []' uri:dmikey:r1.example
ktap_run "JSON of all has no id" json '(has("id") or has("known") | not) and (.refusals | length == 6)'

# the agent ends without a word; is elsewhere; was never there
kill $agent
wait $agent 2> /dev/null
why
ktap_run "a dead agent, and the cure" says "the agent has died; cure: systemctl enable --now dmikeyd"
ktap_run "its last refusals are still told" says "(mac)"
sed -i "s/\"netns\": $netns/\"netns\": 1/" "$work/status.json"
why
ktap_run "an agent of another namespace" says "no agent runs in this network namespace"
ktap_run_fails "and its refusals are not ours" says "(mac)"
rm "$work/status.json"
why
ktap_run "no agent" says "no agent runs here; cure: systemctl enable --now dmikeyd"
echo '[' > "$work/status.json"
why
ktap_run "a file that is no JSON" says "cannot be read"
rm -rf "$work"
ktap_end
