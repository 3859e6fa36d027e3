#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikeyd where no module is: what it says of what expires, once each, how it is
# (status.json), and what becomes of its databases.
. "$(dirname "$0")/../lib/ktap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
dmikeyd=${O:-$top/build}/agent/dmikeyd
registry=${O:-$top/build}/agent/dmikey-registry
[ -x "$dmikeyd" ] && [ -x "$registry" ] || ktap_skip_all "the agent is not built"
for tool in sqlite3 jq; do command -v $tool > /dev/null || ktap_skip_all "no $tool here"; done
work=$(mktemp -d)
pki=$work/pki
"$top/scripts/demo-pki.sh" -g 1 -r 1 -s 1 -x "$pki" > /dev/null || ktap_skip_all "no PKI"
mkdir "$work/state"
cd "$pki" || exit 1

# renew FILE DAYS: the certificate of gw1 or r1 once more, for that long
renew()
{
	local role=clientAuth usage=digitalSignature name=${1%%-*}

	[ "$name" = gw1 ] || { role=serverAuth usage=keyEncipherment; }
	printf 'keyUsage=critical,%s\nextendedKeyUsage=%s\nsubjectAltName=URI:dmikey:%s.example\n' \
		$usage $role "$name" > ext
	openssl req -new -config ca/openssl.cnf -key "$name.key" -subj "/CN=$1" -out csr
	openssl ca -batch -notext -config ca/openssl.cnf -extfile ext -in csr -out "$1.pem" \
		-startdate "$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)" \
		-enddate "$(date -u -d "$2" +%Y%m%d%H%M%SZ)"
}

{
	renew gw1-20 '+20 days +12 hours'
	renew r1-5 '+5 days +12 hours'
	renew r1-0 '+12 hours'
	openssl ca -config ca/openssl.cnf -gencrl -crldays 29 -out crl29.pem
	openssl req -x509 -new -key ca/ca.key -config ca/openssl.cnf -extensions v3_ca \
		-days 6 -subj "/CN=another CA" -out ca6.pem
} > "$work/openssl.log" 2>&1 || { diag < "$work/openssl.log"; ktap_skip_all "openssl failed"; }

conf()
{
	cat > "$work/dmikey.conf" <<-EOC
	ca = {"$pki/ca.pem", "$pki/ca6.pem"}
	$1
	thirdparty { certificate = "$pki/gw1-20.pem" key = "$pki/gw1.key" }
	peer-responder "dmikey:r1.example" { certificate = "$pki/r1-5.pem" address = "192.0.2.1" }
	EOC
}

start()
{
	"$dmikeyd" -c "$work/dmikey.conf" -s "$work/state" -S "$work/status.json" \
		2> "$work/log" &
	agent=$!
	ktap_wait 20 grep -q 'dmikey.conf: loaded' "$work/log" &&
		ktap_wait 20 test -s "$work/status.json"
}

stop()
{
	kill -TERM $agent
	wait $agent
}

said() { grep -q -- "$1" "$work/log"; }
times() { grep -c -- "$1" "$work/log"; }
field() { jq -r ".certificates[] | select(.kind == \"$1\" and .name == \"$2\") | .$3" \
	"$work/status.json"; }

ktap_plan 38
conf "crl = {\"$pki/crl29.pem\"}"
ktap_run "--check says what expires" sh -c "'$dmikeyd' --check -c '$work/dmikey.conf' 2>&1 |
	grep -q 'our certificate of dmikey:gw1.example expires in 20 days'"
echo keep > "$work/victim"
ln -s victim "$work/status.json.new"
ktap_run "the agent starts without the module" start
[ -s "$work/status.json" ] || diag < "$work/log"
ktap_run "30 days: its own certificate" said 'our certificate of dmikey:gw1.example expires in 20 days'
ktap_run "7 days: a peer's" said 'the certificate of dmikey:r1.example expires in 5 days'
ktap_run "7 days: an authority's" said "authority's certificate of CN=another CA expires in [56] days"
ktap_run "30 days: a CRL" said 'revocation list of CN=dmikey demonstration CA expires in 2[89] days'
ktap_equal "and nothing else" "$(times expires)" 4

ktap_equal "status.json: version, module, registry, sensors" \
	"$(jq -c '[.version, .module, .refused, .registry, .sensors]' "$work/status.json")" \
	'[1,false,false,"none",0]'
ktap_equal "whose network namespace" "$(jq .netns "$work/status.json")" \
	"$(stat -L -c %i /proc/self/ns/net)"
ktap_equal "the refusals are beside it, for nobody else" \
	"$(ktap_wait 10 test -s "$work/refusals.json"; stat -c %a "$work/refusals.json")" 600
ktap_equal "without the module there are none" \
	"$(jq -c '[.version, .lost, .refusals, (.netns > 0)]' "$work/refusals.json")" '[1,0,[],true]'
ktap_equal "everybody may read it" "$(stat -c %a "$work/status.json")" 644
ktap_equal "it is written through no link" "$(cat "$work/victim")" keep
ktap_equal "it names each" "$(jq -r '.certificates[].kind' "$work/status.json" | sort | xargs)" \
	"ca ca crl own peer"
ktap_equal "days" "$(field own dmikey:gw1.example days) $(field peer dmikey:r1.example days)" "20 5"
ktap_equal "whose revocation a CRL spoke for" "$(field own dmikey:gw1.example revocation)" crl
ktap_equal "and whose none did" "$(field ca 'CN=another CA' revocation)" "not checked"
ktap_equal "where it is configured" "$(field own dmikey:gw1.example where)" "$work/dmikey.conf:3"
ktap_equal "a hash" "$(field own dmikey:gw1.example sha256)" \
	"$(openssl x509 -in gw1-20.pem -outform DER | sha256sum | cut -d' ' -f1)"
ktap_equal "no key" "$(grep -c "$(cat psk/sensor1.gw1)" "$work/status.json")" 0

kill -HUP $agent
ktap_run "a reload" ktap_wait 10 sh -c "[ \$(grep -c 'dmikey.conf: loaded' '$work/log') = 2 ]"
ktap_equal "says nothing twice" "$(times expires)" 4
stop
ktap_run_fails "the file goes with the agent" test -e "$work/status.json"
ktap_run_fails "and that of the refusals" test -e "$work/refusals.json"
start
ktap_equal "nor does the next agent" "$(times expires)" 0

# another certificate, and no CRL
sed -i 's/r1-5/r1-0/; /^crl/d' "$work/dmikey.conf"
kill -HUP $agent
ktap_run "1 day: another certificate" ktap_wait 10 \
	said 'the certificate of dmikey:r1.example expires in 0 days'
ktap_equal "and only it" "$(times expires)" 1
ktap_run "revocation is not checked any more" ktap_wait 10 sh -c \
	"jq -r '.certificates[] | select(.kind == \"own\") | .revocation' '$work/status.json' |
	grep -q 'not checked'"
sed -i "s,r1-0,bad/r-expired," "$work/dmikey.conf"
kill -HUP $agent
ktap_run "one that has expired" ktap_wait 10 said 'the certificate of dmikey:r1.example has expired'
ktap_equal "is not valid, and why" \
	"$(field peer dmikey:r1.example valid) $(field peer dmikey:r1.example why)" \
	"false certificate has expired"

# a bad configuration is refused whole
echo 'frob = 1' >> "$work/dmikey.conf"
kill -HUP $agent
ktap_run "status.json says that what is there is refused" ktap_wait 10 \
	sh -c "[ \$(jq .refused '$work/status.json') = true ]"
sed -i '/^frob/d' "$work/dmikey.conf"

# the registry's state
"$registry" -s "$work/state" add a@b psk x > /dev/null
ktap_run "a registry that comes" ktap_wait 10 \
	sh -c "[ \$(jq -r .registry '$work/status.json') = good ]"
stop
sqlite3 "$work/state/registry.db" 'PRAGMA user_version = 99' > /dev/null
start
ktap_equal "one that cannot be read" "$(jq -r .registry "$work/status.json")" broken
ktap_run "and the log says why" said 'version 99'
stop

# a state.db of before there were versions keeps what it has
rm -f "$work"/state/state.db*
sqlite3 "$work/state/state.db" "CREATE TABLE counter(type INTEGER NOT NULL, id BLOB NOT NULL,
	value INTEGER NOT NULL, PRIMARY KEY(type, id)) WITHOUT ROWID;
	CREATE TABLE highest(one INTEGER PRIMARY KEY CHECK(one = 1), t INTEGER NOT NULL);
	INSERT INTO counter VALUES(0, CAST('a@b' AS BLOB), 42)"
start
stop
ktap_equal "an old state.db is brought up" "$(sqlite3 "$work/state/state.db" \
	'SELECT value FROM counter; PRAGMA user_version' | xargs)" "42 3"
head -c 8192 /dev/urandom > "$work/state/state.db"
rm -f "$work"/state/state.db-*
"$dmikeyd" -c "$work/dmikey.conf" -s "$work/state" -S "$work/status.json" 2> "$work/log"
ktap_equal "without its state it does not start" $? 3
ktap_run "and says that it is damaged" said 'state.db: the database is damaged'
ktap_run "and the file is still there" [ -s "$work/state/state.db" ]
rm -rf "$work"
ktap_end
