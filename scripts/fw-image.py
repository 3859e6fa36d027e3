#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Put the CRC-32 of a firmware image behind it, where selfcheck() expects it.

usage: fw-image.py CROSS_COMPILE LINKED OUT.elf OUT.bin
"""
import os
import struct
import subprocess
import sys
import tempfile
import zlib

SECTION = ".image_crc"
UNSET = b"\xff\xff\xff\xff"


def objcopy(cross, *args):
    subprocess.run([cross + "objcopy", *args], check=True)


def image(cross, elf, out):
    objcopy(cross, "-O", "binary", elf, out)
    with open(out, "rb") as f:
        return f.read()


def main():
    cross, linked, elf, out = sys.argv[1:]
    data = image(cross, linked, out)
    if len(data) % 4 or data[-4:] != UNSET:
        sys.exit(f"{linked}: {SECTION} is not the end of the image")
    crc = struct.pack("<I", zlib.crc32(data[:-4]))
    with tempfile.NamedTemporaryFile() as f:
        f.write(crc)
        f.flush()
        objcopy(cross, "--update-section", f"{SECTION}={f.name}", linked, elf)
    if image(cross, elf, out) != data[:-4] + crc:
        os.unlink(elf)
        sys.exit(f"{elf}: the checksum did not get to the end of the image")


if __name__ == "__main__":
    main()
