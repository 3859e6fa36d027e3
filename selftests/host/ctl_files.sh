#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikeyctl and files that an agent would not write: it neither waits nor ends without
# a word. No foreign name stands in a command that somebody may paste.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
ctl=${O:-$top/build}/tools/dmikeyctl
[ -x "$ctl" ] || ktap_skip_all "dmikeyctl is not built"
command -v jq > /dev/null || ktap_skip_all "no jq here"
[ ! -d /sys/module/dmikey ] || ktap_skip_all "the module is loaded here"
tmp=$(mktemp -d)
status=$tmp/status.json

# a process of the agent's name
ln -s "$(command -v sleep)" "$tmp/dmikeyd"
"$tmp/dmikeyd" 60 &
agent=$!

ask() { timeout 10 "$ctl" -S "$status" "$@" > "$tmp/out" 2> "$tmp/err"; }
says() { ask "$1"; grep -qF -- "$2" "$tmp/out"; }
agent_up() { ask metrics && sed -n 's/^dmikey_agent_up //p' "$tmp/out"; }

# unreadable WHAT
unreadable()
{
	ktap_run "$1: why says so" says why "its status file cannot be read"
	ask doctor
	ktap_equal "$1: doctor goes on" $? 1
	ktap_equal "$1: metrics do not know" "$(agent_up)$(tail -n 1 "$tmp/out")" "# EOF"
}

ktap_plan 22
ktap_equal "without a file no agent is up" "$(agent_up)" 0
mkfifo "$status"
unreadable "a FIFO"
rm "$status"
(echo '{"certificates": []}'; head -c 17M /dev/zero | tr '\0' ' ') > "$status"
unreadable "a huge file"
echo '{"certificates": 7}' > "$status"
unreadable "a number for a list"
echo "{\"pid\": $agent, \"certificates\": [\"x\"]}" > "$status"
unreadable "a list of words"
echo "{\"pid\": $agent, \"configuration\": \"/etc/dmikey/dmikey.conf\", \"refused\": true}" > "$status"
ktap_equal "one without certificates is read" "$(agent_up)" 1
ktap_run "a cure with a plain name" says doctor "cure: dmikeyd --check -c /etc/dmikey/dmikey.conf"
echo '{"refusals": ["x"]}' > "$tmp/refusals.json"
ktap_run "refusals that are words" says why "what it has refused cannot be read"

# shellcheck disable=SC2016
evil='/x$(reboot);'"'"
jq -n --arg f "$evil" --argjson pid $agent \
	'{pid: $pid, configuration: ($f + "\u001b"), refused: true}' > "$status"
ktap_run "a foreign name is shown" says doctor "$evil? is bad"
ktap_run_fails "and in no cure" grep -qF 'cure: dmikeyd' "$tmp/out"
kill $agent
wait $agent 2> /dev/null
ktap_equal "a dead agent is not up" "$(agent_up)" 0

# shellcheck disable=SC2016
link='a$(id)'
if unshare -n ip link add "$link" type veth peer name b 2> /dev/null; then
	unshare -n sh -c 'ip link add "$0" type veth peer name b
		ip link set "$0" mtu 500 up; exec "$@"' "$link" "$ctl" doctor > "$tmp/out"
	ktap_run "so is a link" grep -qF "$link has an MTU of 500" "$tmp/out"
	ktap_run_fails "in no cure, either" grep -q 'cure: .*\$' "$tmp/out"
	unshare -n sh -c 'ip link add plain type veth peer name b
		ip link set plain mtu 500 up; exec "$@"' sh "$ctl" doctor > "$tmp/out"
	ktap_run "a plain one has its cure" grep -q 'cure: ip link set dev plain mtu 1280$' "$tmp/out"
else
	for t in "so is a link" "in no cure, either" "a plain one has its cure"; do
		ktap_skip "$t" "no network namespace or veth here"
	done
fi
rm -rf "$tmp"
ktap_end
