#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What `dmikeyctl -j decode` derived, as lines "LABEL HEX" for seek:

    dmikeyctl -j decode --psk .. --key r1.key wire.pcap | secrets.py r1.key

A session's keys, the shares, and the envelope keys, which RSA tells."""
import json
import subprocess
import sys

SHORTEST = 16   # hex digits: what is shorter cannot be told from chance


def fields(node, name):
    """the values of all fields of this name, below a payload or a list of them"""
    if isinstance(node, list):
        for n in node:
            yield from fields(n, name)
    elif isinstance(node, dict):
        if node.get("name") == name and "hex" in node:
            yield node["hex"]
        for n in node.values():
            yield from fields(n, name)


def envelope(pke, key):
    out = subprocess.run(["openssl", "pkeyutl", "-decrypt", "-inkey", key],
                         input=bytes.fromhex(pke), capture_output=True, check=True)
    return out.stdout.hex()


# the keys of one message are that message's
def label(message, name):
    if name in ("encr_key", "auth_key", "salt"):
        name = message["name"] + "-" + name
    return name.replace(" ", "-")


def secrets(message, key):
    for k in message.get("keys", []):
        yield label(message, k["name"]), k["hex"]
    for share in fields(message.get("opened", []), "Key data"):
        yield "share", share
    for payload in message.get("payloads", []):
        if payload.get("name") == "PKE":
            for pke in fields(payload, "Data"):
                yield "envelope", envelope(pke, key)


def main():
    seen = set()
    for line in sys.stdin:
        for secret in secrets(json.loads(line), sys.argv[1]):
            if len(secret[1]) >= SHORTEST:
                seen.add(secret)
    for label, text in sorted(seen):
        print(label, text)


main()
