#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dmikey.yaml says what the header and the module say.
exec python3 "$(dirname "$0")/spec.py"
