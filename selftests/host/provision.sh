#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dmikey-provision: what it makes, what it refuses, and that a counter never
# begins again. A board behind ST-LINK is played by a program named openocd
# that keeps its flash in a file: what a real one does with the same commands
# is not seen here.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

top=$PWD
provision=${O:-$top/build}/tools/dmikey-provision
dmikeyd=${O:-$top/build}/agent/dmikeyd
[ -x "$provision" ] || ktap_skip_all "dmikey-provision is not built"
[ -x "$dmikeyd" ] || ktap_skip_all "dmikeyd is not built"
work=$(mktemp -d)
scripts/demo-pki.sh -g 2 -r 1 -s 0 "$work/pki" > /dev/null || ktap_skip_all "no PKI"
export TMPDIR=$work/tmp
mkdir "$TMPDIR"
cd "$work" || exit 1

# conf [SED..]: sensor.conf, changed
conf()
{
	cat > sensor.conf <<-EOC
	identity = "nai:sensor1@example"
	responder {
	  identity = "uri:dmikey:r1.example"
	  address = "fd01::1"
	  coap-path = "ward/7"
	}
	thirdparty gw1 {
	  identity = "uri:dmikey:gw1.example"
	  address = "fd00::11"
	  psk-file = "gw1.psk"
	}
	thirdparty gw2 {
	  identity = "uri:dmikey:gw2.example"
	  address = "fd00::12"
	  psk-file = "gw2.psk"
	}
	n = 2
	k = 2
	timestamp = "counter"
	address = "fd00::2"
	period = 500
	esp {
	  cipher = "aes-ccm-8"
	}
	EOC
	[ $# -eq 0 ] || sed -i "$@" sensor.conf
}

make() { "$provision" -c sensor.conf -o dir "$@"; }
modes() { stat -c %a "$@" | sort -u; }
anew() { rm -rf dir image ./*.psk; conf "$@"; }
counter() { "$provision" --show "$1" | sed -n 's/^log: no counter above \([0-9]*\) .*/\1/p'; }
# differ A B: both are there, and not the same
differ() { [ -s "$1" ] && [ -s "$2" ] && ! cmp -s "$1" "$2"; }

# refused NAME WORDS COMMAND...: status 1, and WORDS are said
refused()
{
	local name=$1 words=$2 status=0
	shift 2

	"$@" > out 2>&1 || status=$?
	if [ $status -eq 1 ] && grep -q -- "$words" out; then
		ktap_pass "$name"
	else
		ktap_fail "$name" "status $status, wanted: $words"
		diag < out
	fi
}

# usage NAME OPTION...: status 2
usage()
{
	local name=$1 status=0
	shift

	"$provision" "$@" > out 2>&1 || status=$?
	ktap_equal "usage: $name" $status 2
}

# no key in any file of text, nor on the screen: all output goes through here
secret_in()
{
	local psk

	for psk in gw1.psk gw2.psk; do
		grep -qiF "$(head -c 16 $psk)" "$@" && return
	done
	return 1
}

# bound FILE OFFSET SEQUENCE COUNTER: a record as the firmware writes it
bound()
{
	python3 - "$@" <<-'EOP'
	import struct, sys, zlib
	name, at, seq, counter = sys.argv[1], *map(int, sys.argv[2:])
	r = struct.pack(">cBBBIQ", b"L", 1, 1, 8, seq, counter)
	with open(name, "r+b") as f:
	    f.seek(at)
	    f.write(r + struct.pack(">I", zlib.crc32(r)))
	EOP
}

# spoil FILE OFFSET BYTES
spoil() { printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

# ---- making

ktap_plan 130
anew
ktap_run "f405: made" make -b f405
ktap_equal "all for the owner alone" "$(modes dir/* ./*.psk)" 600
ktap_equal "a PSK is 64 hex digits" "$(grep -cxE '[0-9a-f]{64}' gw1.psk gw2.psk)" \
	"$(printf 'gw1.psk:1\ngw2.psk:1')"
ktap_run "PSKs differ" differ gw1.psk gw2.psk
ktap_equal "the log is 32 KiB, the key sector 4" "$(stat -c %s dir/log.bin dir/keys.bin)" \
	"$(printf '32768\n4096')"
ktap_equal "the counter begins" "$(counter dir/log.bin)" 0
"$provision" --show dir/keys.bin > shown
ktap_equal "what is shown" "$(cat shown)" "key sector: keys are good
sensor: nai:sensor1@example
  address fd00::2, port 2269, provisioned 1 times
responder: uri:dmikey:r1.example
  readings: coap://[fd01::1]:5683/ward/7, every 500 ms
session: 2 of 2 third parties, 2 suffice, shamir, aes-ccm
esp: aes-ccm-8, 86400 seconds, 4294901760 packets
third party gw1: uri:dmikey:gw1.example
  address fd00::11, port 2269, a PSK
third party gw2: uri:dmikey:gw2.example
  address fd00::12, port 2269, a PSK"
ktap_run "the PSKs are in the key sector" python3 -c "
data = open('dir/keys.bin', 'rb').read()
assert all(data.count(bytes.fromhex(open(f'gw{i}.psk').read())) == 1 for i in (1, 2))"
ktap_run_fails "no key is shown" secret_in shown dir/*.conf
refused "not made over" "force" make -b f405
cp gw1.psk before
ktap_run "made anew with --force" make -b f405 --force
ktap_run "PSKs stay" cmp gw1.psk before
ktap_run "its generation counts" sh -c '"$0" --show dir/keys.bin | grep -q "provisioned 2 times"' \
	"$provision"

# ---- for dmikeyd

# agent ROLE FRAGMENT: dmikeyd takes it
agent()
{
	rm -rf etc
	mkdir -p -m 700 etc/conf.d
	cp pki/*.pem pki/*.key ./*.psk etc
	cp "$2" etc/conf.d
	printf 'ca = {"ca.pem"}\ncrl = {"crl.pem"}\n%s\n' "$1" > etc/dmikey.conf
	timeout 20 "$dmikeyd" --check -c etc/dmikey.conf
}
ktap_run "the third party's agent takes its fragment" \
	agent 'thirdparty { certificate = "gw1.pem" key = "gw1.key" }' dir/thirdparty-gw1.conf
ktap_run "the responder's agent takes its rule" \
	agent 'responder "uri:dmikey:r1.example" { certificate = "r1.pem" key = "r1.key" }' \
	dir/responder.conf
rm etc/gw1.psk
ktap_run_fails "and would say it if a file were missing" sh -c "rm -f etc/gw1.psk &&
	cp dir/thirdparty-gw1.conf etc/conf.d && $dmikeyd --check -c etc/dmikey.conf"
ktap_run "both third parties are in the rule" \
	sh -c 'grep -q gw1.example dir/responder.conf && grep -q gw2.example dir/responder.conf'
anew -e 's/^n = 2/n = 1/' -e 's/^k = 2/k = 1/' -e 's/aes-ccm-8/aes-gcm-16/'
ktap_run "k = 1: made" make -b f405
ktap_run "k = 1: the responder's agent takes its rule" \
	agent 'responder "uri:dmikey:r1.example" { certificate = "r1.pem" key = "r1.key" }' \
	dir/responder.conf

# ---- f100

anew
ktap_run "f100: made" make -b f100
ktap_equal "the log is 2 KiB, the key sector too" "$(stat -c %s dir/log.bin dir/keys.bin)" \
	"$(printf '2048\n2048')"
ktap_run "it has a seed" sh -c '"$0" --show dir/log.bin | grep -q "0 was used, a seed$"' "$provision"
cp dir/log.bin first.bin
ktap_run "made anew" make -b f100 --force
ktap_run "with another seed" differ dir/log.bin first.bin

# ---- refused

anew
install -m 644 /dev/null gw1.psk
printf '%064d\n' 7 > gw1.psk
refused "a PSK that others may read" "may be read by others" make -b f405
chmod 600 gw1.psk
printf 'abc\n' > gw1.psk
refused "a PSK that is none" "64 hex digits" make -b f405
ktap_run_fails "and nothing is made then" ls dir/keys.bin
anew -e 's/gw2.psk/gw1.psk/'
refused "one PSK for two" "gw1 and gw2 have one PSK" make -b f405
anew -e 's/fd00::12/fd00::11/'
refused "one address for two" "twice" make -b f405
anew -e 's/^address.*//'
refused "no address" "needs IPv6" make -b f405
anew -e 's/fd01::1/192.0.2.1/' -e 's/fd00::2/192.0.2.2/'
refused "IPv4" "needs IPv6" make -b f405
anew -e 's/^timestamp.*//'
refused "a clock" "has no clock" make -b f405
anew -e 's/^k = 2/k = 1/'
refused "k = 1 of 2" "k = 1" make -b f405
anew -e 's/aes-ccm-8/aes-cbc/'
refused "a cipher that the firmware has not" "the firmware has" make -b f405
anew -e 's/cipher = .*/mode = "tunnel"/'
refused "tunnel mode" "transport mode" make -b f405
anew -e 's/cipher = .*/protocol = "tcp"/'
refused "TCP" "UDP" make -b f405
anew -e 's/fd00::12/[fd00::12]:2270/'
refused "third parties' ports" "different ports" make -b f405
anew -e 's,ward/7,/ward/7,'
refused "a path with a slash" "coap-path" make -b f405
anew -e 's/^period.*/period = 99/'
refused "a period" "period = 99" make -b f405
anew -e 's/thirdparty gw2/thirdparty "gw 2"/'
refused "a name" "name 'gw 2'" make -b f405
anew -e 's/nai:sensor1@example/nai:a\\\\\\\\b@example/'
refused "an identity with a backslash" "identities are" make -b f405
long=$(printf 'nai:%064d' 1)
anew -e "s/nai:sensor1@example/${long}2/"
refused "an identity of 65 bytes" "more than 64 bytes" make -b f405
anew -e "s/nai:sensor1@example/$long/"
ktap_run "one of 64 is taken" make -b f405

# ---- development keys

anew
ktap_run "--dev: made" make -b f405 --dev
ktap_run "--dev: said" sh -c '"$0" --show dir/keys.bin | grep -q "^DEVELOPMENT KEYS"' "$provision"
refused "a development key without --dev" "development key" make -b f405 --force
cp gw1.psk before
anew
ktap_run "--dev: made again" make -b f405 --dev
ktap_run "--dev: the same key" cmp gw1.psk before
anew
make -b f405 > /dev/null
refused "--dev with keys of its own" "go without --dev" make -b f405 --dev --force

# ---- a board in a file

image() { "$provision" "$@" -b f100 --image image; }
anew
make -b f100 > /dev/null
ktap_run "an image: written" image --flash -o dir
ktap_equal "its mode and size" "$(stat -c %a,%s image)" 600,4096
ktap_run "read back" image --read-back -o dir
ktap_run_fails "its seed is not that of log.bin" cmp -n 2048 image dir/log.bin
bound image 64 3 1234
ktap_equal "the firmware's counter is seen" "$(counter image)" 1234
ktap_run "written again" image --flash -o dir
ktap_equal "the counter goes on, by 64 starts" "$(counter image)" 2258
ktap_equal "and DIR knows it" "$(counter dir/log.bin)" 2258
ktap_run_fails "but has another seed" cmp -n 2048 image dir/log.bin
ktap_run "--counter raises it" image --flash -o dir --counter 5000
ktap_equal "as it says" "$(counter image)" 5000
ktap_run "a lower one" image --flash -o dir --counter 7
ktap_equal "does not lower it" "$(counter image)" 6024
bound image 64 5 7000
spoil image 70 '\377\1'
ktap_run "a bound that is damaged" sh -c "[ $(counter image) -ge 6040 ]"
make -b f100 --force > /dev/null
refused "keys that are others'" "keys are not those of dir" image --read-back -o dir
image --flash -o dir > /dev/null
spoil image 2100 '\1'
refused "a damaged key sector" "key sector is damaged" image --read-back
spoil image 0 'XXXX'
refused "a damaged log: read back" "log: damaged" image --read-back
refused "a damaged log: not written over" "say where\|--counter" image --flash -o dir
ktap_run "a damaged log, with --counter" image --flash -o dir --counter 90000
ktap_equal "which is taken" "$(counter image)" 90000
refused "erase without --force" "force" image --erase
unsaid() { image --erase --force > /dev/full; }
refused "erase, and nobody hears the counter" "nothing is erased" unsaid
ktap_equal "it is there still" "$(counter image)" 90000
ktap_equal "erase" "$(image --erase --force)" "no counter above 90000 was used: \
if the keys are used again, say --counter 90000
erased"
refused "an erased board" "key sector is empty" image --read-back

# ---- the counter, when the board does not know it

anew
make -b f100 > /dev/null
image --flash -o dir > /dev/null
bound image 120 40 5000
ktap_run "read back with DIR" image --read-back -o dir
ktap_equal "DIR learns the counter" "$(counter dir/log.bin)" 5000
cp image board
rm image
refused "erased: not from DIR's counter" "log is empty.*at 5000 or above: --counter" \
	image --flash -o dir
refused "nor from one below" "--counter" image --flash -o dir --counter 4999
make -b f100 --force > /dev/null
refused "nor with DIR made anew" "--counter" image --flash -o dir
ktap_run_fails "and nothing is written then" ls image
ktap_run "with --counter it is" image --flash -o dir --counter 8000
ktap_equal "as it says, erased" "$(counter image)" 8000
rm dir/log.bin
refused "no log.bin: not made anew" "counter goes on is unknown" make -b f100 --force
ktap_run "but with --counter" make -b f100 --force --counter 20000
rm image
ktap_run "and written to an erased board" image --flash -o dir
ktap_equal "from there" "$(counter image)" 20000
conf -e 's/sensor1/sensor2/'
ktap_run "PSKs that were there are said to be" sh -c '"$0" -c sensor.conf -b f100 -o other 2>&1 |
	grep -q "PSKs were there"' "$provision"
rm image
image --flash -o other > /dev/null
refused "a board that was another sensor" "was not this sensor.*at 20000 or above: --counter" \
	image --flash -o dir
spoil board 2100 '\1'
cp board image
refused "or may have been" "was not this sensor" image --flash -o dir

# ---- a board behind openocd, played

mkdir bin
cat > bin/openocd <<'EOF_OCD'
#!/usr/bin/env python3
# Plays openocd, and a board: what stands in $WORK/chip begins at 0x08000000. Its
# firmware runs from "reset run" on, and when openocd ends with a chip that is
# halted, which an ST-LINK may let go then. Each start of it moves the bound and
# spends the seed; a T or a seed that was used before is told in $WORK/repeated.
import os, re, struct, sys, time, zlib
work = os.environ["WORK"]
args = sys.argv[1:]
f100 = "target/stm32f1x.cfg" in args
LOG, SIZE, SEED = (0x1f000, 2048, 2) if f100 else (0xc000, 32768, None)
state = "running"
with open(work + "/commands", "a") as f:
    f.write(" ".join(args) + "\n")
chip = bytearray(open(work + "/chip", "rb").read())

def records():
    at = LOG
    while at < LOG + SIZE:
        magic, _, kind, length, sequence = struct.unpack(">cBBBI", chip[at:at + 8])
        whole = chip[at:at + 8 + length + 4]
        if magic == b"L" and zlib.crc32(whole[:-4]) == int.from_bytes(whole[-4:], "big"):
            yield at, kind, sequence, bytes(whole[8:-4])
            at += len(whole)
        else:
            at += 4

def append(kind, data):
    last = list(records())
    at, sequence = max(r[0] + 12 + len(r[3]) for r in last), max(r[2] for r in last) + 1
    r = struct.pack(">cBBBI", b"L", 1, kind, len(data), sequence) + data
    chip[at:at + len(r) + 4] = r + struct.pack(">I", zlib.crc32(r))

def once(name, value, repeats):
    with open(work + "/" + name, "a+") as f:
        f.seek(0)
        if any(repeats(old) for old in f.read().split()):
            open(work + "/repeated", "a").write("%s %s\n" % (name, value))
        f.write("%s\n" % value)

def firmware():
    bounds = [(r[2], int.from_bytes(r[3], "big")) for r in records() if r[1] == 1]
    if not bounds:
        return
    bound = max(bounds)[1]
    once("bounds", bound + 16, lambda old: int(old) > bound)
    append(1, struct.pack(">Q", bound + 16))
    for at, kind, _, data in list(records()):
        if kind == SEED:
            once("seeds", data.hex(), lambda old: old == data.hex())
            append(SEED, os.urandom(32))
            chip[at:at + 44] = bytes(44)

def execute(command):
    global state
    w = command.split()
    with open(work + "/acts", "a") as f:
        f.write(command + "\n")
    if w[:2] == ["reset", "run"]:
        state = "running"
        firmware()
    elif w[0] == "resume":
        state = "running"
    elif w[0] == "halt" or w[:2] == ["reset", "halt"]:
        state = "halted"
    elif w[0] in ("init", "shutdown") or w[1:] == ["disabled"]:
        pass
    elif state != "halted":
        sys.exit("not halted: " + command)
    elif w[0] == "dump_image":
        at = int(w[2], 16) - 0x08000000
        open(w[1], "wb").write(chip[at:at + int(w[3])])
    elif w[:3] == ["flash", "write_image", "erase"]:
        data, at = open(w[3], "rb").read(), int(w[4], 16) - 0x08000000
        while os.path.exists(work + "/slow"):
            if not os.path.exists(work + "/at-it"):
                open(work + "/at-it", "w").write(str(os.getpid()))
            time.sleep(0.01)
        if not os.path.exists(work + "/dead-flash"):
            chip[at:at + len(data)] = data
        if os.stat(".").st_mode & 0o77 or os.stat(w[3]).st_mode & 0o77:
            sys.exit("others may read " + w[3])
    elif w[:2] == ["flash", "erase_address"]:
        at, size = int(w[2], 16) - 0x08000000, int(w[3])
        chip[at:at + size] = b"\xff" * size
    elif w[0] == "verify_image":
        data, at = open(w[1], "rb").read(), int(w[2], 16) - 0x08000000
        if chip[at:at + len(data)] != data and not os.path.exists(work + "/dead-flash"):
            sys.exit("verify failed")
    else:
        sys.exit("unknown command " + command)

# what the program's Tcl says: "proc dmikey_step {} { COMMAND; ... return 0 }" in N.tcl
def dialogue():
    n, more = 1, True
    while more:
        end = time.time() + 60
        while not os.path.exists("%d.tcl" % n):
            if time.time() > end:
                sys.exit("no next step")
            time.sleep(0.01)
        step = re.fullmatch(r"proc dmikey_step {} {(.*) return ([01]) }\n",
                            open("%d.tcl" % n).read())
        for command in filter(None, map(str.strip, step[1].split(";"))):
            execute(command)
        n, more = n + 1, step[2] == "1"

def obey():
    if os.path.exists(work + "/no-board"):
        sys.exit("Error: open failed")
    for command in [a for o, a in zip(args, args[1:]) if o == "-c"]:
        if command == "dmikey":
            dialogue()
        elif not command.startswith("proc dmikey "):
            for c in command.split("; "):
                execute(c)

try:
    obey()
finally:
    if state == "halted":
        firmware()
    open(work + "/chip", "wb").write(chip)
EOF_OCD
chmod +x bin/openocd
export WORK=$work PATH=$work/bin:$PATH

# new_chip: code, and erased behind it
new_chip()
{
	python3 -c "open('chip', 'wb').write(b'code' * 0x3000 + b'\xff' * (0x100000 - 0xc000))"
	rm -f bounds seeds
}
# on_board: where its counter is
on_board()
{
	"$provision" --read-back -b $kind | sed -n 's/^log: no counter above \([0-9]*\) .*/\1/p'
}
board() { "$provision" "$@" -b $kind; }

for kind in f405 f100; do
	case $kind in
	f405)	log_at=$((0xc000)) keys_at=0xe0000 ;;
	f100)	log_at=$((0x1f000)) keys_at=0x1f800 ;;
	esac
	new_chip
	anew
	make -b $kind > /dev/null
	: > commands
	ktap_run "openocd, $kind: written and verified" board --flash -o dir
	ktap_equal "one openocd, from the first byte that is read on" "$(wc -l < commands)" 1
	ktap_run "it ran then" [ "$(cat bounds)" = 16 ]
	ktap_run "read back" board --read-back -o dir
	ktap_equal "without a start of the firmware" "$(cat bounds)" 16
	ktap_run "where it should be" python3 -c "
chip, keys = open('chip', 'rb').read(), open('dir/keys.bin', 'rb').read()
assert chip[$keys_at:$keys_at + len(keys)] == keys and chip[$log_at:$log_at + 2] == b'L\1'
assert chip[:0xc000] == b'code' * 0x3000"
	bound chip $((log_at + 160)) 50 777
	ktap_run "written again" board --flash -o dir
	ktap_run "the counter goes on" [ "$(on_board)" -ge 777 ]
	ktap_run "erased" board --erase --force
	refused "then empty" "log: empty" board --read-back
	refused "then not written, as the counter is unknown" "log is empty.*--counter" \
		board --flash -o dir
	ktap_run "written with --counter" board --flash -o dir --counter 9000
	ktap_run "as it says" [ "$(on_board)" -ge 9000 ]
	ktap_run_fails "no T and no seed was used twice" cat repeated
done
kind=f405
ktap_run "openocd: the commands" grep -q -- "-f interface/stlink.cfg -f target/stm32f1x.cfg \
-c gdb_port disabled; tcl_port disabled; telnet_port disabled -c .* -c init -c reset halt \
-c dmikey -c shutdown$" commands
ktap_run_fails "openocd: no key in its arguments" secret_in commands
new_chip
anew
make -b f405 > /dev/null
rm acts
touch dead-flash
refused "openocd: a flash that does not take it" "does not hold what was written" \
	board --flash -o dir
rm dead-flash
ktap_run_fails "which is not let run" grep -E "^(reset run|resume)" acts
touch no-board
refused "openocd: no board" "is the board connected" board --read-back
rm no-board
ktap_equal "no file stays" "$(ls "$TMPDIR")" ""
# interrupted [all]: how it ends, and what stays, when the keys are on their way
interrupted()
{
	local pid

	new_chip
	anew
	make -b f405 > /dev/null
	touch slow
	rm -f at-it
	"$provision" --flash -o dir -b f405 > out 2>&1 & pid=$!
	ktap_wait 20 sh -c "[ -s at-it ] && [ -s $TMPDIR/*/keys.bin ]"
	kill -TERM $pid
	[ $# -eq 0 ] || kill -TERM "$(cat at-it)"
	rm slow
	wait $pid
	echo "$? $(ls "$TMPDIR")"
}
ktap_equal "nor when it is told to end" "$(interrupted)" "143 "
ktap_equal "together with openocd" "$(interrupted all)" "143 "

usage "nothing"
usage "no board" -c sensor.conf -o dir
usage "another board" -c sensor.conf -b f407 -o dir
usage "two things at once" --flash --erase -b f405 -o dir
usage "a counter that is none" --flash -b f405 -o dir --counter 4294967296
cd "$top" && rm -rf "$work"
ktap_end
