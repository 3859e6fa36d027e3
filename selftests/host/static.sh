#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What tools see without running anything. They look with the kernel's own scripts:
# check.sh builds that kernel meanwhile, and this waits for it.
top=$(dirname "$0")/../..
"$top/selftests/vm/kernels.sh" debug >&2
exec "$top/scripts/static.sh"
