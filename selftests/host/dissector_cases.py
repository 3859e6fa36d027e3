#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
What dissector.sh tries of tools/dmikey.lua in tshark:

    dissector_cases.py              lists the cases, "NAME what must hold"
    dissector_cases.py TOOL NAME    runs one; an exception is a failure

TOOL, dmikeyctl, takes the same messages apart: both must see the same.
"""
import json
import os
import subprocess
import sys
import tempfile

from decode_make import capture
from decode_shown import HERE, vectors

SCRIPT = os.path.join(HERE, "../../tools/dmikey.lua")
TOOL = WORK = None

# a field of the dissector: the part and the field of decode
FIELDS = {
    "csb_id": ("HDR", "CSB ID"), "data_type": ("HDR", "data type"), "n_cs": ("HDR", "#CS"),
    "prf": ("HDR", "PRF func"), "map_type": ("HDR", "CS ID map type"), "v": ("HDR", "V"),
    "next": (None, "Next payload"), "cs_id": ("CS", "CS ID"), "prot": (None, "Prot type"),
    "s": ("CS", "S"), "n_policies": ("CS", "#P"), "policies": ("CS", "Policies"),
    "session_data_len": ("CS", "Session Data Length"), "spi": ("CS", "SPI"),
    "encr_alg": ("KEMAC", "Encr alg"), "encr_data": ("KEMAC", "Encr data"),
    "mac_alg": ("KEMAC", "MAC alg"), "mac": ("KEMAC", "MAC"), "cache": ("PKE", "C"),
    "pke": ("PKE", "Data"), "s_type": ("SIGN", "S type"), "sign": ("SIGN", "Signature"),
    "ts": ("T", "TS value"), "id_type": (None, "ID type"), "id": (None, "ID Data"),
    "id_role": ("IDR", "ID Role"), "cert_type": ("CERT", "Cert type"),
    "cert": ("CERT", "Certificate"), "hash": ("CHASH", "Hash"),
    "auth_alg": ("V", "Auth alg"), "ver_data": ("V", "Ver data"),
    "policy_no": ("SP", "Policy no"), "param_len": ("SP", "Policy param length"),
    "rand": (None, "RAND"), "rand_role": ("RANDR", "RAND Role"), "error": ("ERR", "Error no"),
    "ext_type": ("General Ext.", "Type"), "scheme": ("SHARE", "scheme"), "n": ("SHARE", "n"),
    "k": ("SHARE", "k"), "x": (None, "x"), "tgk_len": ("SHARE", "TGK len"),
    "t_i": ("SHARE", "T_I"), "commitment": ("SHARE", "commitment"),
    "tp_hash": ("PART", "third party's hash"), "verdict": ("PART", "verdict"),
    "cookie": ("COOKIE", "cookie"), "envid": ("ENVID", "ENVID"), "tlv_type": (None, "type"),
    "tlv_len": (None, "length"),
}
# octets there, a number here
WIDE = {"ts", "t_i"}
EXPERTS = ("truncated", "trailing", "unknown_payload", "unknown_length")


def messages_in(value):
    """Every message anywhere in a file of vectors, in hex."""
    if isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, str) and member and (
                    name in ("message", "err", "i_message", "r_message_no_ids",
                             "r_message_with_ids")):
                yield member
            else:
                yield from messages_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from messages_in(member)


def is_ours(message):
    """What the dissector does not leave to Wireshark's own."""
    return len(message) < 20 or message[6:8] not in ("00", "80") or message[18:20] != "00"


def tshark(messages, fields):
    """The fields of each message: lists of lists."""
    path = os.path.join(WORK, "pcap")
    with open(path, "wb") as f:
        f.write(capture("ethernet", 6, [bytes.fromhex(m) for m in messages]))
    wanted = [a for name in fields for a in ("-e", name)]
    shown = subprocess.run(["tshark", "-n", "-X", "lua_script:" + SCRIPT, "-r", path, "-T",
                            "json", "--no-duplicate-keys", *wanted],
                           capture_output=True, text=True, check=True,
                           env=dict(os.environ, HOME=WORK))
    assert "Lua" not in shown.stderr and "lua" not in shown.stderr, shown.stderr
    packets = json.loads(shown.stdout)
    assert len(packets) == len(messages), (len(packets), len(messages))
    return [p["_source"].get("layers", {}) for p in packets]


def decode(messages):
    data = "".join(m + "\n" for m in messages).encode()
    shown = subprocess.run([TOOL, "-j", "decode"], input=data, capture_output=True, check=False)
    return [json.loads(line) for line in shown.stdout.splitlines()]


def leaves(parts, around=()):
    """Fields with the names of the parts that they are in, in the message's order."""
    inside = []
    for part in parts:
        for f in part.get("fields", []):
            inside.append((f["offset"], part["name"], f))
        inside += leaves(part.get("parts", []), around + (part["name"],))
    return inside


def as_text(name, field):
    if name in WIDE:
        return field.get("hex") or "%0*x" % (2 * field["length"], field["value"])
    if name == "csb_id":
        return "0x" + field["hex"]
    if "hex" in field:
        return field["hex"]
    return str(field["value"])


def wanted_of(shown, name):
    part, text = FIELDS[name]
    found = [as_text(name, f) for _, p, f in sorted(leaves(shown["payloads"]), key=lambda x: x[0])
             if f["name"] == text and part in (None, p) and f["length"]]
    return found


def same(messages):
    fields = ["dmikey." + name for name in FIELDS]
    count = 0
    for message, layers, shown in zip(messages, tshark(messages, fields + ["mikey.version"]),
                                      decode(messages), strict=True):
        if not is_ours(message):
            assert "mikey.version" in layers and "dmikey.csb_id" not in layers, message
            continue
        count += 1
        for name in FIELDS:
            got = layers.get("dmikey." + name, [])
            wanted = wanted_of(shown, name)
            assert sorted(got) == sorted(wanted), (shown["name"], name, got, wanted)
    return count


def case_distributed():
    """every message of the distributed mode: the fields that decode sees, in RELAY too"""
    messages = list(messages_in(vectors("dmikey.json")))
    assert same(messages) == len(messages) > 600


def case_plain():
    """plain messages with RFC 6043's code points here, all others by Wireshark's own"""
    messages = list(messages_in(vectors("rfc3830.json")))
    assert 0 < same(messages) < len(messages)


def case_others():
    """others' SRTP messages are left to Wireshark's own dissector"""
    assert same(list(messages_in(vectors("mikey-others.json")))) == 0


def case_bits():
    """fields of less than a byte, at their limits"""
    policies = bytes(range(127))
    header = bytes([1, 1, 0, 0xff, 0, 0, 0, 1, 1, 2])
    message = header + bytes([9, 241, 0xff]) + policies + bytes([0, 0, 0])
    assert same([message.hex()]) == 1
    shown = tshark([message.hex()], ["dmikey.policies", "dmikey.s", "dmikey.v", "dmikey.prf"])[0]
    assert shown["dmikey.policies"] == [policies.hex()] and shown["dmikey.s"] == ["1"], shown
    assert shown["dmikey.v"] == ["1"] and shown["dmikey.prf"] == ["127"], shown


def malformed(messages):
    """No Lua error, and an expert info wherever decode finds a message malformed."""
    fields = ["dmikey." + name for name in EXPERTS] + ["_ws.lua.error", "_ws.lua.text",
                                                       "dmikey.version", "_ws.expert.message"]
    for i in range(0, len(messages), 1500):
        some = messages[i:i + 1500]
        for message, layers, shown in zip(some, tshark(some, fields), decode(some), strict=True):
            assert "_ws.lua.error" not in layers and "_ws.lua.text" not in layers, message
            assert not any("Lua" in t for t in layers.get("_ws.expert.message", [])), message
            if not is_ours(message):
                continue
            flaw = shown.get("error", {}).get("flaw")
            told = any("dmikey." + name in layers for name in EXPERTS)
            if flaw in ("truncated", "trailing", "payload", "length"):
                assert told, (message, flaw)
            elif not flaw:
                assert not told, (message, layers)


def samples():
    """One of each kind, short enough to be changed everywhere."""
    kinds = {}
    for m in messages_in(vectors("dmikey.json")):
        kinds.setdefault((m[2:6], m[16:20], len(m) > 600), m)
    for m in messages_in(vectors("rfc3830.json")):
        if is_ours(m):
            kinds.setdefault((m[2:6], m[18:20]), m)
    return [m for m in kinds.values() if len(m) < 1400]


def case_truncated():
    """cut at every byte: an expert info, never a Lua error"""
    malformed([m[:2 * n] for m in samples() for n in range(1, len(m) // 2)])


def case_changed():
    """every byte changed: an expert info where decode has one, never a Lua error"""
    lines = []
    for m in samples():
        for n in range(len(m) // 2):
            changed = int(m[2 * n:2 * n + 2], 16) ^ (0x01, 0x80, 0xff)[n % 3]
            lines.append("%s%02x%s" % (m[:2 * n], changed, m[2 * n + 2:]))
    malformed(lines)


def case_negative():
    """the bad messages of the vectors: an expert info where decode has one"""
    bad = list(messages_in(vectors("dmikey-negative.json")))
    bad += [n["message"] for n in vectors("rfc3830-negative.json") if n["message"]]
    malformed([m for m in bad if len(m) < 8192])


CASES = {name[5:]: f for name, f in list(globals().items()) if name.startswith("case_")}

if __name__ == "__main__":
    if len(sys.argv) == 1:
        for name, case in CASES.items():
            print(name, case.__doc__)
        sys.exit()
    TOOL = sys.argv[1]
    with tempfile.TemporaryDirectory() as WORK:
        CASES[sys.argv[2]]()
