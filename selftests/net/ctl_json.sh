#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: group=tool timeout=240 kernels=6.1 bin=jq mem=768
# Every -j of dmikeyctl, monitor and metrics after one session, beside what is
# kept of them in ctl_golden. Times, serials, SPIs and counts differ from run to
# run and are made alike. selftests/host/ctl_output.sh holds the same files
# against the schema.
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/golden.sh"

# what it says is kept in $said as well; monitor is in the background, and stays that process
said=$logs/said
dmikeyctl()
{
	case "$*" in *monitor) exec dmikeyctl "$@" ;; esac
	if command dmikeyctl "$@" > /tmp/said.1 2> /tmp/said.2; then set -- 0; else set -- $?; fi
	cat /tmp/said.[12] >> "$said"
	cat /tmp/said.1
	cat /tmp/said.2 >&2
	return "$1"
}

# begin_of: of the keys on standard input, how each begins, in hex and in base64
begin_of()
{
	while read -r key; do
		echo "$key" | cut -c -32
		echo "$key" | cut -c -30 | xxd -r -p | base64
	done
}

# each PSK, and each key of the session's SAs
secrets()
{
	for f in "$PKI"/psk/* "$WORK/h2"; do
		cat "$f"
		echo
	done | grep . | begin_of
	ip -n r1 xfrm state | grep -o '0x[0-9a-f]\{32,\}' | cut -c 3- | begin_of
}

no_secret()
{
	for f in "$said" /tmp/nobody /tmp/r1.events /tmp/gw1.events /tmp/early; do
		[ -s "$f" ] || { echo "$f: nothing there"; return 1; }
		# the line itself may hold a key
		! grep -qiFf /tmp/secrets "$f" || { echo "$f: a key is in it"; return 1; }
	done
}

ktap_plan 30
mkdir -p /etc/dmikey
chmod 700 /etc/dmikey
net_up 2 1
tp_up 1
tp_up 2
dmikeyctl -n r1 -j monitor > /tmp/r1.events &
r1=$!
dmikeyctl -n gw1 -j monitor > /tmp/gw1.events &
gw1=$!
r_up 1
listen r1 "$WORK/readings"
ktap_run "a session" in_ns s1 dmikey-sensor --readings 3 --interval 100 --timeout 60 \
	-c "$(sensor_conf 1 2 2)"
ktap_run "it is confirmed" ktap_wait 10 grep -q session-confirmed /tmp/r1.events
printf x | in_ns r1 socat - "UDP:127.0.0.1:2269"
ktap_run "something is refused" ktap_wait 10 grep -q '"refused"' /tmp/r1.events

ktap_run "instance" shows instance.json . -n r1 instance
ktap_run "local" shows local.json . -n r1 local
ktap_run "sensor" shows sensor.json . -n gw1 sensor
ktap_run "thirdparty" shows thirdparty.json 'sort_by(.id)' -n r1 thirdparty
ktap_run "responder" shows responder.json . -n gw1 responder
ktap_run "rule" shows rule.json . -n r1 rule
ktap_run "session" shows session.json 'map(.thirdparties |= sort_by(.id)
	| .thirdparties |= map(.x = 1))' -n r1 session
ktap_run "stats" shows stats.json '[map(select(.reason))[0], map(select(.reason | not))[0]]' \
	-n r1 stats
openssl rand -hex 32 > "$WORK/h2"
dmikeyctl -n r1 host add uri:dmikey:h2.example own uri:dmikey:h1.example address 192.0.2.9 \
	key "$(key_psk "$WORK/h2")" reqid 9
in_ns r1 ip xfrm policy add dir in src 192.0.2.9 dst 0.0.0.0/0 \
	tmpl proto esp mode transport reqid 9
ktap_run "host" shows host.json . -n r1 host
secrets > /tmp/secrets
ktap_run "there are keys of two SAs" \
	[ "$(ip -n r1 xfrm state | grep -c '0x[0-9a-f]\{32,\}')" -ge 2 ]
ktap_run "show" shows show.json '.thirdparties |= sort_by(.id) |
	.sessions |= map(.thirdparties |= (sort_by(.id) | map(.x = 1))) | del(.stats[1:])' \
	-n r1 show
ktap_run "why" shows why.json 'del(.stats[1:])' -n r1 why
ktap_run "why, of a sensor" shows why-sensor.json 'del(.stats) |
	.known.sessions |= map(.thirdparties |= (sort_by(.id) | map(.x = 1)))' \
	-n r1 why nai:sensor1@example
ktap_run "why, of a host" shows why-host.json 'del(.stats)' -n r1 why uri:dmikey:h2.example
ktap_run "doctor" shows doctor.json 'map(.found = "found" | if .advice then .advice = "advice"
	else . end)' -n r1 doctor
echo 'instance set port 2270' > /tmp/change
difference()
{
	dmikeyctl -n r1 -j apply --check -f /tmp/change |
		jq -cS '.what |= sub("sha256 .*"; "sha256")' | LC_ALL=C sort | same apply.jsonl
}
ktap_run "apply --check" difference

# one sample a family is enough: the reasons stand in reasons.md
metrics()
{
	dmikeyctl -n r1 metrics | awk '
		/^#/ { if (seen != $3) { seen = $3; n = 0 } print; next }
		!n++ { $NF = 1; print }' | same metrics.txt
}
ktap_run "metrics" metrics
ktap_run "counters need no privilege, the rest is absent" sh -c "ip netns exec r1 \
	setpriv --reuid 65534 --regid 65534 --clear-groups dmikeyctl metrics > /tmp/nobody &&
	grep -q ^dmikey_refusals_total /tmp/nobody && grep -q '^dmikey_port 2269' /tmp/nobody &&
	! grep -qE '^dmikey_(sessions|hosts)' /tmp/nobody"

# the module goes and comes
rmmod dmikey
ktap_run "the monitor says that the module is gone" ktap_wait 10 grep -q module-gone /tmp/r1.events
sleep 1
ktap_run "and does not bring it back" [ ! -d /sys/module/dmikey ]
modprobe dmikey
ktap_run "it subscribes again" ktap_wait 10 grep -q resubscribed /tmp/r1.events
ktap_wait 10 grep -q resubscribed /tmp/gw1.events
before=$(grep -c '"refused"' /tmp/r1.events)
dmikeyctl -n r1 instance set port 2269
printf x | in_ns r1 socat - "UDP:127.0.0.1:2269"
ktap_run "and hears events" ktap_wait 10 \
	sh -c "[ \$(grep -c '\"refused\"' /tmp/r1.events) -gt $before ]"
kill $r1 $gw1
ktap_run "what the responder's said" events /tmp/r1.events monitor-responder.jsonl
ktap_run "what the third party's said" events /tmp/gw1.events monitor-thirdparty.jsonl

# before the module is there
rmmod dmikey
helper=$(cat /proc/sys/kernel/modprobe)
echo /bin/false > /proc/sys/kernel/modprobe
dmikeyctl -j monitor > /tmp/early &
early=$!
ktap_run "a monitor may be first" ktap_wait 10 grep -q module-gone /tmp/early
echo "$helper" > /proc/sys/kernel/modprobe
modprobe dmikey
ktap_run "and is told" ktap_wait 10 grep -q resubscribed /tmp/early
kill $early
ktap_run "nothing that was said has a key in it" no_secret
ktap_end
