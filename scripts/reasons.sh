#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Documentation/reasons.md from the list in core/reason.h, on stdout:
#
#	scripts/reasons.sh > Documentation/reasons.md
set -eu

cd "$(dirname "$0")/.."

cat <<'EOH'
<!-- SPDX-License-Identifier: GPL-2.0 -->
<!-- made by scripts/reasons.sh from core/reason.h: change it there -->
# Why something was refused

Each refusal has one of these reasons, and each reason has a counter for each
side on which it can happen: `socket` (before it was clear whose the message
is), `thirdparty`, `responder`. Counters belong to a network namespace and are
never reset.

```
dmikeyctl stats            those that are not zero
dmikeyctl show             the same in words, among other things
dmikeyctl monitor          as it happens
```

The trace event `dmikey:dmk_refused` has them too, with the sender's address.
Nothing that a remote host sends is written to the kernel's log.
EOH

awk '
	/^#define DMK_REASONS\(X\)/	{ inside = 1; next }
	!inside				{ next }
	/^\t\/\* .* \*\/ \\$/ {
		gsub(/^\t\/\* | \*\/ \\$/, "")
		print "\n## " toupper(substr($0, 1, 1)) substr($0, 2) "\n"
		print "| reason | meaning |\n|---|---|"
		next
	}
	/^\tX\(/ {
		split($0, part, "\"")
		gsub(/\|/, "\\|", part[4])
		print "| `" part[2] "` | " part[4] " |"
		n++
	}
	!/\\$/				{ exit }
	END				{ exit !n }
' core/reason.h
