# SPDX-License-Identifier: GPL-2.0
"""SLIP, IPv6, UDP and ping as a sensor speaks them: nothing of dmikey is in here."""
import os
import select
import socket
import struct

# the sensor is outside the gateway's prefix: it takes a route of its own
HOST, SENSOR, PORT = "fd00:9::1", "fd00:a::2", 7777
OTHER = "fd00:a::3"
TIMEOUT = 30


def encode(packet):
    return (b"\xc0" + packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
            + b"\xc0")


def decode(line):
    """whole frames in a line's bytes, and the rest"""
    *frames, rest = line.split(b"\xc0")
    return [f.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
            for f in frames if f], rest


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff or 0xffff


def ipv6(proto, payload, at, source=SENSOR, to=HOST):
    """a packet; its payload's checksum belongs at offset `at`"""
    ends = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, to)
    pseudo = ends + struct.pack("!II", len(payload), proto)
    payload = (payload[:at] + struct.pack("!H", checksum(pseudo + payload)) + payload[at + 2:])
    return struct.pack("!IHBB", 6 << 28, len(payload), proto, 64) + ends + payload


def udp(data, source=SENSOR):
    return ipv6(17, struct.pack("!HHHH", PORT, PORT, 8 + len(data), 0) + data, 6, source)


def echo_request(data):
    return ipv6(58, struct.pack("!BBHHH", 128, 0, 0, 1, 1) + data, 2)


class Line:
    """the sensor's end"""

    def __init__(self, fd):
        self.fd, self.rest, self.frames = fd, b"", []

    def send(self, data):
        while data:
            select.select([], [self.fd], [], TIMEOUT)
            data = data[os.write(self.fd, data):]

    def frame(self):
        """the next unicast frame"""
        while not self.frames:
            assert select.select([self.fd], [], [], TIMEOUT)[0], "nothing comes over the line"
            frames, self.rest = decode(self.rest + os.read(self.fd, 4096))
            self.frames += frames
        return self.frames.pop(0)


def open_pty(path):
    return Line(os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK))
