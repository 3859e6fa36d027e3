#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# syzkaller's description is that of dmikey.yaml. syzkaller itself is not in Debian 12:
# nothing here compiles the description.
exec python3 -B "$(dirname "$0")/syzkaller.py"
