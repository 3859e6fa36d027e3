# SPDX-License-Identifier: GPL-2.0
# A test across several VMs on one Ethernet segment, booted by vm/ward.sh. For bash,
# behind ktap.sh and net.sh; first come the test's functions, then
#
#	ward_begin "$@"		all machines answer; from here on only the first VM of
#				the header goes on
#	on VM COMMAND..		what the command (or a function of the test) says there,
#				and its status; 255 if nothing is heard in ON_LIMIT (60)
#				seconds. What it leaves in the background stays
#	power_cut VM		no machine any more, from one moment to the next
#	ward_end		instead of ktap_end: the others go down too
#
# Each machine has the addresses that net.sh has for a party of its name, and its own
# network is also a namespace of that name: all that net.sh and its like do in
# a namespace they do here in the machine of that name, called by `on`.
#
# Orders go over the same segment, one a TCP connection: a line, then its status and
# what it said. Each machine reports as a test of one result.

WARD_PORT=2270
WARD_OFF=-

. "$(dirname "${BASH_SOURCE[0]}")/../vm/vm-option.sh"

# the others of the ward that are not switched off
ward_others()
{
	ward_vms "$0" | tr ' ' '\n' | sed 1d | cut -d= -f1 | grep -vxF -e "$WARD_OFF"
}

# Everybody is on this segment: the prefixes of net.sh's parties in one.
ward_wire()
{
	mkdir -p "$WORK"
	modprobe -a virtio_net dmikey xfrm_user pkcs8_key_parser
	ip netns attach "$1" $$
	ip addr add "$(addr4 "$1")/16" dev eth0
	ip addr add "$(addr6 "$1")/16" dev eth0 nodad
	ip link set eth0 up
}

ward_begin()
{
	[ "${1:-}" != obey ] || { obey; exit; }
	ward_wire "$(hostname)"
	! ward_others | grep -qx "$(hostname)" || serve
	for vm in $(ward_others); do
		ktap_wait 120 on "$vm" true || { echo "Bail out! $vm does not answer"; exit 1; }
		# one clock: who has booted later must not be of another time
		on "$vm" date -u -s "@$(date +%s.%N)" > /dev/null
	done
}

serve()
{
	ktap_plan 1
	socat -t 600 "TCP6-LISTEN:$WARD_PORT,reuseaddr,fork" "EXEC:$0 obey" &
	echo $! > "$WORK/serve"
	wait $!
	ktap_run "$(hostname) was there to the end" test -e "$WORK/released"
	ktap_end
}

# Words are kept until the command has ended: what it has started may hold them open.
obey()
{
	local line words

	IFS= read -r line || return
	words=$(mktemp)
	exec 5>&2
	(eval "$line") < /dev/null > "$words" 2>&1
	echo $?
	cat "$words"
	rm "$words"
}

on()
{
	local vm=$1 answer status=
	shift

	answer=$(mktemp)
	{ printf '%q ' "$@"; echo; } | timeout "${ON_LIMIT:-60}" socat -t "${ON_LIMIT:-60}" - \
		"TCP6:[$(addr6 "$vm")]:$WARD_PORT,connect-timeout=5" > "$answer" 2> "$answer.error"
	{ read -r status; cat; } < "$answer"
	[ -n "$status" ] || echo "$vm does not answer: $(tail -n 1 "$answer.error")"
	rm "$answer" "$answer.error"
	return "${status:-255}"
}

# Nothing is flushed, closed or said good-bye to; the host is told that it was meant.
off()
{
	printf 'ok 1 %s is switched off\n#@ off\n' "$(hostname)" >&5
	echo b > /proc/sysrq-trigger
}

power_cut()
{
	ON_LIMIT=5 on "$1" off
	WARD_OFF=$WARD_OFF$'\n'$1
	! ping -q -c 2 -W 1 "$(addr6 "$1")"
}

release()
{
	touch "$WORK/released"
	kill "$(cat "$WORK/serve")"
}

ward_end()
{
	for vm in $(ward_others); do
		ON_LIMIT=5 on "$vm" release > /dev/null
	done
	ktap_end
}
