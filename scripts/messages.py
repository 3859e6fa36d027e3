#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
Documentation/messages.md, every byte of a session, on stdout:

    scripts/messages.py > Documentation/messages.md

Bytes come from selftests/vectors/dmikey.json, their names and clauses from what
`dmikeyctl -j decode` says of them, explanations from messages_text.py. Keys are
derived here once more; the script dies if that, the vectors and dmikeyctl differ,
or if a byte is in no field. Uses $O/tools/dmikeyctl.
"""
import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tempfile
import textwrap

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, "selftests/host"))

from decode_shown import key, leaves, octets, vectors, whole  # noqa: E402
from messages_text import AFTER, DIFFERS, INTRO, MESSAGES, PAYLOADS, TOPICS  # noqa: E402

DMIKEYCTL = os.path.join(os.environ.get("O", os.path.join(TOP, "build")), "tools/dmikeyctl")
WIDTH = 24	# bytes a line
LONG = 64	# more is cut short where bytes are only compared


def same(what, *values):
    """All of them, or the page is not made."""
    if len(set(values)) != 1:
        sys.exit("messages.py: %s: %s" % (what, values))
    return values[0]


# ---- what dmikeyctl says

def decode(session, pki, messages):
    with tempfile.TemporaryDirectory() as work:
        def write(name, content):
            with open(os.path.join(work, name), "wb") as f:
                f.write(content)
            return f.name

        args = ["--key", write("r.key", pki["r"]["key_pem"].encode())]
        for tp in session["third_parties"]:
            args += ["--psk", write("psk-" + tp["tp"], tp["psk"].encode())]
            cert = base64.b64decode(pki[tp["tp"]]["cert"])
            args += ["--cert", write(tp["tp"] + ".der", cert)]
        ran = subprocess.run([DMIKEYCTL, "-j", "decode", *args], check=False,
                             input="\n".join(messages).encode(), capture_output=True)
    if ran.returncode:
        sys.exit("messages.py: dmikeyctl: %d %s" % (ran.returncode, ran.stderr.decode()))
    shown = [json.loads(line) for line in ran.stdout.splitlines()]
    for s, m in zip(shown, messages, strict=True):
        same("verified", s["verified"], True)
        same("every byte is in a field", whole(s), True)
        s["octets"] = bytes.fromhex(m)
        if "opened" in s:
            s["plain"] = bytes.fromhex(octets(s["opened"]))
    return shown


# ---- bytes beside their names

def words(field):
    """Name, value and its meaning."""
    out = field["name"]
    if "hex" not in field and "value" in field:
        out += " %s" % field["value"]
    if field.get("meaning"):
        out += " (%s)" % field["meaning"]
    return out


def rows(data, field, shared=False, cut=False):
    """Lines for a field; a byte that the field before has shown is not repeated."""
    first, size = field["offset"], field["length"]
    octet = [] if shared else [data[i:min(i + WIDTH, first + size)].hex()
                               for i in range(first, first + size, WIDTH)]
    if cut and size > LONG:
        octet = [octet[0][:-3] + "..."]
    lines = ["%5d  %-*s  %s" % (first, 2 * WIDTH, octet[0] if octet else "", words(field))]
    return [x.rstrip() for x in lines + [" " * 7 + x for x in octet[1:]]]


def inner(part):
    """Fields of a payload and the names of its parts, in the order of the bytes."""
    found = [f for f in part.get("fields", []) if f["length"]]
    for p in part.get("parts", []):
        found += [{"offset": p["offset"], "part": p}, *inner(p)]
    return sorted(found, key=lambda f: f["offset"])


def block(data, part):
    """A payload and what is in it."""
    out, shown = [], -1
    for field in inner(part):
        if "part" in field:
            p = field["part"]
            out.append("%s%s, %s" % (" " * (9 + 2 * WIDTH), p["name"], p["clause"]))
            continue
        out += rows(data, field, shared=field["offset"] == shown)
        shown = field["offset"]
    return out


def filled(text):
    return textwrap.fill(text, 96, break_on_hyphens=False)


def fenced(lines):
    return ["```", *lines, "```", ""]


def title(part, text):
    name = part["name"]
    if name == "General Ext.":
        name = "%s in a General Extension" % part["parts"][0]["name"]
    return filled("**%s**, %s, %d bytes at %d. %s" % (
        name, part["clause"], part["length"], part["offset"], text))


def labels(parts):
    """HDR, T, ID 1, ID 2, SHARE ..: what explanations are filed under."""
    seen, out = {}, []
    for part in parts:
        name = part["name"]
        if name == "General Ext.":
            name = part["parts"][0]["name"]
        seen[name] = seen.get(name, 0) + 1
        out.append("%s %d" % (name, seen[name]) if seen[name] > 1 else name)
    return out


def payloads(kind, data, parts, prefix=""):
    out = []
    for label, part in zip(labels(parts), parts):
        text = PAYLOADS.pop((kind, prefix + label), None)
        if text is None:
            sys.exit("messages.py: nothing is said of %s in %s" % (prefix + label, kind))
        out += [title(part, text), "", *fenced(block(data, part))]
    return out


def message(kind, shown):
    heading, text = MESSAGES[kind]
    out = ["## %s: %d bytes" % (heading, shown["length"]), "", filled(text), ""]
    out += payloads(kind, shown["octets"], shown["payloads"])
    if "opened" in shown:
        out += ["In KEMAC, decrypted:", "",
                *payloads(kind, shown["plain"], shown["opened"], "in KEMAC: ")]
    return out


def differences(one, other):
    """Fields of other that are not as in one."""
    out = []
    for where in ("payloads", "opened"):
        name = {"payloads": "octets", "opened": "plain"}[where]
        a, b = (list(leaves(s.get(where, []))) for s in (one, other))
        same("layout", *(tuple(f["name"] for f in x) for x in (a, b)))
        if where == "opened" and b:
            out.append("       in KEMAC:")
        for f, g in zip(a, b):
            f, g = dict(f), dict(g)
            old, new = (s[name][x["offset"]:x["offset"] + x["length"]]
                        for s, x in ((one, f), (other, g)))
            if old != new:
                out += rows(other[name], g, cut=True)
    return fenced(out)


# ---- keys, once more

def sha256(data):
    return hashlib.sha256(data).digest()


def mac(secret, data):
    return hmac.new(secret, data, "sha256").digest()


def prf(secret, label, length):
    """RFC 3830 4.1.2 for a key of one block."""
    a, out = label, b""
    while len(out) < length:
        a = mac(secret, a)
        out += mac(secret, a + label)
    return out[:length]


def times(a, b):
    """In GF(2^8) with x^8 + x^4 + x^3 + x + 1."""
    out = 0
    while b:
        out ^= a * (b & 1)
        a, b = (a << 1) ^ (0x11b if a & 0x80 else 0), b >> 1
    return out


def scaled(factor, octet):
    return bytes(times(factor, x) for x in octet)


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


class Session:
    """Values of a session, and the labels that they make."""

    def __init__(self, v):
        s = v["session"]
        self.csb, self.rand = bytes.fromhex(s["csb"]), bytes.fromhex(s["rand"])
        self.t, self.tgk = bytes.fromhex(s["t8"]), bytes.fromhex(s["tgk"])
        self.vector = s

    def label(self, constant, cs=0xff, randr=b""):
        return bytes.fromhex(constant) + bytes([cs]) + self.csb + self.rand + randr


def line(name, value):
    """A name and what it is; long octet strings go on below."""
    text = value.hex() if isinstance(value, bytes) else value
    parts = [text[i:i + 64] for i in range(0, len(text), 64)] or [""]
    return ["%-24s %s" % (name, parts[0]), *(" " * 25 + p for p in parts[1:])]


TRANSPORT = (("encr_key", "150533e1", 16), ("auth_key", "2d22ac75", 32), ("salt", "29b88916", 14))


def transport(s, name, secret, shown, vector, t):
    """encr_key, auth_key, salt, and the nonce of a KEMAC."""
    out, made = line(name, secret), {}
    for what, constant, size in TRANSPORT:
        label = s.label(constant)
        made[what] = prf(secret, label, size)
        same(what, made[what].hex(), key(shown, what), vector[what])
        out += line("%s: label" % what, label)
        if what == "encr_key":
            out += line("  A_1 = HMAC(key, label)", mac(secret, label))
            out += line("  HMAC(key, A_1 label)", mac(secret, mac(secret, label) + label))
        out += line("  first %d bytes" % size, made[what])
    nonce = xor(made["salt"], bytes(2) + s.csb + t)[1:]
    same("nonce", nonce.hex(), vector["nonce"])
    out += line("0000 CSB ID T", bytes(2) + s.csb + t)
    out += line("nonce", nonce)
    return fenced(out)


def sharing(s):
    c = [bytes.fromhex(x) for x in s.vector["coeffs"]]
    shares = {x: xor(c[0], scaled(x, c[1])) for x in (1, 2, 3)}
    for x, share in shares.items():
        same("share %d" % x, share.hex(), s.vector["shares"][str(x)])
    third = next(i for i in range(256) if times(i, 3) == 1)
    l1, l2 = times(2, third), third
    back = xor(scaled(l1, shares[1]), scaled(l2, shares[2]))
    same("TGK", back, s.tgk)
    same("c_1", scaled(third, xor(shares[1], shares[2])), c[1])
    return fenced(line("c_0, drawn", c[0]) + line("c_1, drawn", c[1]) +
                  sum((line("share of x = %d" % x, shares[x]) for x in shares), []) +
                  line("2 / (1 + 2)", "%02x" % l1) + line("1 / (1 + 2)", "%02x" % l2) +
                  line("%02x share_1 + %02x share_2" % (l1, l2), back) +
                  line("(share_1+share_2)/(1+2)", c[1]))


def commitment(s):
    v = s.vector
    k_commit = prf(s.tgk, s.label("197a9e97"), 32)

    def identity(i):
        data = bytes.fromhex(i["data"])
        return bytes([i["type"]]) + len(data).to_bytes(2, "big") + data

    parts = [("\"dmikey/1\"", b"dmikey/1"), ("CSB ID", s.csb), ("TS type, T_I", b"\0" + s.t),
             ("RAND", s.rand), ("IDi", identity(v["idi"])), ("IDr", identity(v["idr"])),
             ("CS ID map info", bytes.fromhex(v["map"])), ("SP", bytes.fromhex(v["sp_body"])),
             ("scheme n k flags", bytes([v["scheme"], v["n"], v["k"], v["flags"]])),
             ("TGK length", v["tgklen"].to_bytes(2, "big"))]
    parts += [("c_%d" % i, bytes.fromhex(c)) for i, c in enumerate(v["coeffs"])]
    data = b"".join(p for _, p in parts)
    same("commitment", mac(k_commit, data)[:16].hex(), v["commit"])
    same("commit_input", data.hex(), v["commit_input"] + "".join(v["coeffs"]))
    out = line("TGK = c_0", s.tgk) + line("K_commit: label", s.label("197a9e97"))
    out += line("  32 bytes", k_commit) + ["HMAC-SHA-256 of"]
    for name, value in parts:
        out += line("  " + name, value)
    return fenced(out + line("first 16 bytes", mac(k_commit, data)[:16]))


def verification(v, name, secret, shown, vector):
    """V of an answer."""
    s = v["session"]
    idi, idr = (bytes.fromhex(s[i]["data"]) for i in ("idi", "idr"))
    part = next(p for p in shown["payloads"] if p["name"] == "V")
    upto = part["offset"] + part["length"] - 32
    t = bytes.fromhex(vector["v_input"])[-8:]
    got = mac(secret, shown["octets"][:upto] + idi + idr + t)
    same("V", got.hex(), vector["ver_data"], shown["octets"][upto:].hex())
    return fenced(line(name, secret) + ["HMAC-SHA-256 of"] +
                  line("  message", "its first %d bytes" % upto) + line("  IDi", idi) +
                  line("  IDr", idr) + line("  T", t) + line("Ver data", got))


def session_keys(s, tgk, randr, shown):
    out = line("TGK", tgk) + line("RANDR", randr)
    for what, name, constant, cs, size in (
            ("ESP key of CS 1", "ESP key", "2ad01c64", 1, 16),
            ("ESP salt of CS 1", "ESP salt", "39a2c14b", 1, 3),
            ("ESP key of CS 2", "ESP key", "2ad01c64", 2, 16),
            ("ESP salt of CS 2", "ESP salt", "39a2c14b", 2, 3),
            ("K_update", "K_update", "378d3cf3", 0xff, 32)):
        label = s.label(constant, cs, randr)
        made = prf(tgk, label, size)
        same(what, made.hex(), key(shown, name, cs if cs != 0xff else None))
        out += line("%s: label" % what, label) + line("  first %d bytes" % size, made)
    return fenced(out)


def envelope(vector, shown):
    pke = bytes.fromhex(vector["pke"])
    em, secret = bytes.fromhex(vector["em"]), bytes.fromhex(vector["env_key"])
    same("padding", em[:2], b"\0\2")
    same("envelope key", em[-33:], b"\0" + secret)
    same("PKE", pke in shown["octets"], True)
    signed = shown["octets"][:-256]
    same("signed", sha256(signed).hex(), vector["sign_input_sha256"])
    return fenced(line("PKE decrypted, 256", "0002, 221 bytes that are not 0, 00, and") +
                  line("envelope key", secret) +
                  line("ENVID, of SHA-256(PKE)", sha256(pke)[:8]) +
                  line("SHA-256 of what is signed", sha256(signed)))


# ---- the page

def third(v, what, x=0):
    return v["third_parties"][x][what]


def main():
    all_of = vectors("dmikey.json")
    pki = all_of["pki"]
    found = {s["name"]: s for s in all_of["sessions"]}
    v, asked, cached = found["update-ccm-ntp"], found["tp_i-ccm"], found["cached-ccm"]
    update = v["updates"][0]
    plain = [t[what]["message"] for what in ("i_tp", "tp_r", "r_tp") for t in v["third_parties"]]
    plain += [v["r_i"]["message"], update["u_r"]["message"], update["r_u"]["message"]]
    shown = decode(v, pki, plain)
    i_tp, tp_r, r_tp = shown[0:3], shown[3:6], shown[6:9]
    r_i, u_r, r_u = shown[9:]
    tp_i = decode(asked, pki, [third(asked, w)["message"] for w in ("i_tp", "tp_i")])[1]
    hit = decode(cached, pki, [third(cached, "i_tp")["message"], third(cached, "earlier")["message"],
                               third(cached, "tp_r")["message"]])[2]
    s, old = Session(v), Session(cached)
    psk = bytes.fromhex(third(v, "psk"))
    env = bytes.fromhex(third(v, "tp_r")["env_key"])
    randr = bytes.fromhex(v["randr"])
    auth_5 = prf(s.tgk, s.label("2d22ac75"), 32)

    out = [INTRO]
    out += message("I_TP", i_tp[0])
    out += [TOPICS["share"], *sharing(s), TOPICS["commitment"], *commitment(s)]
    out += [TOPICS["psk"], *transport(s, "PSK", psk, i_tp[0], third(v, "i_tp"), s.t)]
    for x in (1, 2):
        out += [DIFFERS % ("third party %d" % (x + 1)), "", *differences(i_tp[0], i_tp[x])]
    out += message("TP_I", tp_i)
    out += message("TP_R", tp_r[0])
    out += [TOPICS["envelope"], *envelope(third(v, "tp_r"), tp_r[0])]
    t = bytes.fromhex(third(v, "tp_r")["t_prime"])
    out += [TOPICS["transport"], *transport(s, "envelope key", env, tp_r[0], third(v, "tp_r"), t)]
    for x in (1, 2):
        out += [DIFFERS % ("third party %d" % (x + 1)), "", *differences(tp_r[0], tp_r[x])]
    out += message("cached", hit)
    t = bytes.fromhex(third(cached, "tp_r")["t_prime"])
    env_old = bytes.fromhex(third(cached, "tp_r").get("env_key") or third(cached, "earlier")["env_key"])
    out += [TOPICS["cached"], *transport(old, "envelope key", env_old, hit, third(cached, "tp_r"), t)]
    out += message("R_TP", r_tp[0])
    out += [TOPICS["v4"], *verification(v, "auth_key of message 3",
                                        bytes.fromhex(third(v, "tp_r")["auth_key"]), r_tp[0],
                                        third(v, "r_tp"))]
    for x in (1, 2):
        out += [DIFFERS % ("third party %d" % (x + 1)), "", *differences(r_tp[0], r_tp[x])]
    out += message("R_I", r_i)
    out += [TOPICS["v5"], *verification(v, "auth_key of the TGK", auth_5, r_i, v["r_i"])]
    out += [TOPICS["esp"], *session_keys(s, s.tgk, randr, r_i)]
    out += message("U_R", u_r)
    k_update = prf(s.tgk, s.label("378d3cf3", randr=randr), 32)
    t = bytes.fromhex(update["t"])
    out += [TOPICS["u_r"], *transport(s, "K_update", k_update, u_r, update["u_r"], t)]
    out += message("R_U", r_u)
    out += [TOPICS["v7"], *verification(v, "auth_key of message 6",
                                        prf(k_update, s.label("2d22ac75"), 32), r_u, update["r_u"])]
    out += [TOPICS["new"], *session_keys(s, bytes.fromhex(update["tgk"]),
                                         bytes.fromhex(update["randr"]), r_u)]
    out += [AFTER]
    if PAYLOADS:
        sys.exit("messages.py: explained, but not there: %s" % list(PAYLOADS))
    print("\n".join(out), end="")


main()
