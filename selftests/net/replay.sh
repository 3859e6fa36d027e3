#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: cpus=2 mem=768 timeout=600 kernels="6.1"
# Every kind of message again, whatever happened between: seconds, a year by the
# clock, the end of the replay cache's time, a reboot of each party with what it has
# kept, and a snapshot of an earlier state. No SA and no session more, none less, no
# private RSA operation, and the reason is counted.
#
# What is not here: every message at once, twice, at 200 s and 800 s, and broken in each
# byte (mutate.sh); a quota that is full (kernel/replay_test.c); the same T of a sensor
# behind a registry (registry.sh); a board whose flash is older (unit/store_test.c).
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"
. "$(dirname "$0")/../lib/agent.sh"
. "$(dirname "$0")/../lib/tape.sh"

# ---- the ward: agents, for they keep what has to be kept

host_conf() { echo "host \"$1\" { identity = \"$2\" address = \"$3\" reqid = 9 $4 }"; }

# certify NAME KEY: who signs as a third party can decrypt, too; for more than the year
# that the clock goes ahead
certify()
{
	(
		cd "$PKI" || exit
		printf 'keyUsage=critical,%s\nextendedKeyUsage=%s\nsubjectAltName=URI:dmikey:%s\n' \
			keyEncipherment serverAuth "$1.example" > ext
		openssl req -new -config ca/openssl.cnf -key "$2.key" -subj "/CN=$1" -out csr
		openssl ca -batch -notext -config ca/openssl.cnf -extfile ext -in csr -days 700 \
			-out "$1.decrypt.pem"
	) > "$WORK/openssl" 2>&1 || diag < "$WORK/openssl"
}

# two_roles NAME KEY PEER: hosts by certificates
two_roles()
{
	{
		echo "responder \"dmikey:$1.example\" {"
		echo "  certificate = \"$PKI/$1.decrypt.pem\" key = \"$PKI/$2.key\""
		echo "}"
		host_conf "dmikey:$3.example" "dmikey:$1.example" "$(addr "$3")" \
			"certificate = \"$PKI/$3.decrypt.pem\""
	} >> "$WORK/$1/dmikey.conf"
}

counter_sensor()
{
	echo "sensor \"sensor2@example\" { psk-file = \"$PKI/psk/sensor2.$1\"
		timestamp = counter }" >> "$WORK/$1/dmikey.conf"
}

configure()
{
	certify gw1 r1
	certify gw2 r2
	for p in gw1 gw2; do
		gateway_conf $p
		counter_sensor $p
	done
	responder_conf r1
	two_roles gw1 r1 gw2
	two_roles gw2 r2 gw1
	openssl rand -hex 32 > "$WORK/host.psk"
	chmod 600 "$WORK/host.psk"
	psk="psk-file = \"$WORK/host.psk\""
	host_conf ${H2#uri:} ${H1#uri:} "$(addr r1)" "$psk" >> "$WORK/gw1/dmikey.conf"
	host_conf ${H1#uri:} ${H2#uri:} "$(addr gw1)" "$psk" >> "$WORK/r1/dmikey.conf"
}

pid() { cat "$WORK/$1/state/dmikeyd.pid"; }

# down NAME..: the agent ends, and the module's instance with its namespace
down()
{
	for p; do
		agent=$(pid "$p")
		kill "$agent"
		ktap_wait 20 sh -c "! kill -0 $agent"
		# what listens there keeps the namespace
		for agent in $(ip netns pids "$p"); do kill "$agent"; done
		ip netns del "$p"
		ktap_wait 20 sh -c "! ip -n router link show $p"
		rm -f "$WORK/$p/status.json"
	done
}

# the machine is back, with what its agent has kept
up()
{
	for p; do
		net_party "$p"
		tape_mtu "$p"
		if [ "$p" = r1 ]; then
			r_policies r1
			listen r1 "$WORK/readings"
		fi
		agent_up "$p" || diag < "$TEST_LOGS/$p.log"
	done
}

reboot() { down "$@"; up "$@"; }

# ---- cases

# what is installed, and who has a session
installed()
{
	for p in r1 s1 gw1 gw2; do
		in_ns $p ip xfrm state | grep -E '^(src|[[:space:]]+proto|[[:space:]]+aead)'
	done
	dmikeyctl -j -n r1 session | grep -o '"csb_id":[^,]*'
}

# keep NAME..: what is counted there
keep() { for p; do dmikeyctl -a -n "$p" stats > "$WORK/was.$p"; done; }

# came NAME: since then; each refusal and each repetition is a datagram, and the other
# words are what must not come of one: "2 repeated-answered, 4 not-latest-t"
came()
{
	dmikeyctl -a -n "$1" stats | awk '
		FNR == NR { was[$1 $2] = $3; next }
		{ n = $3 - was[$1 $2] }
		n && ($1 != "-" || $2 ~ /^(repeated-answered|rsa-|share-[afr]|r-i-|session-)/) {
			printf "%s%d %s", (done++ ? ", " : ""), n, $2 }' "$WORK/was.$1" -
}

# again KIND NAME [N]: the N-th message of a kind to NAME is to be sent again
again()
{
	file=$(tape "$@")
	if [ -s "$file" ]; then
		files="$files $file" cases=$((cases + 1))
	else
		bad="$bad $1 to $2 was not recorded;"
	fi
}

# all_to NAME KIND[.N]..: in the order in which they came
all_to()
{
	party=$1
	shift
	for kind; do
		n=1
		[ "${kind#*.}" = "$kind" ] || n=${kind#*.}
		again "${kind%.*}" "$party" "$n"
	done
}

# which of it are datagrams
datagrams()
{
	awk '$2 !~ /^(rsa|share)-/ || $2 == "share-forwarded" { n += $1 } END { print n + 0 }'
}
many() { [ "$(came "$1" | tr ',' '\n' | datagrams)" -ge "$2" ]; }

# judge NAME LEAST MOST PATTERN: so many datagrams are counted there, all in a way that
# fits. An answer that comes again while its request is remembered is none
judge()
{
	got=$(came "$1")
	diag "$when: $1: $got"
	wrong=$(echo "$got" | tr ',' '\n' | awk -v want="^($4)$" 'NF && $2 !~ want { print $2 }')
	[ -z "$wrong" ] || bad="$bad $1: $(echo $wrong);"
	n=$(echo "$got" | tr ',' '\n' | datagrams)
	[ "$n" -ge "$2" ] && [ "$n" -le "$3" ] || bad="$bad $1: $n counted;"
}

seen="repeated-answered|repeated"

# last KIND NAME: the number of the last one
last() { ls "$TAPE" | grep -c "^$1@$(addr "$2")\."; }

# all WHEN REQUESTS [MOST PATTERN]: the whole tape. REQUESTS: what may come of those of
# sensors and hosts at a third party; MOST: datagrams at R, and what else comes of them
all()
{
	when=$1 bad='' files=
	keep gw1 gw2 r1
	was_installed=$(installed)
	for p in gw1 gw2; do all_to $p i_tp "i_tp.$counter_i_tp" "i_tp.$live_i_tp"; done
	all_to gw1 psk_ver pk_ver r_tp err
	[ -n "$older" ] || all_to gw2 pk
	all_to r1 tp_r tp_r_cached "tp_r_cached.$(last tp_r_cached r1)" u_r psk
	# a sensor counts nothing: what it has must stay
	all_to s1 r_tp r_i "r_i.$(last r_i s1)" r_u err
	# shellcheck disable=SC2086	# one word each
	in_ns router tape play $files
	ktap_wait 30 many gw1 3
	ktap_wait 30 many gw2 3
	ktap_wait 30 many r1 5
	# and what comes too much
	sleep 2
	# what a third party repeats R repeats, too: its answers come late
	judge gw1 3 16 "$2|not-latest-t|hint"
	judge gw2 3 13 "$2|not-latest-t"
	judge r1 5 ${3:-11} "$seen|stale|unknown-session${4:+|$4}"
	[ "$(installed)" = "$was_installed" ] || bad="$bad other SAs or sessions: $(installed);"
	ktap_equal "$when" "$bad" ""
}

# record DIR: sensor 1, sensor 2 with a COUNTER, and a session of sensor 1 that stays
record()
{
	tape_record "$1" "$conf" || return
	tape_record_errors "$conf"
	in_ns s2 dmikey-sensor -c "$conf2" --readings 1 --timeout 60 || return
	counter_i_tp=$(last i_tp gw1)
	sensor_up || return
	live_i_tp=$(last i_tp gw1)
	tape_end
	ls "$TAPE"
	[ "$live_i_tp" -gt "$counter_i_tp" ]
}

# a sensor that stays
sensor_up()
{
	# no function: the signal of stop_sensor is for the program
	ip netns exec s1 dmikey-sensor -c "$conf" --interval 500 > "$WORK/sensor" 2>&1 &
	sensor=$!
	readings=$(wc -l < "$WORK/readings")
	ktap_wait 60 more_readings
}
stop_sensor() { kill $sensor; wait $sensor 2> /dev/null; true; }
more_readings() { [ "$(wc -l < "$WORK/readings")" -gt "$readings" ]; }
still_up()
{
	readings=$(wc -l < "$WORK/readings")
	ktap_run "$1: the sensor's session goes on" ktap_wait 20 more_readings
}

has_skew() { dmikeyctl -j -n "$1" instance show | grep -q '"skew": *300'; }
step() { date -u -s "@$(($(date +%s) + $1))" > /dev/null; }
YEAR=31536000

ktap_plan 23
cases=0 older=
net_up 2 2
tape_mtu gw1 gw2 r1 s1 s2
configure
r_policies r1
: > "$WORK/readings"
listen r1 "$WORK/readings"
for p in gw1 gw2 r1; do agent_up $p; done
# a snapshot of what the third parties keep
for p in gw1 gw2; do
	mkdir "$WORK/old.$p"
	cp "$WORK/$p"/state/state.db* "$WORK/old.$p"
done

conf=$(sensor_conf 1 2 2)
conf2=$(sensor_conf 2 2 2 'timestamp = "counter"')
ktap_run "all kinds are recorded" record "$WORK/tape"

all "at once" "$seen"
step $YEAR
all "a year later by the clock" "$seen"
step $((-2 * YEAR))
all "a year earlier" "$seen"
step $YEAR
all "the clock is right again" "$seen"
still_up "through all that"

stop_sensor
ktap_run "the sensor starts again" sensor_up
all "the sensor has started again" "$seen"

reboot gw1 gw2
all "the third parties have started again" "$seen|stale"
still_up "without third parties"
# What third parties keep lets them pass on what they have passed on before: R refuses it.
# A host that is set back takes a request of the last 300 s again, for which nobody else
# has a memory: see Documentation/operations.md
older=1
down gw1 gw2
for p in gw1 gw2; do
	rm -f "$WORK/$p"/state/state.db*
	cp "$WORK/old.$p"/* "$WORK/$p/state"
done
up gw1 gw2
all "what the third parties keep is older" \
	"stale|repeated|share-forwarded|share-acknowledged|share-repeated|rsa-sign|rsa-encrypt" \
	24 "established|rsa-verify|rsa-decrypt"
still_up "behind the snapshot"

stop_sensor
reboot r1
all "R has started again" "$seen|stale"
ktap_run "a new session after all" sensor_up
stop_sensor
step 3600
reboot r1
step -3600
ktap_run "and where R has started by a clock that was ahead" sensor_up
stop_sensor

# twice the skew is the time of the replay caches. An hour later, so that certificates are
# good an hour earlier
step 3600
for p in gw1 gw2 r1; do echo "instance { skew = 5 }" >> "$WORK/$p/dmikey.conf"; done
reboot gw1 gw2 r1
older=
ktap_run "all kinds once more, where 5 s are the skew" record "$WORK/tape2"
sleep 12
all "past the time of the replay caches" stale
for p in gw1 gw2; do
	sed -i 's/skew = 5/skew = 300/' "$WORK/$p/dmikey.conf"
	kill -HUP "$(pid $p)"
	ktap_wait 20 has_skew $p
done
all "where T is within the skew again, which is larger now" stale
step -60
all "where the clock is set back, too" stale
step 60
still_up "whatever the skew"

down gw1 gw2
step -3600
up gw1 gw2
step 3600
all "third parties have started by a clock that was behind" stale
still_up "to the end"
stop_sensor
ktap_run "and a new session after all that" sensor_up
diag "$cases cases"
stop_sensor
for p in gw1 gw2 r1; do kill "$(pid $p)"; done
ktap_end
