#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The world complains of what no sensor may do: world_test.c
exec "${O:-$(cd "$(dirname "$0")/../.." && pwd)/build}/selftests/fw/world_test"
