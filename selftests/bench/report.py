#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""From what the scenarios measured to what one reads.

report.py RESULTS.. --json FILE --page FILE
        RESULTS are files with lines `result NAME VALUE UNIT`; a name that comes
        again was measured again, and its median counts. Writes the list of
        figures, replaces what stands between markers in the page, and draws
        beside it the plots that it shows. Prints the table.

A result that is missing is an error: a figure is never left out in silence.
"""
import argparse
import json
import os
import re
import statistics
import sys
from xml.sax.saxutils import escape

MILLION = 1e6


class Missing(Exception):
    """A result that a figure is made of was not measured."""


class Results:
    """What was measured, by name."""

    def __init__(self, paths):
        self.values, self.units = {}, {}
        for path in paths:
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    if line.startswith("result "):
                        self.add(*line.split()[1:])

    def add(self, name, value, unit):
        if self.units.setdefault(name, unit) != unit:
            sys.exit(f"report.py: {name} in {unit} and in {self.units[name]}")
        self.values.setdefault(name, []).append(float(value))

    def __getitem__(self, name):
        if name not in self.values:
            raise Missing(name)
        return statistics.median(self.values[name])

    def spread(self, name):
        """How far the measurements lie apart, in percent; one alone is 0."""
        values = self.values[name]
        return 100 * (max(values) - min(values)) / statistics.median(values)


def growth(r):
    costs = [r[f"responder.at.{n}"] for n in SIZES]
    return 100 * (max(costs) / min(costs) - 1)


SIZES = (100, 10000, 100000)
RESPONDERS = [
    ("strongSwan, PSK", "strongswan.psk"),
    ("strongSwan, PSK, larger table", "strongswan.psk.tuned"),
    ("strongSwan, RSA-2048", "strongswan.rsa"),
    ("strongSwan, RSA-2048, larger table", "strongswan.rsa.tuned"),
    ("libreswan, PSK", "libreswan.psk"),
    ("libreswan, RSA-2048", "libreswan.rsa"),
]
PARSE = [f"floor.parse.{part}tp_r_cached" for part in ("", "policy.", "session_data.")]
FIRST = [
    ("strongSwan, PSK", "strongswan.both.psk"),
    ("strongSwan, RSA-2048", "strongswan.both.rsa"),
    ("libreswan, PSK", "libreswan.both.psk"),
    ("libreswan, RSA-2048", "libreswan.both.rsa"),
]


class Figure:
    """One row: what it is made of, and what it shall be.

    @made: names of results; the first is what the value is, in multiples of scale
    @value: of the results, if it is not that
    @peers: labels and names of results
    """

    def __init__(self, name, title, unit, aim, made, how, *, scale=1, value=None,
                 peers=(), at_least=False):
        self.name, self.title, self.unit, self.aim = name, title, unit, aim
        self.made, self.how, self.scale, self.peers = made, how, scale, peers
        self.value = value or (lambda r: r[made[0]] / scale)
        self.at_least = at_least

    def row(self, r):
        value = self.value(r)
        met = value >= self.aim if self.at_least else value <= self.aim
        return {
            "name": self.name, "value": rounded(value), "unit": self.unit,
            "aim": self.aim, "met": met,
            "peers": [{"name": label, "value": rounded(r[name] / self.scale)}
                      for label, name in self.peers],
            "how": self.how,
        }

    def spread(self, r):
        return max(r.spread(name) for name in self.made)

    def shown_aim(self):
        return f"{'≥' if self.at_least else '≤'} {self.aim:,} {self.unit}".strip()


M = "million instructions"
FIGURES = [
    Figure("responder", "Responder, for an established session (n = 3, k = 2, cached)",
           M, 0.5, ["responder.at.100"],
           "everything that the responder's machine does, from the first share to R_I; "
           "994 sessions in a run, 100 others", scale=MILLION, peers=RESPONDERS),
    Figure("responder/unavoidable", "The same against what cannot be avoided", "×", 1.5,
           ["responder.at.100", "floor.session"],
           "divided by: three datagrams in, four out, the bare cryptographic calls, two "
           "xfrm_state_add",
           value=lambda r: r["responder.at.100"] / r["floor.session"]),
    Figure("responder, cold", "Responder, every share in RSA, against the bare operations",
           "×", 1.05, ["responder.cold", "floor.rsa"],
           "divided by three RSA-2048 decryptions and three verifications by the kernel's "
           "akcipher", value=lambda r: r["responder.cold"] / r["floor.rsa"]),
    Figure("responder, cold, two CPUs", "The same, two CPUs against one", "×", 1.9,
           ["scale.rate.1", "scale.rate.2"],
           "sessions a second by the clock, in one VM whose second CPU is on or off",
           value=lambda r: r["scale.rate.2"] / r["scale.rate.1"], at_least=True),
    Figure("third party", "Third party, for a share that it passes on (cached)", M, 0.15,
           ["thirdparty.share"],
           "everything that its machine does: I_TP in, TP_R out, R_TP in", scale=MILLION),
    Figure("growth", "Cost of a session with 100, 10,000 and 100,000 established", "%", 25,
           [f"responder.at.{n}" for n in SIZES],
           "the dearest above the cheapest", value=growth),
    Figure("memory", "Kernel memory of an established session, beyond its xfrm states",
           "bytes", 512, ["session.memory", "floor.memory.ccm"],
           "free memory, at rest, with 10,000 and with 20,000 sessions that have been used, "
           "less that of as many pairs of xfrm states",
           value=lambda r: r["session.memory"] - r["floor.memory.ccm"]),
    Figure("first session", "From the first I_TP to the SAs, both ends on one CPU (cached)",
           M, 2, ["first.session"],
           "everything that the machine does for one session: sensor, three third parties, "
           "responder, router", scale=MILLION, peers=FIRST),
    Figure("update", "Responder, for an update", M, 0.25, ["responder.update"],
           "everything that its machine does, from U_R to R_U; peers: CREATE_CHILD_SA for "
           "new ESP keys, and the old ones go", scale=MILLION,
           peers=[("strongSwan", "strongswan.rekey"), ("libreswan", "libreswan.rekey")]),
    Figure("parse", "Parsing and checking one TP_R, without cryptography", "instructions",
           3000, PARSE, "message, ESP policy and Session Data, in the kernel, on bytes of "
           "the test vectors (cached form); median of 101 rounds",
           value=lambda r: sum(r[name] for name in PARSE)),
]


def rounded(value):
    """Four digits that count."""
    return float(f"{value:.4g}")


def shown(value):
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.4g}"


# ---- tables

def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def figures_table(r, rows):
    """For README, too: that a figure misses its aim is said in bold."""
    out = []
    for f, row in zip(FIGURES, rows):
        peers = "; ".join(f"{p['name']} {shown(p['value'])}" for p in row["peers"])
        out.append([f.title, f.shown_aim(), f"{shown(row['value'])}",
                    "yes" if row["met"] else "**no**", peers or "–"])
    return table(["figure", "aim", "result", "met", "peers in the same run"], out)


def how_table(r, rows):
    return table(["figure", "what is counted", "runs differ by"],
                 [[f.title, row["how"], f"{f.spread(r):.1f} %"]
                  for f, row in zip(FIGURES, rows)])


def results_table(r):
    return table(["result", "median", "unit", "measured", "differ by"],
                 [[f"`{n}`", shown(rounded(r[n])), r.units[n], str(len(r.values[n])),
                   f"{r.spread(n):.1f} %" if r[n] else "–"] for n in sorted(r.values)])


# ---- plots

OURS, PEER, FLOOR = "#0072B2", "#E69F00", "#999999"  # apart for every eye, and in grey
WIDTH, LEFT, ROW, TOP = 760, 270, 30, 56


def bars(title, unit, rows):
    """Horizontal bars: rows of label, value, colour."""
    most = max(value for _, value, _ in rows)
    height = TOP + ROW * len(rows) + 16
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
           f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="14" '
           f'role="img">',
           f"<title>{escape(title)}</title>",
           f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
           f'<text x="16" y="24" font-weight="bold">{escape(title)}</text>',
           f'<text x="16" y="43" fill="#444">{escape(unit)}</text>']
    for i, (label, value, colour) in enumerate(rows):
        y = TOP + ROW * i
        width = max(1, (WIDTH - LEFT - 80) * value / most)
        out += [f'<text x="{LEFT - 8}" y="{y + 17}" text-anchor="end">{escape(label)}</text>',
                f'<rect x="{LEFT}" y="{y + 2}" width="{width:.1f}" height="{ROW - 10}" '
                f'fill="{colour}"/>',
                f'<text x="{LEFT + width + 6:.1f}" y="{y + 17}">{shown(rounded(value))}</text>']
    return "\n".join(out + ["</svg>", ""])


def peer_bars(r, first, peers):
    return first + [(label, r[name] / MILLION, PEER) for label, name in peers]


def plots(r):
    """Name of the file, and what is in it."""
    yield "responder", bars(
        "What a session costs a responder's machine", M + "; dmikey blue, peers orange",
        peer_bars(r, [("what dmikey cannot avoid", r["floor.session"] / MILLION, FLOOR),
                      ("dmikey, cached", r["responder.at.100"] / MILLION, OURS)],
                  RESPONDERS))
    yield "first", bars(
        "One session, both ends on one CPU", M + "; dmikey blue, peers orange",
        peer_bars(r, [("dmikey, cached", r["first.session"] / MILLION, OURS)], FIRST))
    yield "growth", bars(
        "What a session costs the responder when there are many", M,
        [(f"{n:,} established", r[f"responder.at.{n}"] / MILLION, OURS) for n in SIZES])


# ---- the page

def fill(page, name, text):
    """Between <!-- NAME --> and <!-- /NAME -->."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    filled, n = re.subn(pattern, lambda m: m.group(1) + text + "\n" + m.group(2), page,
                        flags=re.S)
    if n != 1:
        sys.exit(f"report.py: the page has {n} places for {name}")
    return filled


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def write_page(path, r, rows):
    with open(path, encoding="utf-8") as f:
        page = f.read()
    page = fill(page, "figures", figures_table(r, rows))
    page = fill(page, "how", how_table(r, rows))
    page = fill(page, "results", results_table(r))
    write(path, page)
    for name, svg in plots(r):
        write(f"{os.path.splitext(path)[0]}-{name}.svg", svg)


def rows_of(r):
    rows, missing = [], []
    for f in FIGURES:
        try:
            rows.append(f.row(r))
        except Missing as name:
            missing.append(f"{f.name}: no result {name}")
    if missing:
        sys.exit("report.py: " + "\nreport.py: ".join(missing))
    return rows


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    args.add_argument("results", nargs="+")
    args.add_argument("--json", required=True)
    args.add_argument("--page", required=True)
    args = args.parse_args()
    r = Results(args.results)
    rows = rows_of(r)
    write(args.json, json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    write_page(args.page, r, rows)
    print(figures_table(r, rows))


main()
