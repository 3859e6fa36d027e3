#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikey-registry: what it takes, what it refuses and then leaves as it was, a
# million sensors, and what becomes of a file that is damaged, full or in use.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
registry=${O:-$top/build}/agent/dmikey-registry
[ -x "$registry" ] || ktap_skip_all "dmikey-registry is not built"
command -v sqlite3 > /dev/null || ktap_skip_all "no sqlite3 here"
work=$(mktemp -d)
cd "$work" || exit 1

r() { "$registry" -s . "$@"; }
rows() { sqlite3 registry.db "SELECT count(*) FROM sensor"; }
# what the agent asks
plan() { sqlite3 registry.db "EXPLAIN QUERY PLAN $(sed -n '/"SELECT psk, master/,/?2"/p' \
	"$top/agent/registry.c" | grep -o '"[^"]*"' | tr -d '"\n')"; }

# refused NAME WORDS COMMAND...: status 1, WORDS are said, the registry is as before
refused()
{
	local name=$1 words=$2 status=0 before
	shift 2

	before=$(r list 2>&1 | sha256sum)
	"$@" > out 2>&1 || status=$?
	if [ $status -eq 1 ] && grep -q -- "$words" out && [ "$(r list 2>&1 | sha256sum)" = "$before" ]; then
		ktap_pass "$name"
	else
		ktap_fail "$name" "status $status, wanted: $words"
		diag < out
	fi
}

csv() { printf '%s\n' "$@" > in.csv; }
import() { r import in.csv; }

ktap_plan 58
ktap_run "a sensor with a PSK" r add sensor1@example psk psk/sensor1 timestamp counter
ktap_run "one with a derived PSK" r add uri:urn:sensor2 master main generation 7 \
	suites ccm responders "uri:dmikey:r1.example uri:dmikey:r2.example" \
	addresses "2001:db8::/64 192.0.2.7"
ktap_equal "the file is its owner's alone" "$(stat -c %a registry.db)" 600
ktap_equal "both are listed" "$(r list)" 'identity,psk,master,generation,timestamp,suites,responders,addresses
nai:sensor1@example,psk/sensor1,,,counter,"ccm cm",,
uri:urn:sensor2,,main,7,ntp,ccm,"uri:dmikey:r1.example uri:dmikey:r2.example","2001:db8::/64 192.0.2.7"'
ktap_equal "one is listed" "$(r list nai:sensor1@example | tail -n 1 | cut -d, -f1,2)" \
	nai:sensor1@example,psk/sensor1
ktap_run_fails "one that is not there is not" r list nobody@example
ktap_equal "once more it is the same" "$(r add sensor1@example psk psk/sensor1 timestamp counter)" \
	"sensor1@example: is so already"
ktap_equal "with another value it changes" "$(r add sensor1@example psk psk/other timestamp counter)" \
	"sensor1@example: changed"

# bad input
refused "an identity with a space" 'is no identity' r add "a b" psk x
refused "a realm" 'is no identity' r add @example master main generation 1
refused "the octets of another type" 'of the other type' r add uri:sensor1@example psk x
refused "no key" 'either psk or master' r add a@b
refused "two keys" 'either psk or master' r add a@b psk x master main generation 1
refused "no generation" 'master and generation' r add a@b master main
refused "a negative generation" 'generation: "-1"' r add a@b master main generation -1
refused "one too large" 'generation: "4294967296"' r add a@b master main generation 4294967296
refused "a bad name of a master key" 'is no name' r add a@b master "a/b" generation 1
refused "no such timestamp" 'neither ntp nor counter' r add a@b psk x timestamp sundial
refused "no such suite" 'suites: "rot13"' r add a@b psk x suites "ccm rot13"
refused "no such prefix" 'addresses: "10.0.0.0/33"' r add a@b psk x addresses 10.0.0.0/33
refused "too many responders" 'more than 16' r add a@b psk x \
	responders "$(seq -s ' ' -f 'uri:dmikey:r%g' 17)"
refused "too long a file name" 'psk: no file name' r add a@b psk "$(printf '%01024d' 0)"
refused "removing who is not there, behind one who is" 'is not there; nothing' \
	r remove sensor1@example nobody@example
ktap_run_fails "a column that there is not" r add a@b psk x colour red
ktap_run_fails "a column twice" r add a@b psk x psk y
ktap_run_fails "a command that there is not" r drop

# the deny list
ktap_run "a sensor is denied" r deny sensor1@example 'stolen, "ward 7"'
ktap_equal "and why" "$(r denied | sed 's/,[0-9]*,/,SINCE,/')" 'identity,since,reason
nai:sensor1@example,SINCE,"stolen, ""ward 7"""'
ktap_run "it can be removed, and stays denied" r remove sensor1@example
ktap_equal "that is, still" "$(r denied | wc -l)" 2
ktap_run "it is allowed again" r allow sensor1@example
refused "who is allowed already" 'is not denied' r allow sensor1@example

# import: everything or nothing
csv identity,master,generation 'a@b,main,1' '"c@d",main,2'
ktap_equal "two are imported" "$(import)" "2 added, 0 changed, 0 as they were"
csv generation,master,identity '1,main,a@b' '3,main,c@d' '1,main,e@f'
ktap_equal "columns in another order; what is there changes" "$(import)" \
	"1 added, 1 changed, 1 as they were"
csv identity,master,generation 'g@h,main,1' 'i j,main,1' 'k@l,main,x'
refused "one bad row spoils all" '^dmikey-registry: in.csv: row 4: generation' import
ktap_run "each is named" grep -q 'row 3: "i j" is no identity' out
csv identity,master,generation 'g@h,main,1' 'nai:g@h,main,2'
refused "an identity twice" 'row 3: "g@h" stands there twice' import
csv identity,master,generation,colour 'g@h,main,1,red'
refused "an unknown column" 'row 1: there is no column "colour"' import
csv identity,identity 'g@h,g@h'
refused "a column twice" 'row 1: column identity is there twice' import
csv master,generation main,1
refused "no identities" 'names no column identity' import
csv identity,master,generation 'g@h,main'
refused "too few fields" 'row 2: it has 2 fields, not 3' import
csv identity,master,generation 'g@h,main,1,2'
refused "too many" 'row 2: it has too many' import
csv identity,master,generation '"g@h,main,1'
refused "a quote that is open" 'its quotes are wrong' import
printf 'identity,master,generation\ng\0h,main,1\n' > in.csv
refused "a NUL" 'row 2: identity: there is a NUL' import
: > in.csv
refused "an empty file" 'it is empty' import
refused "no file" 'none.csv: No such file' r import none.csv
r list > all.csv
mkdir copy
ktap_run "what is listed can be imported elsewhere" "$registry" -s copy import all.csv
ktap_equal "and is the same there" "$("$registry" -s copy list | sha256sum)" "$(r list | sha256sum)"

# a million, in an order that is no order
awk 'BEGIN {
	print "identity,master,generation,timestamp"
	for (i = 0; i < 1000000; i++)
		printf "bed%07d@example,main,1,counter\n", (i * 7919) % 1000000
}' > million.csv
few=$(rows)
r import million.csv > out 2>&1
ktap_equal "a million are imported" "$(rows) $(cat out)" \
	"$((1000000 + few)) 1000000 added, 0 changed, 0 as they were"
ktap_equal "who is asked for is found by the index" "$(plan | grep -c 'SEARCH sensor USING PRIMARY KEY (id=?)')/$(plan | grep -c SCAN)" 1/0

# reading meanwhile: what is read is what was there before, or what is there behind
sed 's/,main,1,/,main,2,/' million.csv > again.csv
"$registry" -s . import again.csv > out 2>&1 &
seen=
while kill -0 $! 2> /dev/null; do
	seen="$seen $(sqlite3 -cmd ".timeout 5000" registry.db "SELECT min(generation) || max(generation) FROM sensor
		WHERE id IN ('bed0000001@example', 'bed0500000@example', 'bed0999999@example')" 2>&1)"
done
wait
diag "reads while a million changed: $(printf '%s\n' $seen | sort | uniq -c | xargs)"
ktap_equal "an import is seen as a whole" "$(printf '%s\n' 11 22 $seen | sort -u | xargs)" "11 22"

# killed in the middle of it: half is read, the rest never comes
mkfifo half.csv
"$registry" -s . import half.csv > /dev/null 2>&1 &
exec 3> half.csv
head -n 500001 million.csv >&3
kill -KILL $!
wait $! 2> /dev/null
exec 3>&-
ktap_equal "an import that is killed has not been" \
	"$(sqlite3 registry.db 'SELECT count(*) FROM sensor WHERE generation = 2')" 1000000

# no more room: a file may have 40 MB, the journal would be longer
sed 's/bed/room/' million.csv > in.csv
full() { (ulimit -f 40000; r import in.csv); }
refused "no room" 'nothing was imported' full

# somebody else writes for longer than one can wait
{ echo "BEGIN IMMEDIATE;"; sleep 9; } | sqlite3 registry.db &
ktap_wait 5 sh -c '! sqlite3 registry.db "BEGIN IMMEDIATE"'
ktap_run_fails "the registry is being written to" r deny a@b
wait

# another version, a damaged file
cp registry.db good.db
sqlite3 registry.db 'PRAGMA user_version = 99' > /dev/null
refused "a registry of a later program" 'it has version 99, and this program knows up to 1' r deny a@b
cp good.db registry.db
ktap_run "a good one is sound" r check
dd if=/dev/urandom of=registry.db bs=4096 seek=1000 count=64 conv=notrunc 2> /dev/null
ktap_run_fails "a damaged one is not" r check
head -c 4096 /dev/urandom > registry.db
refused "no database at all" 'the database is damaged' r check
rm -rf "$work"
ktap_end
