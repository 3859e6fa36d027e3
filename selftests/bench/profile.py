#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Where r's instructions went: profile.py PERF.TXT, as `perf script` printed it.

Functions with all that they call, then functions alone, in percent of the busy
samples. A sample of the idle loop is none.
"""
import collections
import re
import sys

IDLE = re.compile(r"safe_halt|default_idle|acpi_idle|mwait_idle")
SHOWN = 0.4  # percent


def samples(lines):
    """Stacks of names, innermost first."""
    stack = []
    for line in lines:
        frame = re.match(r"\s+[0-9a-f]+ (.*)", line)
        if frame:
            stack.append(frame.group(1).strip())
        elif stack:
            yield stack
            stack = []
    if stack:
        yield stack


def table(title, counts, total):
    print(f"\n{title}")
    for name, n in counts.most_common():
        if 100 * n / total < SHOWN:
            break
        print(f"{100 * n / total:6.2f} %  {name}")


def main():
    alone, inclusive, total = collections.Counter(), collections.Counter(), 0
    with open(sys.argv[1], encoding="utf-8", errors="replace") as lines:
        for stack in samples(lines):
            if IDLE.search(stack[0]):
                continue
            total += 1
            alone[stack[0]] += 1
            inclusive.update(set(stack))
    if not total:
        sys.exit("profile.py: no samples")
    print(f"{total} samples")
    table("with what they call", inclusive, total)
    table("alone", alone, total)


main()
