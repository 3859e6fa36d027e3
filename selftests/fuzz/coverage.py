#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Print the line coverage of core/ out of llvm-cov's lcov file, and compare.

usage: coverage.py LCOV MAX

MAX has lines "FILE N": at most N lines of core/FILE may be unreached.
"""
import collections
import pathlib
import sys


def read(path):
    """{file: {line: times}}; a file that several programs hold counts once"""
    files, lines = collections.defaultdict(dict), None
    for text in pathlib.Path(path).read_text().splitlines():
        if text.startswith('SF:'):
            lines = files[pathlib.Path(text[3:]).name]
        elif text.startswith('DA:'):
            line, times = map(int, text[3:].split(',')[:2])
            lines[line] = max(lines.get(line, 0), times)
    return files


def main():
    files = read(sys.argv[1])
    limits = dict(line.split() for line in pathlib.Path(sys.argv[2]).read_text().splitlines()
                  if line and line[0] != '#')
    bad = False
    for name in sorted(files):
        missed = sorted(line for line, times in files[name].items() if not times)
        whole = len(files[name])
        print(f'core/{name:22} {whole - len(missed):4} of {whole:4} lines, '
              f'{100 * (whole - len(missed)) / whole:6.2f} %')
        if name in limits and len(missed) > int(limits[name]):
            print(f'core/{name}: {limits[name]} may be unreached, these are: '
                  + ' '.join(map(str, missed)))
            bad = True
    absent = [name for name in limits if name not in files]
    if absent or bad:
        print('coverage has fallen', *absent)
        sys.exit(1)


if __name__ == '__main__':
    main()
