#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The tables of Documentation/firmware-cost.md, on stdout, from what was counted.

usage: cost.py TEMPLATE JSON COUNTS...

TEMPLATE has a line {{name}} where a table belongs. COUNTS are what split.py and the
images say. JSON is written: a list of {name, value, unit, aim, met, how}.

The model of energy and its parameters stand here; the template explains them.
"""
import collections
import decimal
import json
import sys

D = decimal.Decimal

Row = collections.namedtuple('Row', 'key text counts sent received trips')
ROWS = [
    Row('establish', 'dmikey: a session', ['establish-sent', 'establish-received'],
        'establish-sent-bytes', 'establish-received-bytes', 2),
    Row('repeat', 'dmikey: the three messages 1 once again', ['repeat'],
        'repeat-sent-bytes', None, 0),
    Row('reading', 'dmikey: a reading and its acknowledgement',
        ['reading-sent', 'reading-received'], 'reading-sent-bytes', 'reading-received-bytes', 1),
    # its messages 1 are as long as those that are sent again
    Row('boot', 'dmikey: a start, with self-check, DRBG and the first messages 1',
        ['boot-selfcheck', 'boot-start'], 'repeat-sent-bytes', None, 0),
    Row('pubkey-first', 'MIKEY, RSA-2048: first session after a start', ['pubkey-first'],
        'pubkey-sent-bytes', 'pubkey-received-bytes', 1),
    Row('pubkey', 'MIKEY, RSA-2048: every other session', ['pubkey'],
        'pubkey-sent-bytes', 'pubkey-received-bytes', 1),
    Row('dtls-psk', 'DTLS 1.2, PSK', ['dtls-psk'],
        'dtls-psk-sent-bytes', 'dtls-psk-received-bytes', 3),
    Row('dtls-ecdhe', 'DTLS 1.2, ECDHE-ECDSA', ['dtls-ecdhe'],
        'dtls-ecdhe-sent-bytes', 'dtls-ecdhe-received-bytes', 3),
    Row('dtls-ecdhe-client', 'DTLS 1.2, ECDHE-ECDSA, client certificate',
        ['dtls-ecdhe-client'], 'dtls-ecdhe-client-sent-bytes',
        'dtls-ecdhe-client-received-bytes', 3),
]
SPLIT = ['establish', 'repeat', 'reading', 'boot']
CATEGORIES = ['cryptography', 'sharing', 'messages', 'network', 'console']
SESSIONS = ['establish', 'pubkey-first', 'pubkey', 'dtls-psk', 'dtls-ecdhe', 'dtls-ecdhe-client']

# what the firmware is measured against: (row, unit, at most)
AIMS = {('establish', 'instructions'): 900000, ('establish', 'bytes'): 1000}

Class = collections.namedtuple('Class', 'key core cycle radio send receive listen')
# nJ a cycle; uJ a byte sent and received; mW while listening
CLASSES = [
    Class('A', 'STM32L476', D('0.30'), 'AT86RF233', D('1.32'), D('1.13'), D('35.4')),
    Class('B', 'STM32F405', D('0.79'), 'CC2420', D('1.67'), D('1.80'), D('56.4')),
    Class('C', 'STM32L100', D('0.90'), 'TelosB, measured', D('5.76'), D('6.48'), D('56.4')),
]
CPI = D('1.3')      # cycles an instruction
LINK = D('1.25')    # bytes on the air a byte of IPv6
TRIP = D('50')      # ms of listening a round trip


def read(paths):
    """({key: number}, {(key, category): instructions})"""
    numbers, split = {}, {}
    for path in paths:
        with open(path) as f:
            for line in f:
                kind, key, *rest = line.split()
                if kind == 'split':
                    split[key, rest[0]] = int(rest[1])
                else:
                    numbers[key] = int(rest[0])
    return numbers, split


class Cost:
    """What a row costs."""

    def __init__(self, row, numbers, split):
        self.row = row
        self.instructions = sum(numbers[k] for k in row.counts)
        self.sent = numbers[row.sent] if row.sent else 0
        self.received = numbers[row.received] if row.received else 0
        self.bytes = self.sent + self.received
        self.split = {c: sum(split.get((k, c), 0) for k in row.counts) for c in CATEGORIES}

    def energy(self, c):
        """mJ of (core, radio, listening)"""
        core = self.instructions * CPI * c.cycle / 10**6
        radio = LINK * (self.sent * c.send + self.received * c.receive) / 1000
        listen = self.row.trips * TRIP * c.listen / 1000
        return core, radio, listen


def grouped(n):
    return f'{n:,}'


def short(x):
    """a decimal with three digits that count, and no exponent"""
    if not x:
        return '0'
    digits = max(0, 2 - x.adjusted())
    return f'{x:,.{min(digits, 4)}f}'


def table(head, lines):
    rule = ['---'] + ['---:'] * (len(head) - 1)
    return '\n'.join('| ' + ' | '.join(cells) + ' |' for cells in [head, rule, *lines])


def table_measured(costs):
    lines = [[c.row.text, grouped(c.instructions), grouped(c.sent), grouped(c.received),
              grouped(c.bytes)] for c in costs.values()]
    return table(['', 'instructions', 'bytes sent', 'received', 'both'], lines)


def table_aims(costs):
    lines = []
    for (key, unit), most in AIMS.items():
        value = getattr(costs[key], unit)
        lines.append([f'{unit} for {costs[key].row.text}', grouped(most), grouped(value),
                      'met' if value <= most else '**missed**'])
    return table(['', 'at most', 'measured', ''], lines)


def table_split(costs):
    lines = [[costs[k].row.text, *(grouped(costs[k].split[c]) for c in CATEGORIES)]
             for k in SPLIT]
    return table(['instructions', *CATEGORIES], lines)


def table_classes(_):
    lines = [[c.key, c.core, str(c.cycle), c.radio, str(c.send), str(c.receive), str(c.listen)]
             for c in CLASSES]
    return table(['class', 'core', 'nJ a cycle', 'radio', 'µJ a byte sent', 'µJ a byte received',
                  'mW listening'], lines)


def table_assumed(_):
    return table(['assumed', ''], [['cycles an instruction', str(CPI)],
                                   ['bytes on the air for each of IPv6', str(LINK)],
                                   ['listening for each round trip, ms', str(TRIP)]])


def table_energy(costs):
    lines = []
    for c in costs.values():
        cells = [c.row.text]
        for k in CLASSES:
            core, radio, listen = c.energy(k)
            cells.append(f'{short(core)} + {short(radio)} + {short(listen)} = '
                         f'**{short(core + radio + listen)}**')
        lines.append(cells)
    return table(['mJ: core + radio + listening', *(f'class {c.key}' for c in CLASSES)], lines)


def table_ratio(costs):
    base = costs['establish']
    lines = []
    for key in SESSIONS:
        c = costs[key]
        cells = [c.row.text, short(D(c.instructions) / base.instructions)]
        for k in CLASSES:
            cells.append(short(sum(c.energy(k)) / sum(base.energy(k))))
        lines.append(cells)
    return table(['as a multiple of a dmikey session', 'instructions',
                  *(f'mJ, class {c.key}' for c in CLASSES)], lines)


def table_idle(numbers):
    return str(numbers['idle'])


def entry(name, value, unit, how, aim=None):
    met = None if aim is None else value <= aim
    return {'name': name, 'value': value, 'unit': unit, 'aim': aim, 'met': met, 'how': how}


def entries(costs, numbers):
    count = 'TIM2 of QEMU netduinoplus2 under -icount shift=0, the same in two runs'
    wire = 'IPv6 headers included'
    model = 'model of Documentation/firmware-cost.md, not measured'
    for key, c in costs.items():
        yield entry(key, c.instructions, 'instructions', count, AIMS.get((key, 'instructions')))
        yield entry(f'{key} on the wire', c.bytes, 'bytes', wire, AIMS.get((key, 'bytes')))
        if key in SPLIT:
            for category, n in c.split.items():
                yield entry(f'{key}, {category}', n, 'instructions', 'traced by split.py')
        for k in CLASSES:
            total = sum(c.energy(k)).quantize(D('0.001'))
            yield entry(f'{key}, class {k.key}', float(total), 'mJ', model)
    yield entry('idle', numbers['idle'], 'instructions', count)


def main():
    template, out, *paths = sys.argv[1:]
    numbers, split = read(paths)
    costs = {row.key: Cost(row, numbers, split) for row in ROWS}
    with open(out, 'w') as f:
        json.dump(list(entries(costs, numbers)), f, indent=1)
        f.write('\n')
    with open(template) as f:
        page = f.read()
    for name, make in (('measured', table_measured), ('aims', table_aims),
                       ('split', table_split), ('classes', table_classes),
                       ('assumed', table_assumed), ('energy', table_energy),
                       ('ratio', table_ratio)):
        page = page.replace('{{' + name + '}}', make(costs))
    page = page.replace('{{idle}}', table_idle(numbers))
    sys.stdout.write(page)


main()
