#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
What decode.sh tries of dmikeyctl decode:

    decode_cases.py             lists the cases, "NAME what must hold"
    decode_cases.py TOOL NAME   runs one; an exception is a failure

What is wanted stands in the vectors, which others made than the decoder.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

from decode_make import (HOSTS, capture, dh_hmac, dh_signed, fragments, in_clear, rsa_r,
                         short_rand, tlv_message)
from decode_shown import HERE, key, leaves, octets, pem, vectors, whole

TOOL = WORK = None
RIGHT, WRONG, UNKNOWN = True, False, None
OK, REFUSED, USAGE, MALFORMED, FORGED = 0, 1, 2, 5, 6

# reasons of core/ that need no key, no clock and no state
FORM = """truncated oversized trailing payload-type payload-order ext-type rand-length
    rand-role id-length cookie-length envid-length share-length part-length cert-length
    sign-length version data-type prf v-flag map-type cs-count cs-id prot-type
    s-flag policy-ref policy-no spi-length spi-value session-data ts-type id-type id-role
    cert-type hash-func s-type pke-cache auth-alg algorithms share-version scheme n-range
    k-range x-range share-flags tgk-len share-ts share-time part-verdict""".split()


def write(name, content):
    path = os.path.join(WORK, name)
    with open(path, "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    return path


def run(args, data=b"", file="-"):
    result = subprocess.run([TOOL, *args, "decode", file], input=data, capture_output=True,
                            check=False)
    assert result.returncode >= 0, "killed by signal %d" % -result.returncode
    assert b"Sanitizer" not in result.stderr, result.stderr.decode()
    return result


def decode(messages, *args, file="-", data=None, status=None):
    """One object a message; hex strings in, unless data says otherwise."""
    if data is None:
        data = "".join(m + "\n" for m in messages).encode()
    result = run(["-j", *args], data, file)
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    if status is not None:
        assert result.returncode == status, (result.returncode, result.stderr.decode())
    if messages:
        assert len(shown) == len(messages), (len(shown), len(messages), result.stderr.decode())
    return shown


# ---- plain RFC 3830

def case_psk():
    """pre-shared-key messages: MAC, V, plaintext and keys are the vectors'"""
    for m in vectors("rfc3830.json")["psk_messages"]:
        answers = [m[k] for k in ("r_message_no_ids", "r_message_with_ids") if k in m]
        shown = decode([m["i_message"], *answers], "--psk", write("psk", m["psk"]), status=OK)
        wanted = RIGHT if m["mac_alg"] else UNKNOWN
        for s in shown:
            assert s["verified"] is wanted and "error" not in s and whole(s), (m["name"], s)
        if m["mac_alg"]:
            opened = shown[0].get("opened", [])
            assert octets(opened) == m["kemac_plain"], m["name"]
            assert [p["name"] for p in opened] == ["Key data"] * len(m["keydatas_plain_in_order"])
            for name, vector in (("encr_key", "encr_key"), ("auth_key", "auth_key"),
                                 ("salt", "salt_key")):
                assert m.get(vector, "") in key(shown[0], name), (m["name"], name)


def case_psk_keys():
    """a wrong key is false, no key null, and a MAC that differs in one bit false"""
    for m in vectors("rfc3830.json")["psk_messages"]:
        if not m["mac_alg"] or "r_message_no_ids" not in m:
            continue
        both = [m["i_message"], m["r_message_no_ids"]]
        other = write("other", "%064x" % 1)
        shown = decode(both, "--psk", other, status=FORGED)
        assert [s["verified"] for s in shown] == [WRONG, UNKNOWN], m["name"]
        assert not any("keys" in s or "opened" in s for s in shown)
        assert [s["verified"] for s in decode(both, status=OK)] == [UNKNOWN, UNKNOWN]
        forged = m["r_message_no_ids"][:-1] + "%x" % (int(m["r_message_no_ids"][-1], 16) ^ 1)
        # over identities that nobody told us, V might be right
        wanted = WRONG if "idi" in m else UNKNOWN
        shown = decode([both[0], forged], "--psk", write("psk", m["psk"]))
        assert [s["verified"] for s in shown] == [RIGHT, wanted], m["name"]
        shown = decode(both, "--psk", other, "--psk", write("psk", m["psk"]), status=OK)
        assert [s["verified"] for s in shown] == [RIGHT, RIGHT], m["name"]


def plain_pki():
    pki = vectors("rfc3830.json")["pki"]
    return {name: write(name, text) for name, text in pki.items()}


def case_pk():
    """public-key messages: SIGN by --cert, PKE and KEMAC by --key, V by both"""
    files = plain_pki()
    for m in vectors("rfc3830.json")["pk_messages"]:
        answers = [m[k] for k in ("r_message_no_ids", "r_message_with_ids") if k in m]
        all_of = [m["i_message"], *answers]
        shown = decode(all_of, "--cert", files["init.pem"], "--key", files["resp.key"], status=OK)
        assert all(s["verified"] is RIGHT and whole(s) for s in shown), (m["name"], shown)
        if m["mac_alg"]:
            assert octets(shown[0]["opened"]) == m["kemac_plain"], m["name"]
            assert [p["name"] for p in shown[0]["opened"]] == \
                ["ID"] + ["Key data"] * len(m["keydatas_plain_in_order"]), m["name"]
            assert key(shown[0], "encr_key") == m["encr_key"], m["name"]
        assert any(c.get("why") == m["signature_hash"] for c in shown[0]["checks"]), m["name"]
        # one without the other: a MAC alone does not make a signed message right
        shown = decode(all_of[:1], "--key", files["resp.key"], status=OK)
        assert shown[0]["verified"] is UNKNOWN and ("opened" in shown[0]) == bool(m["mac_alg"])
        shown = decode(all_of[:1], "--cert", files["init.pem"], status=OK)
        assert shown[0]["verified"] is RIGHT and "opened" not in shown[0], m["name"]
        shown = decode(all_of[:1], "--cert", files["resp.pem"], status=FORGED)
        assert shown[0]["verified"] is WRONG, m["name"]
        if m["mac_alg"]:
            shown = decode(all_of[:1], "--key", files["init.key"], status=FORGED)
            assert shown[0]["verified"] is WRONG, m["name"]


def case_plain_negative():
    """bad plain messages are malformed, refused or forged, but for what a policy forbids"""
    psk = {m["name"]: m["psk"] for m in vectors("rfc3830.json")["psk_messages"]}
    files = plain_pki()
    accepted = []
    for n in vectors("rfc3830-negative.json"):
        keys = ["--psk", write("psk", psk.get(n["base"], next(iter(psk.values())))),
                "--cert", files["init.pem"], "--key", files["resp.key"]]
        if not n["message"]:
            continue
        s = decode([n["message"]], *keys)[0]
        assert whole(s), n["name"]
        if s["verified"] is not WRONG and "error" not in s and "refused" not in s:
            accepted.append(n["name"])
    assert set(accepted) <= {"kemac-not-last", "mac-downgrade-null", "encr-downgrade-null",
                             "pk-nosign"}, accepted


# ---- the distributed mode

def session_keys(s, pki):
    args = ["--key", write("r.key", pki[s["responder_certificate"]]["key_pem"])]
    for t in s["third_parties"]:
        args += ["--psk", write("psk%d" % t["x"] + t["tp"], t["psk"]),
                 "--cert", write(t["tp"] + ".pem", pem(pki[t["tp"]]["cert"]))]
    return args


def session_messages(s):
    for t in s["third_parties"]:
        for name in ("i_tp", "cookie_i_tp", "earlier", "tp_r", "cookie_tp_r", "r_tp", "tp_i",
                     "r_tp_relay"):
            if t.get(name):
                yield t[name]["message"]
    yield s["r_i"]["message"]
    for u in s["updates"]:
        yield u["u_r"]["message"]
        yield u["r_u"]["message"]


def esp_wanted(s):
    for e in s["esp"]:
        yield e["cs"], "ESP key", e.get("key") or e["encr_key"]
        if "salt" in e:
            yield e["cs"], "ESP salt", e["salt"]
        if "integ_key" in e:
            yield e["cs"], "ESP integrity key", e["integ_key"]


def case_sessions():
    """every message of every session is right; TGK, ESP keys, K_update are the vectors'"""
    v = vectors("dmikey.json")
    for s in v["sessions"]:
        shown = decode(list(session_messages(s)), *session_keys(s, v["pki"]), status=OK)
        for m in shown:
            assert m["verified"] is RIGHT and whole(m), (s["name"], m["name"], m["checks"])
            assert "error" not in m and "refused" not in m, (s["name"], m)
        assert s["session"]["tgk"] in [key(m, "TGK") for m in shown], s["name"]
        r_i = [m for m in shown if m["name"] == "R_I"][0]
        for cs, name, wanted in esp_wanted(s):
            assert key(r_i, name, cs) == wanted, (s["name"], name)
        assert key(r_i, "K_update") == s["k_update"], s["name"]
        updated = [m for m in shown if m["name"] == "R_U"]
        for m, u in zip(updated, s["updates"], strict=True):
            assert key(m, "K_update") == u["k_update_new"], s["name"]
            for cs, name, wanted in esp_wanted(u):
                assert key(m, name, cs) == wanted, (s["name"], name)


def case_certificates():
    """the names in a certificate are shown, those of one that is none are not"""
    v = vectors("dmikey.json")
    s = v["sessions"][0]
    for t in s["third_parties"]:
        message = t["tp_r"]["message"]
        for changed, named in ((message, True), (message.replace("3082", "3083", 1), False)):
            shown = decode([changed])[0]
            cert = [f for f in leaves(shown["payloads"]) if f["name"] == "Certificate"][0]
            uri = "URI:" + bytes.fromhex(t["id"]["data"]).decode()
            assert (uri in cert.get("meaning", "")) == named, cert.get("meaning")


def case_shares():
    """the responder's key alone finds the TGK, among wrong shares too"""
    v = vectors("dmikey.json")
    for s in v["sessions"]:
        messages = [t[k]["message"] for t in s["third_parties"] for k in ("earlier", "tp_r")
                    if t.get(k)]
        shown = decode([*messages, s["r_i"]["message"]], *session_keys(s, v["pki"])[:2])
        assert s["session"]["tgk"] in [key(m, "TGK") for m in shown], s["name"]
        assert shown[-1]["verified"] is RIGHT, s["name"]
        assert key(shown[-1], "K_update") == s["k_update"], s["name"]
    # an answer to what was not seen is not wrong, though the TGK is known
    s = v["sessions"][0]
    messages = [t["i_tp"]["message"] for t in s["third_parties"]]
    shown = decode([*messages, s["third_parties"][0]["r_tp"]["message"]],
                   *session_keys(s, v["pki"]), status=OK)
    assert [m["verified"] for m in shown] == [RIGHT, RIGHT, RIGHT, UNKNOWN], shown[-1]


def case_session_keys():
    """with the keys of another sensor and responder all is false or null, and closed"""
    v = vectors("dmikey.json")
    other = ["--psk", write("other", "%064x" % 7),
             "--key", write("other.key", v["pki"]["evil"]["key_pem"]),
             "--cert", write("other.pem", pem(v["pki"]["evil"]["cert"]))]
    for s in v["sessions"]:
        messages = list(session_messages(s))
        for m in decode(messages, *other, status=FORGED):
            wanted = WRONG if m["name"] in ("I_TP", "TP_R") else UNKNOWN
            assert m["verified"] is wanted or (m["name"] == "U_R" and not m["verified"]), m
            assert "keys" not in m and "opened" not in m
        for m in decode(messages, status=OK):
            assert m["verified"] is UNKNOWN and "keys" not in m, (s["name"], m["name"])


def case_errors():
    """error messages of the vectors have their names and numbers"""
    for e in vectors("dmikey.json")["errors"]:
        s = decode([e["message"]], status=OK)[0]
        numbers = [f["value"] for f in leaves(s["payloads"]) if f["name"] == "Error no"]
        assert s["name"] == "ERR" and numbers == [e["error"]] and whole(s), e["name"]


def case_refused():
    """what is wrong with the form of the bad messages is said, with its place"""
    seen = set()
    v = vectors("dmikey-negative.json")
    psk = write("psk", v["psk"]["1"])
    for n in v["vectors"]:
        if n["reason"] not in FORM or not n["message"] or n["before"] or \
                n["name"] in ("tp_i-map", "r_tp-map"):	# a plain peer's answer
            continue
        s = decode([n["message"]], "--psk", psk)[0]
        assert whole(s), n["name"]
        if "opened_error" in s:
            assert n["reason"] in ("trailing", "truncated"), n["name"]
            continue
        if n["reason"] in ("payload-order", "algorithms", "unexpected", "cert-type",
                           "auth-alg", "prf", "map-type", "ext-type", "ts-type"):
            # depends on who reads, which decode does not know: plain peers may
            seen.add((n["reason"], bool(s.get("refused") or s.get("error"))))
            continue
        assert "refused" in s or "error" in s, n["name"]
        where = s.get("refused") or s["error"]
        assert 0 <= where["offset"] <= s["length"], n["name"]
        if "refused" in s and n["reason"] not in ("truncated",):
            assert s["refused"]["reason"] == n["reason"], (n["name"], s["refused"])
    assert ("payload-order", True) in seen and ("algorithms", True) in seen


def case_negative():
    """every bad message is shown to its last byte, whatever is wrong with it"""
    v = vectors("dmikey-negative.json")
    keys = ["--psk", write("psk", v["psk"]["1"])]
    for n in v["vectors"] + vectors("rfc3830-negative.json"):
        messages = [m for m in (*n.get("before", []), n["message"]) if m]
        result = run(["-j", *keys], "".join(m + "\n" for m in messages).encode())
        assert result.returncode in ((OK, MALFORMED, FORGED) if messages else (REFUSED,)), \
            (n["name"], result.returncode)
        shown = [json.loads(line) for line in result.stdout.splitlines()]
        assert len(shown) == len(messages) and all(whole(s) for s in shown), n["name"]


def case_places():
    """the place of a refusal is the byte that was changed"""
    v = vectors("dmikey.json")
    good = bytes.fromhex(v["sessions"][0]["third_parties"][0]["i_tp"]["message"])
    for at, value, payload, field, reason in (
            (11, 50, "CS", "Prot type", "prot-type"), (44, 240, "CS", "Prot type", "prot-type"),
            (38, 3, None, None, None), (50, 0, None, None, None),
            (140, 9, "SHARE", "scheme", "scheme"), (141, 0, "SHARE", "n", "n-range"),
            (142, 1, "SHARE", "k", "k-range"), (143, 4, "SHARE", "x", "x-range"),
            (83, 7, "ID", "ID type", "id-type"), (107, 3, "ID", "ID type", "id-type"),
            (131, 1, "SP", "Policy no", "policy-no"), (8, 1, "HDR", "#CS", None),
            (155, 1, "SHARE", "T_I", "share-time"), (0, 2, "HDR", "version", "version"),
            (3, 0x7f, "HDR", "PRF func", "prf")):
        bad = bytearray(good)
        bad[at] = value
        if at == 50:		# SPI of CS 2: below 256 only if all of it is
            bad[50:54] = bytes(4)
            payload, field, reason = "CS", "SPI", "spi-value"
        s = decode([bad.hex()], status=MALFORMED)[0]
        if reason is None:
            assert "error" in s or "refused" in s, at
            continue
        where = s["refused"]
        assert (where["payload"], where["field"], where["reason"]) == (payload, field, reason), s
        start = where["offset"]
        assert start <= at < start + 8 and (at - start == 0 or field == "T_I"), (at, where)


# ---- others' messages

def case_others():
    """messages of other makers decode to the end, and are said to be unprotected"""
    for m in vectors("mikey-others.json")["messages"]:
        s = decode([m["message"]], status=MALFORMED if "error" in m else OK)[0]
        assert [p["name"] for p in s["payloads"]] == m["payloads"] and whole(s), m["name"]
        assert s.get("error", {}).get("offset") == m.get("error"), m["name"]
        assert "refused" not in s and s["verified"] is UNKNOWN, m["name"]
        if m["protection"] == "null":
            assert "not protected" in s["checks"][0]["why"], m["name"]
        found = {}
        for f in leaves(s["payloads"]):
            found.setdefault(f["name"], []).append(f.get("hex"))
        assert found["CSB ID"] == [m["csb_id"]] and found.get("SSRC", []) == m["ssrc"], m["name"]
        if "key" in m:
            assert found["Key data"] == [m["key"]], m["name"]
        if "spi" in m:
            assert found["SPI"] == [m["spi"]], m["name"]
        if "text" in m:
            again = decode([], data=("v=0\r\nCSeq: 6\r\n" + m["text"] + "\r\n").encode(),
                           status=OK)
            assert again == [s], m["name"]


def case_dh():
    """Diffie-Hellman and DH-HMAC (RFC 4650), RSA-R (RFC 4738): names, SIGN, MAC"""
    files = plain_pki()
    message = dh_signed(files["init.key"])
    s = decode([message], "--cert", files["init.pem"], status=OK)[0]
    assert s["name"] == "D-H init" and s["verified"] is RIGHT and whole(s), s
    assert [f["length"] for f in leaves(s["payloads"]) if f["name"] == "DH-value"] == [192]
    assert decode([message], "--cert", files["resp.pem"], status=FORGED)[0]["verified"] is WRONG
    psk = bytes(range(16))
    for prf, mac in ((0, 1), (1, 2)):
        shown = decode(dh_hmac(psk, prf, mac), "--psk", write("psk", psk.hex()), status=OK)
        assert [m["name"] for m in shown] == ["DHHMAC init", "DHHMAC resp"], shown
        assert all(m["verified"] is RIGHT and whole(m) for m in shown), shown
        shown = decode(dh_hmac(psk, prf, mac), "--psk", write("other", "%032x" % 5),
                       status=FORGED)
        assert [m["verified"] for m in shown] == [WRONG, WRONG], shown
    shown = decode(rsa_r(files["init.key"]), "--cert", files["init.pem"], status=OK)
    assert [m["name"] for m in shown] == ["RSA-R I_MSG", "RSA-R R_MSG"], shown
    assert all(m["verified"] is RIGHT and whole(m) for m in shown), shown
    assert all(m["name"] == [f["meaning"] for f in leaves(m["payloads"])
                             if f["name"] == "data type"][0] for m in shown)
    assert any(p.get("clause") == "RFC 4738" for q in shown[1]["payloads"]
               for p in q.get("parts", [])), "CSB_ID"


def case_clear():
    """keys in clear are read in place, behind an ID where there is an envelope key"""
    for data_type, first in ((0, "Key data"), (2, "ID")):
        s = decode([in_clear(data_type)], status=OK)[0]
        inside = s["payloads"][1]["parts"]
        assert [p["name"] for p in inside] == [first, "Key data"] and whole(s), s


def case_unknown():
    """unknown payloads, types and parameters are named as such, and the rest is shown"""
    s = decode([tlv_message(next_payload=99)], status=MALFORMED)[0]
    assert s["payloads"][1]["name"] == "unknown payload" and whole(s), s
    assert s["error"]["offset"] == 10 and s["error"]["flaw"] == "payload", s
    s = decode([tlv_message(prot=77)], status=OK)[0]
    assert [f["meaning"] for f in leaves(s["payloads"]) if f["name"] == "Prot type"] == ["unknown"]
    assert whole(s)
    s = decode([tlv_message(ext=200)], status=OK)[0]
    assert any(f.get("meaning") == "unknown" for f in leaves(s["payloads"])) and whole(s)
    s = decode([short_rand()], status=MALFORMED)[0]
    assert (s["error"]["flaw"], s["error"]["payload"]) == ("short", "RAND") and whole(s)
    s = decode(["0163" + "00" * 8], status=MALFORMED)[0]
    assert s["name"] == "unknown" and s["error"]["field"] == "data type"


# ---- truncations and changes; TOOL is the one with the sanitizers

def samples():
    """One message of each kind."""
    v = vectors("rfc3830.json")
    chosen = {m["name"].split()[0]: m["i_message"] for m in v["psk_messages"]}
    chosen["answer"] = v["psk_messages"][1]["r_message_with_ids"]
    for s in vectors("dmikey.json")["sessions"]:
        if s["name"] not in ("relay", "update-cm-counter", "cached-ccm", "ipv6-all-tlvs",
                             "cookie-ccm"):
            continue
        for m in session_messages(s):
            kind = m[2:6] + m[16:20] + str(len(m) // 64)
            if len(m) < 1200:
                chosen.setdefault(kind, m)
    for e in vectors("dmikey.json")["errors"]:
        chosen[e["name"]] = e["message"]
    for m in vectors("mikey-others.json")["messages"]:
        chosen[m["name"]] = m["message"]
    return list(chosen.values())


def in_pieces(lines):
    psk = write("psk", vectors("rfc3830.json")["psk_messages"][0]["psk"])
    for i in range(0, len(lines), 2000):
        yield from decode(lines[i:i + 2000], "--psk", psk)


def good_messages():
    """All of them, once each."""
    plain, v = vectors("rfc3830.json"), vectors("dmikey.json")
    yield from (m[k] for m in plain["psk_messages"] + plain["pk_messages"]
                for k in ("i_message", "r_message_no_ids", "r_message_with_ids") if k in m)
    yield from (m for s in v["sessions"] for m in session_messages(s))
    yield from (e["message"] for e in v["errors"])
    yield from (m["message"] for m in vectors("mikey-others.json")["messages"]
                if "error" not in m)


def cuts():
    """Every byte of short ones, every 7th of long ones; fewer of those of a known form."""
    forms = set()
    for m in dict.fromkeys(good_messages()):
        step = 7 if len(m) > 1200 else 1
        form = m[2:4], len(m)
        for n in range(1, len(m) // 2, 7 * step if form in forms else step):
            yield m[:2 * n]
        forms.add(form)


def case_truncated():
    """a message that is cut anywhere is malformed at a byte that it has, or at its end"""
    lines = list(cuts())
    for line, s in zip(lines, in_pieces(lines)):
        assert whole(s), line
        assert "error" in s, line
        assert s["error"]["offset"] <= len(line) // 2, (line, s["error"])


def case_changed():
    """each byte changed: the decoder neither fails nor loses a byte"""
    signed = vectors("dmikey.json")["sessions"][0]["third_parties"][0]["tp_r"]["message"]
    lines = []
    for m, step in [(m, 1) for m in samples()] + [(signed, 3)]:
        for n in range(0, len(m) // 2, step):
            for mask in (0x01, 0x80, 0xff):
                changed = int(m[2 * n:2 * n + 2], 16) ^ mask
                lines.append("%s%02x%s" % (m[:2 * n], changed, m[2 * n + 2:]))
    for line, s in zip(lines, in_pieces(lines)):
        assert whole(s), line


def case_long():
    """what was learned is forgotten in a long capture, and nothing is used after that"""
    v = vectors("dmikey.json")
    s = [s for s in v["sessions"] if s["name"] == "update-ccm-ntp"][0]
    messages = list(session_messages(s))
    filler = vectors("rfc3830.json")["psk_messages"][0]["i_message"]
    for n in (4086, 4087, 4088, 4089, 4090):
        shown = decode(messages[:-4] + [filler] * n + messages[-4:], *session_keys(s, v["pki"]))
        assert all(m["verified"] is RIGHT for m in shown[:len(messages) - 4]), n
        assert all(m["verified"] is not WRONG for m in shown[-4:]), n
    assert [m["verified"] for m in shown[-4:]] == [RIGHT, UNKNOWN, UNKNOWN, UNKNOWN], shown[-4:]


# ---- where messages come from

def case_captures():
    """Ethernet, VLAN, cooked and raw captures of IPv4 and IPv6, whole and in fragments"""
    messages = [bytes.fromhex(m) for m in samples()[:12]]
    wanted = [m["payloads"] for m in decode([m.hex() for m in messages])]
    for link in ("ethernet", "vlan", "sll", "sll2", "raw", "ipv4", "ipv6"):
        for family in (4, 6):
            if link in ("ipv4", "ipv6") and link != "ipv%d" % family:
                continue
            file = write("pcap", capture(link, family, messages))
            shown = decode([], file=file)
            assert [m["payloads"] for m in shown] == wanted, (link, family, len(shown))
            assert (shown[0]["from"], shown[0]["to"]) == HOSTS[family], shown[0]
            assert shown[0]["time"] == "2027-01-15T12:00:00.250000Z", shown[0]["time"]
    for family in (4, 6):
        for order in (1, -1):
            file = write("pcap", fragments(family, messages, order))
            shown = decode([], file=file)
            assert [m["payloads"] for m in shown] == wanted, (family, order, len(shown))
    file = write("pcap", capture("ethernet", 4, messages, port=5000))
    assert run(["-j"], file=file).returncode == REFUSED
    assert [m["payloads"] for m in decode([], "--port", "5000", file=file)] == wanted


def case_cut_captures():
    """captures that are cut or changed anywhere end with a word or a message"""
    data = fragments(6, [bytes.fromhex(samples()[3])], 1)
    for n in range(0, len(data), 7):
        status = run(["-j"], file=write("pcap", data[:n])).returncode
        assert status in (OK, REFUSED, MALFORMED), n
    for n in range(24, len(data), 3):
        changed = bytearray(data)
        changed[n] ^= 0xff
        status = run(["-j"], file=write("pcap", bytes(changed))).returncode
        assert status in (OK, REFUSED, MALFORMED), n


def case_forms():
    """hex with spaces, colons and comments, one message as it is, base64 in SDP"""
    m = samples()[0]
    wanted = decode([m])
    spaced = " ".join(m[i:i + 2] for i in range(0, len(m), 2))
    for data in (spaced, spaced.replace(" ", ":"), "# one mikey\n\n" + m + " # that\n", m.upper()):
        assert decode([], data=data.encode()) == wanted, data
    assert decode([], data=bytes.fromhex(m)) == wanted
    text = "a=key-mgmt:mikey " + base64.b64encode(bytes.fromhex(m)).decode()
    assert decode([], data=text.encode()) == wanted
    for bad in (b"zz\n", b"012\n", b"a=key-mgmt:mikey !\n", b"", b"\n\n", b"\xff" * 70000):
        assert run([], bad).returncode == REFUSED, bad[:20]


def case_text():
    """the text has every field, every verdict in words, and names what is wrong"""
    m = vectors("rfc3830.json")["psk_messages"][1]
    psk = write("psk", m["psk"])
    text = run(["--psk", psk], m["i_message"].encode()).stdout.decode()
    shown = decode([m["i_message"]], "--psk", psk)[0]
    for f in leaves(shown["payloads"] + shown["opened"]):
        assert any(line.split()[0] == str(f["offset"]) and f["name"] in line
                   for line in text.splitlines() if line.strip()), f
    assert "KEMAC: right, by " + psk in text and "RFC 3830 6.10" in text
    assert key(shown, "auth_key") in text
    text = run([], m["i_message"][:40].encode()).stdout.decode()
    assert "MALFORMED at byte 12, CS, SSRC" in text or "MALFORMED at byte 20" in text, text


def case_options():
    """options and files that are no good are said to be so"""
    good = samples()[0].encode()
    nothing = os.path.join(WORK, "nothing")
    junk = write("junk", "no key at all\n")
    for args, status in ((["--psk", nothing], REFUSED), (["--psk", junk], REFUSED),
                         (["--key", junk], REFUSED), (["--cert", junk], REFUSED),
                         (["--port", "0"], USAGE), (["--port", "x"], USAGE),
                         (["--frobnicate"], USAGE), (["--psk"], USAGE)):
        assert run(args, good).returncode == status, args
    assert run([], file=nothing).returncode == REFUSED
    many = subprocess.run([TOOL, "--psk", junk, "stats"], capture_output=True, check=False)
    assert many.returncode == USAGE and b"decode" in many.stderr


def case_golden():
    """the JSON of one message of each kind is what it always was"""
    with open(os.path.join(HERE, "decode_golden.jsonl"), encoding="utf-8") as f:
        wanted = [json.loads(line) for line in f]
    assert golden() == wanted


def golden():
    """For decode_golden.jsonl; file names of keys are left out."""
    v = vectors("dmikey.json")
    shown = []
    for name in ("relay", "update-cm-counter", "cached-ccm", "ipv6-all-tlvs", "cookie-ccm"):
        s = [s for s in v["sessions"] if s["name"] == name][0]
        shown += decode(list(session_messages(s)), *session_keys(s, v["pki"]))
    shown += decode([e["message"] for e in v["errors"]])
    plain = vectors("rfc3830.json")
    for m in plain["psk_messages"]:
        shown += decode([m["i_message"], *[m[k] for k in m if k in ("r_message_with_ids",)]],
                        "--psk", write("psk", m["psk"]))
    shown += decode([m["message"] for m in vectors("mikey-others.json")["messages"]])
    kinds = {}
    for m in shown:
        del m["number"]
        for c in m["checks"]:
            if "by" in c:
                c["by"] = os.path.basename(c["by"])
        kinds.setdefault((m["name"], json.dumps([p["name"] for p in m["payloads"]])), m)
    return list(kinds.values())


CASES = {name[5:]: f for name, f in list(globals().items()) if name.startswith("case_")}
UNDER_SANITIZERS = ("truncated", "changed", "long", "cut_captures")

if __name__ == "__main__":
    if len(sys.argv) == 1:
        for name, case in CASES.items():
            print(name, name in UNDER_SANITIZERS and "sanitizers" or "tool", case.__doc__)
        sys.exit()
    TOOL = sys.argv[1]
    with tempfile.TemporaryDirectory() as WORK:
        if sys.argv[2] == "make-golden":
            for m in golden():
                print(json.dumps(m, separators=(",", ":")))
        else:
            CASES[sys.argv[2]]()
