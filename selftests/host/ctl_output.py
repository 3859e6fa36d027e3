#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What dmikeyctl prints for programs, beside what is documented of it.

ctl_output.py CHECK [FILE..]; the kept outputs of selftests/net/ctl_json.sh and
ctl_json_agent.sh are in selftests/net/ctl_golden. It is Debian's Python that has the modules.
"""
import copy
import json
import os
import re
import sys

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
GOLDEN = os.path.join(TOP, "selftests", "net", "ctl_golden")
SCHEMA = os.path.join(TOP, "Documentation", "dmikeyctl.schema.json")
DASHBOARD = os.path.join(TOP, "Documentation", "grafana-dashboard.json")
DECODED = os.path.join(TOP, "selftests", "host", "decode_golden.jsonl")

# kept file: definition
KEPT = {
    "show.json": "show", "instance.json": "instance", "local.json": "local",
    "sensor.json": "sensor", "thirdparty.json": "thirdparty",
    "responder.json": "responder", "rule.json": "rule", "session.json": "session",
    "host.json": "host", "connect.json": "connect",
    "stats.json": "stats", "doctor.json": "doctor", "apply.jsonl": "change",
    "why.json": "why", "why-sensor.json": "why", "why-host.json": "why",
    "monitor-responder.jsonl": "event", "monitor-thirdparty.jsonl": "event",
    # of ctl_json_agent.sh
    "show-agent.json": "show", "why-thirdparty.json": "why", "why-responder.json": "why",
    "why-unknown.json": "why", "monitor-agent-responder.jsonl": "event",
    "monitor-agent-thirdparty.jsonl": "event", "monitor-host.jsonl": "event",
    "monitor-lost.jsonl": "event",
}


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def documents(path):
    """One document, or one a line."""
    text = read(path)
    if path.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    return [json.loads(text)]


def strict(node):
    """For users the schema is open; here a member that it does not name is a fault."""
    if isinstance(node, dict):
        if "properties" in node:
            node["additionalProperties"] = False
        for v in node.values():
            strict(v)
    elif isinstance(node, list):
        for v in node:
            strict(v)
    return node


def validator(definition):
    import jsonschema
    schema = strict(copy.deepcopy(json.loads(read(SCHEMA))))
    jsonschema.Draft202012Validator.check_schema(schema)
    schema["$ref"] = "#/$defs/" + definition
    return jsonschema.Draft202012Validator(schema)


def validate(path, definition):
    v = validator(definition)
    docs = documents(path)
    assert docs, path + " is empty"
    for doc in docs:
        for error in v.iter_errors(doc):
            sys.exit("%s: %s: %s" % (path, error.json_path, error.message))


def check_kept():
    assert set(os.listdir(GOLDEN)) == set(KEPT) | {"metrics.txt"}, os.listdir(GOLDEN)
    for name, definition in KEPT.items():
        validate(os.path.join(GOLDEN, name), definition)


def check_decode():
    validate(DECODED, "message")


def check_file(path, definition):
    validate(path, definition)


def check_strict():
    """A member that nobody documented, and a value of a wrong type, are seen."""
    v = validator("event")
    good = documents(os.path.join(GOLDEN, "monitor-responder.jsonl"))[0]
    assert not list(v.iter_errors(good))
    for bad in ({"undocumented": 1}, {"time": "today"}, {"event": "party"}):
        assert list(v.iter_errors({**good, **bad})), bad


def check_used():
    """Of every definition that is a command's, an output is kept."""
    defs = json.loads(read(SCHEMA))["$defs"]
    commands = {n for n, d in defs.items() if "dmikeyctl -j" in d.get("description", "")}
    assert commands == set(KEPT.values()) | {"message"}, commands


def families(path):
    from prometheus_client.openmetrics import parser
    return list(parser.text_string_to_metric_families(read(path)))


def check_metrics(path=os.path.join(GOLDEN, "metrics.txt")):
    found = families(path)
    assert len(found) > 1 and read(path).endswith("# EOF\n")
    for f in found:
        assert f.name.startswith("dmikey_") and f.documentation, f
        assert f.type in ("gauge", "counter"), f    # the collector knows no others


def check_dashboard():
    """It shows what is there, and nothing else; every expression is about us."""
    names = {s.name for f in families(os.path.join(GOLDEN, "metrics.txt")) for s in f.samples}
    # those of the agent, which does not run there
    source = read(os.path.join(TOP, "tools", "ctl_metrics.c"))
    names |= set(re.findall(r'"(dmikey_(?:agent|certificate)_[a-z_]+)"', source))
    exprs = [t["expr"] for p in json.loads(read(DASHBOARD))["panels"] for t in p["targets"]]
    assert len(exprs) > 10
    for e in exprs:
        used = set(re.findall(r"\bdmikey_[a-z_]+", e))
        assert used and used <= names, (e, used - names)


def check_collector(path):
    """The node exporter reads the older format: no family may offend its parser."""
    from prometheus_client import parser
    text = read(path)
    assert not re.search(r"^# TYPE \S+ (?!gauge|counter)", text, re.M)
    assert {f.name for f in parser.text_string_to_metric_families(text)}


if __name__ == "__main__":
    globals()["check_" + sys.argv[1]](*sys.argv[2:])
