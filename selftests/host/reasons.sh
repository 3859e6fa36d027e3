#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Documentation/reasons.md says what core/reason.h says.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

page=Documentation/reasons.md
tmp=$(mktemp -d)

# the names as the compiler sees them
cat > "$tmp/names.c" <<'EOC'
#include <stdio.h>
#include "reason.h"

int main(void)
{
#define X(name, text, help) puts(text);
	DMK_REASONS(X)
#undef X
	return 0;
}
EOC

ktap_plan 3
ktap_run "the page is what the script makes" sh -c "scripts/reasons.sh | diff -u $page -"
cc -o "$tmp/names" -Icore "$tmp/names.c" && "$tmp/names" > "$tmp/compiled"
sed -n 's/^| `\([a-z0-9-]*\)` |.*/\1/p' "$page" > "$tmp/documented"
ktap_run "every reason that is compiled, in its order" \
	diff -u "$tmp/compiled" "$tmp/documented"
ktap_run "no name twice" sh -c "[ -s $tmp/compiled ] && ! sort $tmp/compiled | uniq -d | grep ."
rm -rf "$tmp"
ktap_end
