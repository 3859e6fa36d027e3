#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Documentation/reasons.md from the lists in core/reason.h and tools/ctl_advice.h, on
# stdout:
#
#	scripts/reasons.sh > Documentation/reasons.md
set -eu

cd "$(dirname "$0")/.."

cat <<'EOH'
<!-- SPDX-License-Identifier: GPL-2.0 -->
<!-- made by scripts/reasons.sh from core/reason.h and tools/ctl_advice.h: change it there -->
# Why something was refused

Each refusal has one of these reasons, and each reason has a counter for each
side on which it can happen: `socket` (before it was clear whose the message
is), `thirdparty`, `responder`, `host` (plain RFC 3830 with another host). Counters
belong to a network namespace and are never reset. The end of a session is no refusal:
its event and its trace event may have a reason (`unconfirmed`, `memory`), but that is
not counted here.

```
dmikeyctl why              the last ones: who, from where, and what to do
dmikeyctl stats            those that are not zero
dmikeyctl show             the same in words, among other things
dmikeyctl monitor          as it happens
```

The trace event `dmikey:dmk_refused` has them too, with the sender's address.
Nothing that a remote host sends is written to the kernel's log.
EOH

awk '
	FNR == NR {
		if (/^\t"/ && shared) {
			split($0, part, "\"")
			text[shared] = part[2]
		}
		shared = /^#define CTL_ADVICE_[A-Z]+ / ? $2 : ""
		if (/^\tX\(/) {
			name = word = $0
			gsub(/^\tX\(|,.*/, "", name)
			gsub(/^[^,]*, |\)( \\)?$/, "", word)
			advice[name] = word in text ? text[word] : substr(word, 2, length(word) - 2)
		}
		next
	}
	/^#define DMK_REASONS\(X\)/	{ inside = 1; next }
	!inside				{ next }
	/^\t\/\* .* \*\/ \\$/ {
		gsub(/^\t\/\* | \*\/ \\$/, "")
		print "\n## " toupper(substr($0, 1, 1)) substr($0, 2) "\n"
		print "| reason | meaning | what to do |\n|---|---|---|"
		next
	}
	/^\tX\(/ {
		split($0, part, "\"")
		name = $0
		gsub(/^\tX\(|,.*/, "", name)
		gsub(/\|/, "\\|", part[4])
		print "| `" part[2] "` | " part[4] " | " advice[name] " |"
		n++
	}
	!/\\$/				{ exit }
	END				{ exit !n }
' tools/ctl_advice.h core/reason.h
