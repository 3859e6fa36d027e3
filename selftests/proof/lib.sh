# SPDX-License-Identifier: GPL-2.0
# Frama-C on core/: source it behind ktap.sh, at the top of the tree. `make prove`
# and selftests/long/prove.sh are the whole, selftests/host/prove.sh is a part.

page=Documentation/assurance/prove.md
proof_tmp=$(mktemp -d)

for p in frama-c why3 z3 cvc4; do
	command -v $p > /dev/null || ktap_skip_all "no $p"
done

# why3 notes in the home directory which provers there are
HOME=$proof_tmp why3 config detect > "$proof_tmp/why3.log" 2>&1 ||
	{ diag < "$proof_tmp/why3.log"; ktap_skip_all "why3 finds no prover"; }

frama() { HOME=$proof_tmp nice frama-c -c11 -machdep gcc_x86_64 -cpp-extra-args=-Icore "$@" 2>&1; }

# Inline functions of the headers that are called by none of the functions proved.
elsewhere=dmk_wipe,dmk_equal,dmk_span_equal,dmk_id_equal

# wp FILE OPTION...: sets goals and proved, from the line "Proved goals: P / G"
wp()
{
	goals=0 proved=0
	frama "$1" -wp -wp-rte -wp-prover z3,cvc4 -wp-timeout 120 -wp-par 2 "${@:2}" \
		> "$proof_tmp/log" || return
	read -r proved goals < <(sed -n 's,.*Proved goals: *\([0-9]*\) / \([0-9]*\)$,\1 \2,p' \
		"$proof_tmp/log")
}

# published COLUMN NAME: what the page's table says of it
published() { awk -F ' *[|] *' -v col="$1" -v name="$2" '$2 == name { print $col }' "$page"; }

# open_goals: the names of those that the provers gave up, or -
open_goals()
{
	sed -n 's/.*\[Failed\] Goal \([a-z0-9_]*\).*/\1/p' "$proof_tmp/log" | sort -u |
		paste -sd ' ' | sed 's/^$/-/'
}

# proof_holds NAME FILE OPTION...: two results
proof_holds()
{
	local name=$1
	shift

	wp "$@" || tail -20 "$proof_tmp/log" | diag
	diag "$name: $proved of $goals goals are proved"
	ktap_equal "$name: as many goals as the page says" "$goals" "$(published 3 "$name")"
	ktap_equal "$name: what the page says is not proved" \
		"$((goals - proved)): $(open_goals)" "$(published 4 "$name")"
}

# proof_refused NAME FILE OPTION...: goals there are, but not all of them are proved
proof_refused()
{
	local name=$1
	shift

	if wp "$@" -wp-timeout 5 && [ "$proved" -lt "$goals" ]; then
		ktap_pass "$name is refused: $proved of $goals goals are proved"
	else
		ktap_fail "$name is refused" "$proved of $goals goals are proved"
		tail -20 "$proof_tmp/log" | diag
	fi
}

# broken SED: a copy of the tree in which core/wire.c was broken so
broken()
{
	mkdir -p "$proof_tmp/core" "$proof_tmp/selftests/proof"
	cp core/*.[ch] "$proof_tmp/core"
	cp selftests/proof/*.c "$proof_tmp/selftests/proof"
	sed -i "$1" "$proof_tmp/core/wire.c"
	! cmp -s core/wire.c "$proof_tmp/core/wire.c"
}

# What the prover must not believe: two results.
proof_false()
{
	proof_refused "a byte behind the datagram" selftests/proof/false.c -wp-fct byte_behind
	broken 's/n > c->len - c->at)/n > c->len - c->at + 1)/' || diag "wire.c is as it was"
	proof_refused "take() with a bound that is one too large" \
		"$proof_tmp/selftests/proof/wire.c" -wp-fct take
}
