# SPDX-License-Identifier: GPL-2.0
# dmikey's sides of a measurement: r as the responder, i as its sensors and, by
# dmikey-load, their third parties. Source it behind lib.sh; in one VM both are r.
#
#	dmikey_r [SKEW]		on r: keys, three third parties, a rule for all sensors
#	load_r OPTIONS..	dmikey-load plays these, too; it waits at each step
#	load_run MODE OPTIONS..	the same in any mode
#	load_says WORD		waits for its next step, which has that name; sets COUNT
#	load_go			the next step may begin
#	load_end		it has ended, and every sensor got what it asked for
#	batch FIRST N [OPTIONS]	N sessions in one step, and a reading each; sets BUSY, and
#				ANSWERED: of how many
#	fill FIRST N		N sessions and a reading each, not measured
#
# r takes a message until SKEW seconds behind its time stamp, and remembers it so long,
# but of one third party no more than 65,536. Those of so many sessions pass in less
# than the default, 300 s of r's clock: 100,000 sessions need a short one. Then messages
# must not wait for long; and r's clock, which falls behind i's while r works, must be
# set again soon. So batches are small.

PKI=/dmikey/pki
LOAD_PREFIX=fd00:5::/64

dmikey_r()
{
	local n key

	modprobe -a dmikey pkcs8_key_parser || return
	modprobe -a -q ccm esp6
	key=$(keyctl padd asymmetric dmikey:r1 @u < $PKI/r1.key.der) || return
	dmikeyctl local add responder certificate $PKI/r1.der key "$key" || return
	for n in 1 2 3; do
		dmikeyctl thirdparty add certificate "$PKI/gw$n.der" || return
	done
	dmikeyctl rule add ward realm example min-k 2 reqid 7 || return
	dmikeyctl instance set port 2269 rate 1000000 skew "${1:-300}" || return
	ip route add $LOAD_PREFIX via fd00:1::2
}

load_r()
{
	local n

	for n in 1 2 3; do
		set -- "$@" --third-party "uri:dmikey:gw$n.example,$PKI/gw$n.der,$PKI/gw$n.key.der"
	done
	load_run r --to fd00:1::1 --responder-cert $PKI/r1.der "$@"
}

load_run()
{
	ip -6 route replace local $LOAD_PREFIX dev lo
	# r loses time against i as long as it works
	on_r date -s "@$(date +%s)" > /dev/null
	coproc LOAD { exec dmikey-load "$@" --responder uri:dmikey:r1.example \
		--prefix $LOAD_PREFIX --timeout 300 --pause -j 2>&1; }
	exec 7<&"${LOAD[0]}" 8>&"${LOAD[1]}"
}

load_says()
{
	local word

	read -r word COUNT <&7 || die "dmikey-load has ended before \"$1\""
	[ "$word" = "$1" ] || die "dmikey-load says \"$word $COUNT\", not \"$1\""
}

load_go() { echo >&8; }

load_end()
{
	read -r LOAD_JSON <&7
	exec 7<&- 8>&-
	wait "$LOAD_PID" || { on_r dmikeyctl stats; die "dmikey-load: $LOAD_JSON"; }
}

# load_step BEFORE BEHIND: what lies between is the load. The last shares, which no
# session waits for, get SETTLE seconds.
load_step()
{
	load_says "$1"
	busy_from
	load_go
	load_says "$2"
	sleep "${SETTLE:-1}"
	busy_to
	load_go
}

# load_rest N: N sessions are there, and get a reading each
load_rest()
{
	local got

	load_says established
	got=$COUNT
	load_go
	load_says sent
	load_go
	# dies if a session is missing, and says why
	load_end
	[ "$got" -eq "$1" ] || die "$got of $1 sessions"
}

batch()
{
	local first=$1 n=$2

	shift 2
	load_r --prepare --sensors "$n" --first "$first" "$@"
	load_step prepared answered
	ANSWERED=$COUNT
	load_rest "$n"
}

fill()
{
	load_r --sensors "$2" --first "$1"
	load_rest "$2"
}
