#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run an image of the bench and say what its instructions were spent on.

usage: split.py [-f KEY] CROSS_COMPILE IMAGE.elf

QEMU names each instruction that it executes; those between count_begin() and
count_end() are charged to the source file that they were compiled from, and
memcpy() and its like to whoever called. Prints what the image prints on the
console about its counts, and after each count

	split KEY CATEGORY INSTRUCTIONS

With -f, the functions of one KEY instead, the most expensive first.
"""
import collections
import os
import re
import subprocess
import sys
import tempfile

QEMU = ['qemu-system-arm', '-M', 'netduinoplus2', '-display', 'none', '-monitor', 'none',
        '-icount', 'shift=0', '-semihosting-config', 'enable=on,target=native']
TRACE = ['-singlestep', '-d', 'exec,nochain']
LIMIT = 300  # seconds
CALIBRATION = 2  # pieces of count_start()

# the first that fits the file, or a function around, decides
CATEGORIES = [
    ('console', re.compile(r'/(console|report)\.c$|^usart_console$')),
    ('cryptography', re.compile(r'/mbedtls/|/(crypto_mbedtls|modes|entropy|kdf)\.c$')),
    ('sharing', re.compile(r'/core/share\.c$')),
    ('network', re.compile(r'/lwip/|/net/|/core/slip\.c$|/drv/usart\.c$')),
    ('messages', re.compile(r'/core/|/sensor-fw/')),
]
# charged to the caller
SERVANTS = re.compile(r'^(mem(cpy|set|cmp|move)|__aeabi_\w+|__\w+_veneer)$')
MARKS = ('count_begin', 'count_end', 'count_pause', 'count_resume')


def addresses(cross, image):
    """Where the marks are: (begin, end) of each."""
    out = subprocess.run([cross + 'nm', '-S', image], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    marks = {}
    for line in out.splitlines():
        field = line.split()
        if len(field) == 4 and field[3] in MARKS:
            begin = int(field[0], 16) & ~1
            marks[field[3]] = (begin, begin + int(field[1], 16))
    return marks


class Source:
    """What an address was compiled from."""

    def __init__(self, cross, image):
        self.tool = subprocess.Popen([cross + 'addr2line', '-a', '-f', '-i', '-e', image],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.known = {}

    def chain(self, pc):
        """[(function, file)], the innermost first"""
        self.tool.stdin.write(f'{pc:x}\n0\n')  # 0 has no source: the end of the answer
        self.tool.stdin.flush()
        self.tool.stdout.readline()
        chain = []
        while True:
            function = self.tool.stdout.readline().strip()
            if function.startswith('0x'):
                break
            place = self.tool.stdout.readline().strip()
            chain.append((function, os.path.normpath(place.rsplit(':', 1)[0])))
        self.tool.stdout.readline()
        self.tool.stdout.readline()
        return chain

    def at(self, pc):
        """(function, category or None if its caller is charged)"""
        if pc not in self.known:
            chain = self.chain(pc)
            self.known[pc] = (chain[-1][0], self.category(chain))
        return self.known[pc]

    @staticmethod
    def category(chain):
        if SERVANTS.match(chain[-1][0]):
            return None
        for name, pattern in CATEGORIES:
            if pattern.search(chain[0][1]) or any(pattern.search(f) for f, _ in chain):
                return name
        return None


def pieces(trace, marks, source):
    """Each piece's instructions by (category, function)."""
    inside = {pc: name for name, (begin, end) in marks.items() for pc in range(begin, end, 2)}
    counting = False
    paused = False
    last = None
    piece = collections.Counter()
    charged = 'messages'
    for line in trace:
        if not line.startswith('Trace'):
            continue
        pc = int(line.split('/', 2)[1], 16)
        if pc == last:  # begun, interrupted by QEMU's own affairs, begun again
            continue
        last = pc
        mark = inside.get(pc)
        if mark == 'count_begin':
            counting, paused = True, False
        elif mark == 'count_end':
            if counting:
                yield piece
            counting, piece = False, collections.Counter()
        elif mark:
            paused = mark == 'count_pause'
        elif counting and not paused:
            function, category = source.at(pc)
            charged = category or charged
            piece[charged, function] += 1


def run(cross, image):
    """(lines of the console, pieces)"""
    marks = addresses(cross, image)
    with tempfile.TemporaryDirectory() as tmp:
        fifo, console = os.path.join(tmp, 'trace'), os.path.join(tmp, 'console')
        os.mkfifo(fifo)
        qemu = subprocess.Popen([*QEMU, '-serial', f'file:{console}', *TRACE, '-D', fifo,
                                 '-kernel', image], stdin=subprocess.DEVNULL)
        with open(fifo, errors='replace') as trace:
            done = list(pieces(trace, marks, Source(cross, image)))[CALIBRATION:]
        if qemu.wait(LIMIT):
            sys.exit(f'{image}: QEMU ended with {qemu.returncode}')
        with open(console) as f:
            return f.read().splitlines(), done


def print_functions(total):
    for (category, function), n in total.most_common(50):
        print(f'{n:9} {category:12} {function}')


def print_categories(key, total):
    by = collections.Counter()
    for (category, _), n in total.items():
        by[category] += n
    for category, _ in CATEGORIES:
        print('split', key, category, by[category])


def main():
    args = sys.argv[1:]
    wanted = None
    if len(args) == 4 and args[0] == '-f':
        wanted, args = args[1], args[2:]
    if len(args) != 2:
        sys.exit(__doc__)
    lines, done = run(*args)
    for line in lines:
        field = line.split()
        if not field or field[0] not in ('count', 'number'):
            continue
        if not wanted:
            print(line)
        if field[0] == 'count' and wanted in (None, field[1]):
            total = sum(done[int(field[3]) - 1:int(field[4])], collections.Counter())
            print_functions(total) if wanted else print_categories(field[1], total)


main()
