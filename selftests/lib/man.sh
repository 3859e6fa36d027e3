# SPDX-License-Identifier: GPL-2.0
# Examples of the manual pages: `.\" test: NAME` before a .nf gives one a name.
#
#	man_example PAGE NAME	its text, as man shows it; fails if there is none

man_example()
{
	awk -v name="$2" '
		/^\.\\" test: /		{ wanted = $3 == name; next }
		/^\.nf/ && wanted	{ inside = 1; next }
		/^\.fi/			{ inside = 0; wanted = 0 }
		inside {
			sub(/^\\&/, "")
			gsub(/\\-/, "-")
			gsub(/\\\(aq/, "\047")
			gsub(/\\\(dq/, "\"")
			gsub(/\\e/, "\\")
			print
			n++
		}
		END			{ exit !n }' "$1"
}
