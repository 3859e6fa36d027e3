#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What tshark must show of each message of the vectors.

	tshark_expect.py fields		the dissector's fields that are looked at
	tshark_expect.py		a line a message: kind, name, message in hex,
					and those fields, separated by tabs

A field that stands in several payloads is a list with commas. One that the
dissector does not reach is empty; tshark.sh says where it stops, and why.
"""
import json
import os
import sys

FIELDS = """version type v.set prf_func csb_id cs_count cs_id_map_type
    next_payload rand.data id.data kemac.encr_alg kemac.key_data kemac.mac
    pke.data sign.data v.auth_alg v.ver_data sp.proto_type ext.type ext.data
    err.no""".split()

MAC_SHA1, MAC_SHA256 = 1, 2


def emit(kind, name, message, data_type, csb, prf, chain, shown):
    octets = bytes.fromhex(message)
    shown = dict(shown, version=1, type=data_type, prf_func=prf, csb_id="0x" + csb,
                 next_payload=chain, cs_count=octets[8], cs_id_map_type=octets[9])
    shown["v.set"] = octets[3] >> 7
    assert set(shown) <= set(FIELDS), shown
    print(kind, name.split()[0], message,
          *[str(shown.get(field, "")) for field in FIELDS], sep="\t")


def vectors(name):
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../vectors", name), encoding="utf-8") as f:
        return json.load(f)


# ---- plain RFC 3830

def kemac(m):
    """KEMAC of a plain request; one vector has its Encr data in the message alone."""
    shown = {"rand.data": m["rand"], "kemac.encr_alg": m["encr_alg"],
             "kemac.key_data": m.get("kemac_cipher", m["i_message"][-82:-42])}
    if not shown["kemac.key_data"]:
        shown["kemac.key_data"] = "<MISSING>"
    elif not m["encr_alg"]:
        shown["kemac.key_data"] = ""	# shown as the keys that it holds
    if m["mac_alg"] != MAC_SHA256:
        shown["kemac.mac"] = m["mac"] or "<MISSING>"
    return shown


def psk_request(m):
    shown, chain = kemac(m), "5,11,1,0"
    if "idi" in m:
        shown["id.data"] = m["idi"] + "," + m["idr"]
        shown["sp.proto_type"] = 0
        chain = "5,11,6,6,10,1,0"
    if m["name"] == "psk-ext-vendor":
        shown.update({"ext.type": 0, "ext.data": b"vendor-data".hex()})
        chain = "5,11,21,1,0"
    emit("psk", m["name"], m["i_message"], 0, m["csb_id"], m["prf"], chain, shown)


def pk_request(m):
    shown, chain = kemac(m), "5,11,7,1,2"
    if m["name"] == "pk-chain-idr-sp":
        shown["id.data"] = m["idi"] + ",sip:resp@example.org"
        shown["sp.proto_type"] = 0
        chain = "5,11,6,7,7,6,10,1,2"
    if m["mac_alg"] != MAC_SHA256:
        shown.update({"pke.data": m["pke"], "sign.data": m["signature"]})
        chain += ",4"
    emit("pk", m["name"], m["i_message"], 2, m["csb_id"], m["prf"], chain, shown)


def answers(kind, m, data_type, idr):
    """Both forms of the answer: with IDr and without."""
    for key, chain, named in (("r_message_no_ids", "5,9,0", False),
                              ("r_message_with_ids", "5,6,9,0", True)):
        if key not in m:
            continue
        shown = {"v.auth_alg": m["mac_alg"]}
        if m["mac_alg"] == MAC_SHA1:
            shown["v.ver_data"] = m[key][-40:]
        if named:
            shown["id.data"] = idr
        emit(kind, m["name"], m[key], data_type, m["csb_id"], m["prf"], chain, shown)


def plain():
    v = vectors("rfc3830.json")
    for m in v["psk_messages"]:
        if m["name"] == "psk-generic-id":
            continue
        psk_request(m)
        answers("psk-answer", m, 1, m.get("idr"))
    for m in v["pk_messages"]:
        pk_request(m)
        answers("pk-answer", m, 3, "sip:resp@example.org")


# ---- the distributed mode

def text(identity):
    return bytes.fromhex(identity["data"]).decode()


def without_map(message, length):
    """#CS 0 and no CS ID map info, whose length is in hex digits."""
    return message[:16] + "00" + message[18:20] + message[20 + length:]


def share(s, x):
    """The 33 bytes of SHARE, protocol.md."""
    v = s["session"]
    return bytes([1, v["scheme"], v["n"], v["k"], x, v["flags"]]).hex() + \
        "%04x%02x" % (v["tgklen"], v["ts"]) + v["t8"] + v["commit"]


def header(s, message, data_type):
    """With its map: what it takes for T has Next payload 1 and a type that is none."""
    emit("header", s["name"], message, data_type, s["session"]["csb"], 1, "5,1", {})


def common(s, x, m):
    v = s["session"]
    shown = {"rand.data": v["rand"], "id.data": text(v["idi"]) + "," + text(v["idr"]),
             "sp.proto_type": 241, "kemac.encr_alg": s["encr_alg"],
             "kemac.key_data": m["encr_data"], "ext.type": 241, "ext.data": share(s, x)}
    if s["suite"] == "ccm":
        shown["kemac.mac"] = "<MISSING>"
    return shown


def i_tp(s, t):
    v, m = s["session"], t["i_tp"]
    shown = common(s, t["x"], m)
    header(s, m["message"], 0)
    emit("i_tp", s["name"], without_map(m["message"], len(v["map"])), 0, v["csb"], 1,
         "5,11,6,6,10,21,1,0", shown)


def tp_r(s, t):
    v, m = s["session"], t["tp_r"]
    x = 1 if s["name"] == "n3k2-two-claim-x1" and t["x"] == 2 else t["x"]
    shown = common(s, x, m)
    data_type, kind, chain = 2, "tp_r", "5,11,6,7,6,10,21,1,8"
    if s["suite"] == "ccm":
        chain += ",2"		# CHASH; MAC alg 2 is in its way with AES-CM
    if "earlier" in t:	# which holds the signed message before this one
        data_type, kind, chain = 0, "tp_r-cached", "5,11,6,14,6,10,21,21,1,0"
        shown["id.data"] = ",".join((text(v["idi"]), text(t["id"]), text(v["idr"])))
        shown["ext.type"] = "241,244"
        shown["ext.data"] += "," + m["envid"]
    header(s, m["message"], data_type)
    emit(kind, s["name"], without_map(m["message"], len(v["map"])), data_type, v["csb"],
         1, chain, shown)


def to_third_party(s, t):
    """R_TP, the second one with RELAY, and TP_I: #CS is 0, nothing is taken out."""
    v = s["session"]
    shown = {"id.data": text(v["idr"]), "v.auth_alg": MAC_SHA256}
    r_tp_type = 1 if "earlier" in t else 3
    if "r_tp" in t:
        emit("r_tp", s["name"], t["r_tp"]["message"], r_tp_type, v["csb"], 1, "5,6,9,0",
             shown)
    if "tp_i" in t:
        emit("tp_i", s["name"], t["tp_i"]["message"], 1, v["csb"], 1, "5,6,9,0", shown)
    if t.get("r_tp_relay"):
        relay = dict(shown, **{"ext.type": 245, "ext.data": s["r_i"]["message"]})
        emit("r_tp-relay", s["name"], t["r_tp_relay"]["message"], r_tp_type, v["csb"], 1,
             "5,6,21,9,0", relay)


def r_i(s):
    v, m = s["session"], s["r_i"]["message"]
    header(s, m, 1)
    emit("r_i", s["name"], without_map(m, 44), 1, v["csb"], 1, "5,6,15,21",
         {"id.data": text(v["idr"])})


def error(e):
    shown, chain = {"err.no": e["error"]}, "5,12"
    if e["name"].startswith("err-241"):
        shown.update({"ext.type": 243, "ext.data": e["message"][28:60]})
        chain = "21," + chain
    if e["name"] in ("err-10-tp", "err-10-update"):
        shown["sp.proto_type"] = 241
        chain += ",10"
    if e["message"][-66:-64] == "02" and len(e["message"]) > 100:
        shown["v.auth_alg"] = MAC_SHA256
        chain += ",9"
    emit("err", e["name"], e["message"], 6, e["message"][8:16], 1, chain + ",0", shown)


def distributed():
    v = vectors("dmikey.json")
    for s in v["sessions"]:
        if s["name"].startswith("cert-hash"):
            continue
        for t in s["third_parties"]:
            i_tp(s, t)
            if "tp_r" in t:
                tp_r(s, t)
            to_third_party(s, t)
        r_i(s)
    for e in v["errors"]:
        error(e)


if sys.argv[1:] == ["fields"]:
    print(*["mikey." + field for field in FIELDS])
else:
    plain()
    distributed()
