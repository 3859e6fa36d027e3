#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# All that tools see without running anything: the long form of selftests/host/static.sh.
LONG=1 exec "$(dirname "$0")/../../scripts/static.sh"
