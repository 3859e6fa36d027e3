#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""selftests/syzkaller/dmikey.txt, syzkaller's description of the netlink family,
from kmod/dmikey.yaml. What an entry of a list holds stands in kmod/netlink.c only.

    syzkaller.py            is the file what comes out, and does it hold together?
    syzkaller.py --write    write it
"""
import os
import re
import sys

import spec

NAME = "selftests/syzkaller/dmikey.txt"

HEAD = """\
# SPDX-License-Identifier: GPL-2.0
# syzkaller's description of dmikey's generic netlink family. Made from
# kmod/dmikey.yaml by selftests/unit/syzkaller.py --write: change that, not this.
# To use it, copy it to sys/linux/ of syzkaller and kmod/uapi/dmikey.h to
# include/uapi/linux/ of the kernel, then `make extract` and `make generate`.

include <linux/net.h>
include <uapi/linux/netlink.h>
include <uapi/linux/genetlink.h>
include <uapi/linux/dmikey.h>

resource genl_dmikey_family_id[int16]

type msghdr_dmikey[CMD, ATTRS] \
msghdr_netlink[netlink_msg_t[genl_dmikey_family_id, genlmsghdr_t[CMD], ATTRS]]

syz_genetlink_get_family_id$dmikey(name ptr[in, string["dmikey"]], fd sock_nl_generic) \
genl_dmikey_family_id

"""

# Random octets find no sensor twice, and random numbers no key.
TAIL = """\
dmk_id [
	known	stringnoz[dmk_id_names]
	any	array[int8, 1:255]
] [varlen]

dmk_addr [
	v4	ipv4_addr
	v6	ipv6_addr
] [varlen]

dmk_id_names = "s1@example", "uri:dmikey:gw1.example", "uri:dmikey:r1.example"
"""
KNOWN = {"id": "dmk_id", "own": "dmk_id", "addr": "dmk_addr", "key": "key"}

BITS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64}


def c_set(name):
    return "dmk_" + name.replace("-", "_")


def attribute(name):
    return spec.c_name("DMK_A_", name)


def number(item, bits):
    """an integer in its bounds"""
    low, high = spec.value(item, "min"), spec.value(item, "max")
    if low is None and high is None:
        return "int%d" % bits
    return "int%d[%s:%s]" % (bits, low or 0, high or 2 ** bits - 1)


def octets(item):
    exact = spec.value(item, "exact-len")
    if exact:
        return "array[int8, %s]" % exact
    return "array[int8, %s:%s]" % (spec.value(item, "min-len") or 0, spec.value(item, "max-len"))


def payload(name, item):
    """an attribute's payload in syzkaller's words"""
    kind, enum = spec.value(item, "type"), spec.value(item, "enum")
    if name in KNOWN:
        return KNOWN[name]
    if enum:
        return "flags[%s, int%d]" % (c_set(enum), BITS[kind])
    if kind in BITS:
        return number(item, BITS[kind])
    return {"flag": "void", "string": "string"}.get(kind) or octets(item)


def entries(source):
    """the policy of each list's entries"""
    return dict(re.findall(r"\[(DMK_A_\w+)\] = NLA_POLICY_NESTED_ARRAY\((\w+)\)", source))


def one_attribute(name, item, lists):
    attr = attribute(name)
    if attr in lists:
        return "\t%s\tnlnest[%s, array[nlnest[0, array[dmk_%s]]]]\n" % (attr, attr, lists[attr])
    return "\t%s\tnlattr[%s, %s]\n" % (attr, attr, payload(name, item))


def union(title, names, attrs, lists):
    return "%s [\n%s] [varlen]\n\n" % (
        title, "".join(one_attribute(n, attrs[n], lists) for n in attrs if n in names))


def enums(text, attrs, names):
    """the values of each enum that an attribute takes"""
    out = ""
    for item in spec.items(spec.section(text, "definitions"), 2):
        enum = spec.value(item, "name")
        if any(spec.value(attrs[n], "enum") == enum for n in names):
            prefix = "DMK_%s_" % enum.upper().split("-")[0]
            out += "%s = %s\n" % (c_set(enum), ", ".join(spec.spec_enum(text, enum, prefix)))
    return out


def describe():
    text, source = spec.read("kmod/dmikey.yaml"), spec.read("kmod/netlink.c")
    attrs = {spec.value(a, "name"): a
             for a in spec.items(spec.section(text, "attribute-sets"), 6)}
    lists, policies = entries(source), spec.policies(source)
    calls, unions, used = "", "", set()

    for op in spec.items(spec.section(text, "operations"), 4):
        name, request = spec.value(op, "name"), spec.brackets(op, "request")
        if spec.value(op, "mcgrp"):
            continue
        cmd = spec.c_name("DMK_CMD_", name)
        # who takes nothing is asked to refuse everything
        title = c_set(name) if request else "dmk_any"
        calls += "sendmsg$%s(fd sock_nl_generic, msg ptr[in, msghdr_dmikey[%s, %s]], " \
                 "f flags[send_flags])\n" % (cmd, cmd, title)
        if request:
            unions += union(title, request, attrs, lists)
        used |= request
    unions += union("dmk_any", used, attrs, lists)
    for policy in sorted(set(lists.values())):
        unions += union("dmk_" + policy, policies[policy], attrs, lists)
    return HEAD + calls + "\n" + unions + TAIL + enums(text, attrs, used)


def constants():
    """what the kernel's header has"""
    header = spec.read("kmod/uapi/dmikey.h")
    names = set()
    for tag in re.findall(r"^enum (\w+) \{", header, re.M):
        names |= set(spec.c_enum(header, tag))
    return names


def main():
    path = os.path.join(spec.TOP, NAME)
    if sys.argv[1:] == ["--write"]:
        with open(path, "w", encoding="utf-8") as f:
            f.write(describe())
        return 0

    found = spec.read(NAME)
    body = re.sub(r"^#.*\n", "", found, flags=re.M)
    tap = spec.Tap()
    tap.equal("the description is what syzkaller.py makes of the specification",
              found == describe(), True)
    tap.equal("it has each request of the module once",
              sorted(re.findall(r"^sendmsg\$DMK_CMD_(\w+)\(", body, re.M)),
              sorted(spec.commands(spec.read("kmod/netlink.c"))))
    tap.equal("each constant is in the header",
              set(re.findall(r"\bDMK_[A-Z]\w+", body)) - constants(), set())
    defined = set(re.findall(r"^(dmk_\w+)(?: \[| =)", body, re.M))
    named = set(re.findall(r"\bdmk_\w+", body))
    tap.equal("each type is there and used", defined, named)
    tap.equal("no type is there twice",
              sorted(re.findall(r"^(dmk_\w+)(?: \[| =)", body, re.M)), sorted(defined))
    uses = {t: len(re.findall(r"\b%s\b" % t, body)) for t in defined}
    tap.equal("no type is idle", {t for t in uses if uses[t] < 2}, set())
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
