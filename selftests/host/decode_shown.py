# SPDX-License-Identifier: GPL-2.0
"""The vectors, and what stands in the JSON of dmikeyctl decode."""
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def vectors(name):
    with open(os.path.join(HERE, "../vectors", name), encoding="utf-8") as f:
        return json.load(f)


def pem(cert):
    lines = [cert[i:i + 64] for i in range(0, len(cert), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])


def key(shown, name, cs=None):
    found = [k["hex"] for k in shown.get("keys", []) if k["name"] == name and k.get("cs") == cs]
    return found[0] if found else None


def leaves(parts):
    for part in parts:
        yield from part.get("fields", [])
        yield from leaves(part.get("parts", []))


def whole(shown):
    """Every byte of the message is in a field."""
    seen = set()
    for field in leaves(shown["payloads"]):
        seen.update(range(field["offset"], field["offset"] + field["length"]))
    return seen == set(range(shown["length"]))


def octets(parts):
    """The plaintext, out of its fields."""
    last = max((f["offset"] + f["length"] for f in leaves(parts)), default=0)
    out = bytearray(last)
    for f in leaves(parts):
        if f["name"] in ("Type", "KV"):
            out[f["offset"]] |= f["value"] << (4 if f["name"] == "Type" else 0)
        elif "hex" in f:
            out[f["offset"]:f["offset"] + f["length"]] = bytes.fromhex(f["hex"])
        elif isinstance(f["value"], str):
            out[f["offset"]:f["offset"] + f["length"]] = f["value"].encode()
        else:
            out[f["offset"]:f["offset"] + f["length"]] = f["value"].to_bytes(f["length"], "big")
    return out.hex()
