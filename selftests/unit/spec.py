#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""kmod/dmikey.yaml has the names and numbers of kmod/uapi/dmikey.h, and for
each command the attributes and the privilege that kmod/netlink.c asks for.

Reads the specification line by line, so that it needs no YAML library:
dmikey.yaml keeps to one "key: value" a line and to lists in brackets.
"""
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as f:
        return f.read()


def c_name(prefix, name):
    return prefix + name.upper().replace("-", "_")


# ---- the header

def c_enum(header, tag):
    """names and numbers of an enum, private ones (__X) left out"""
    text = re.search(r"enum %s \{(.*?)\n\}" % tag, header, re.S).group(1)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    numbers, number = {}, 0
    for name, value in re.findall(r"(\w+)\s*(?:=\s*(\d+))?\s*,", text):
        number = int(value) if value else number
        if not name.startswith("__"):
            numbers[name] = number
        number += 1
    return numbers


def c_types(header):
    """the type that an attribute's comment begins with"""
    text = re.search(r"enum dmk_attr \{(.*?)\n\}", header, re.S).group(1)
    return dict(re.findall(r"DMK_A_(\w+)(?: = \d+)?,\s*/\* (u8|u16|u32|u64|s32|flag|string|list|binary)\b",
                           text))


# ---- the specification

def section(spec, name):
    return re.search(r"^%s:\n(.*?)(?=^\S|\Z)" % name, spec, re.S | re.M).group(1)


def items(text, indent):
    """the items of a list whose dashes stand at that column"""
    return re.split(r"^ {%d}- " % indent, text, flags=re.M)[1:]


def value(item, key):
    m = re.search(r"(?:^|\n) *%s: (.+)" % key, item)
    return m.group(1) if m else None


def brackets(item, key):
    m = re.search(r"\b%s:\s*(?:attributes:\s*)?\[(.*?)\]" % key, item, re.S)
    return set(re.split(r",\s*", m.group(1))) if m else set()


def spec_enum(spec, name, prefix):
    for item in items(section(spec, "definitions"), 2):
        if value(item, "name") != name:
            continue
        shift = value(item, "type") == "flags"
        return {c_name(prefix, value(e, "name")):
                1 << int(value(e, "value")) if shift else int(value(e, "value"))
                for e in items(item, 6)}
    return {}


# ---- the module

def policies(source):
    """attributes of each policy, macros resolved"""
    macros = dict(re.findall(r"#define (\w+_ATTRS?)\s*\\\n((?:.*\\\n)*.*)\n", source))
    found = {}
    for name, body in re.findall(r"nla_policy (\w+)\[[^]]*\] = \{(.*?)\};", source, re.S):
        for macro, text in macros.items():
            body = re.sub(r"\b%s\b" % macro, lambda _, t=text: t, body)
        found[name] = {a.lower().replace("_", "-")
                       for a in re.findall(r"\[DMK_A_(\w+)\]", body)}
    return found


def commands(source):
    """policy and privilege of each command"""
    return {name: (policy, "ADMIN" in rest) for name, policy, rest in
            re.findall(r"\{ OP\((\w+), (\w+)\)(.*?)\}", source, re.S)}


# ---- tests

class Tap:
    def __init__(self):
        self.results = []

    def equal(self, name, got, wanted):
        self.results.append((name, got == wanted, got, wanted))

    def finish(self):
        print("KTAP version 1\n1..%d" % len(self.results))
        for i, (name, ok, got, wanted) in enumerate(self.results, 1):
            print("%s %d %s" % ("ok" if ok else "not ok", i, name))
            if not ok:
                print("# specification: %s\n# source:        %s" % (got, wanted))
        return 0 if self.results and all(r[1] for r in self.results) else 1


def differing(a, b):
    """only what differs of two dictionaries"""
    keys = sorted(k for k in set(a) | set(b) if a.get(k) != b.get(k))
    return {k: a.get(k) for k in keys}, {k: b.get(k) for k in keys}


def main():
    header = read("kmod/uapi/dmikey.h")
    spec = read("kmod/dmikey.yaml")
    source = read("kmod/netlink.c")
    attrs = items(section(spec, "attribute-sets"), 6)
    ops = items(section(spec, "operations"), 4)
    tap = Tap()

    def same(name, got, wanted):
        tap.equal("%s (%d)" % (name, len(wanted)), *differing(got, wanted))

    wanted = c_enum(header, "dmk_attr")
    del wanted["DMK_A_UNSPEC"]
    same("attributes have the header's names and numbers",
         {c_name("DMK_A_", value(a, "name")): int(value(a, "value")) for a in attrs}, wanted)

    same("attributes have the header's types",
         {c_name("", value(a, "name")):
          value(a, "type").replace("indexed-array", "list")
          for a in attrs if value(a, "type") != "pad"}, c_types(header))

    wanted = c_enum(header, "dmk_cmd")
    del wanted["DMK_CMD_UNSPEC"]
    same("commands have the header's names and numbers",
         {c_name("DMK_CMD_", value(o, "name")): int(value(o, "value")) for o in ops}, wanted)

    for name, tag, prefix in (("role-type", "dmk_role_type", "DMK_ROLE_"),
                              ("suite-bits", "dmk_suite_bits", "DMK_SUITE_"),
                              ("upcall-type", "dmk_upcall_type", "DMK_UPCALL_"),
                              ("event-type", "dmk_event_type", "DMK_EVENT_"),
                              ("session-state", "dmk_session_state", "DMK_SESSION_"),
                              ("side", "dmk_side", "DMK_SIDE_")):
        same(name, spec_enum(spec, name, prefix), c_enum(header, tag))

    requests = [o for o in ops if not value(o, "mcgrp")]
    known = policies(source)
    same("each request has the attributes of its policy",
         {value(o, "name"): brackets(o, "request") for o in requests},
         {n.lower().replace("_", "-"): known.get(p, {"no such policy"})
          for n, (p, _) in commands(source).items()})
    same("the same commands need CAP_NET_ADMIN",
         {value(o, "name"): "uns-admin-perm" in brackets(o, "flags") for o in requests},
         {n.lower().replace("_", "-"): admin for n, (_, admin) in commands(source).items()})

    named = {value(a, "name") for a in attrs}
    used = set().union(*(brackets(o, k) for o in ops for k in ("request", "reply", "event")))
    tap.equal("only known attributes are used", used - named, set())

    groups = re.findall(r'#define DMK_MCGRP_\w+\s+"(\w+)"', header)
    tap.equal("multicast groups (%d)" % len(groups),
              [value(g, "name") for g in items(section(spec, "mcast-groups"), 4)], groups)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
