#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The other end of the network line: bringup_line.py echo|flood SOCKET BYTES

echo: all must come back, in order; a window keeps the board's ring from overflowing.
flood: send, whoever listens, and stay until the board is gone: QEMU forgets what it
has not read when the line is closed.
"""
import random
import socket
import sys

WINDOW = 256

def echo(line, data):
    sent = 0
    got = bytearray()
    while len(got) < len(data):
        room = WINDOW - (sent - len(got))
        if room > 0 and sent < len(data):
            sent += line.send(data[sent:sent + room])
        back = line.recv(4096)
        if not back:
            sys.exit(f"the line closed after {len(got)} bytes")
        got += back
    if got != data:
        at = next(i for i in range(len(data)) if got[i] != data[i])
        sys.exit(f"byte {at} came back wrong")

def main():
    mode, path, count = sys.argv[1:]
    data = random.Random(1).randbytes(int(count))
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(60)
        line.connect(path)
        if mode == "echo":
            echo(line, data)
        else:
            line.sendall(data)
            while line.recv(4096):
                pass

main()
