#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Documentation/reasons.md says what core/reason.h and tools/ctl_advice.h say, and each
# reason has something to be done about it.
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

# the same with what is to be done, also by the compiler
cat > "$tmp/advice.c" <<'EOC'
#include <stdio.h>
#include "reason.h"
#include "ctl_advice.h"

int main(void)
{
	static const char *const names[DMK_REASON_COUNT] = {
#define X(name, text, help) [DMK_REASON_##name] = text,
		DMK_REASONS(X)
#undef X
	};
	static const char *const advice[DMK_REASON_COUNT] = {
#define X(name, text) [DMK_REASON_##name] = text,
		CTL_ADVICE(X)
#undef X
	};

	for (int i = 1; i < DMK_REASON_COUNT; i++)
		printf("%s %s\n", names[i], advice[i] && *advice[i] ? advice[i] : "NOTHING");
	return 0;
}
EOC

ktap_plan 5
ktap_run "the page is what the script makes" sh -c "scripts/reasons.sh | diff -u $page -"
cc -o "$tmp/names" -Icore "$tmp/names.c" && "$tmp/names" > "$tmp/compiled"
sed -n 's/^| `\([a-z0-9-]*\)` |.*/\1/p' "$page" > "$tmp/documented"
ktap_run "every reason that is compiled, in its order" \
	diff -u "$tmp/compiled" "$tmp/documented"
ktap_run "no name twice" sh -c "[ -s $tmp/compiled ] && ! sort $tmp/compiled | uniq -d | grep ."
cc -Werror=override-init -o "$tmp/advice" -Icore -Itools "$tmp/advice.c" && "$tmp/advice" > "$tmp/advised"
sed -n 's/^| `\([a-z0-9-]*\)` |.* | \(.*\) |$/\1 \2/p' "$page" > "$tmp/documented"
ktap_run "what to do, for each, as it is compiled" diff -u "$tmp/advised" "$tmp/documented"
ktap_run "something is" sh -c "[ -s $tmp/advised ] && ! grep NOTHING $tmp/advised"
rm -rf "$tmp"
ktap_end
