#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Give QEMU's monitor commands, one after the other: monitor.py SOCKET COMMAND..."""
import socket
import sys

PROMPT = b"(qemu) "


def answer(monitor):
    said = b""
    while not said.endswith(PROMPT):
        more = monitor.recv(65536)
        if not more:
            sys.exit("monitor.py: QEMU has gone")
        said += more
    return said


with socket.socket(socket.AF_UNIX) as monitor:
    monitor.settimeout(300)
    monitor.connect(sys.argv[1])
    answer(monitor)
    for command in sys.argv[2:]:
        monitor.sendall(command.encode() + b"\n")
        # without what was typed, and the next prompt
        for line in answer(monitor).decode(errors="replace").splitlines()[1:-1]:
            print(line)
