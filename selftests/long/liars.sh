#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# unit/liars_test with every n: minutes of CPU time.
top=$(cd "$(dirname "$0")/../.." && pwd)
LONG=1 exec "${O:-$top/build}/selftests/unit/liars_test"
