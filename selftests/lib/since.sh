# SPDX-License-Identifier: GPL-2.0
# What shares have cost r1 of net.sh's ward. Source it behind net.sh.
#
#	mark			from here on
#	since			what has been counted: "3 decrypted, 0 hit, 0 missed,
#				3 accepted, 1 sessions"
#	is NAME WANTED		a result: it is this, and stays; the last share may be late

since_now()
{
	echo "$(counter r1 rsa-decrypt) $(counter r1 envelope-hit) \
$(counter r1 envelope-miss) $(counter r1 share-accepted) $(counter r1 session-established)"
}

mark()
{
	# shellcheck disable=SC2046
	set -- $(since_now)
	decrypted=$1 hit=$2 missed=$3 accepted=$4 established=$5
}

since()
{
	# shellcheck disable=SC2046
	set -- $(since_now)
	echo "$(($1 - decrypted)) decrypted, $(($2 - hit)) hit, $(($3 - missed)) missed, \
$(($4 - accepted)) accepted, $(($5 - established)) sessions"
}

since_is() { [ "$(since)" = "$1" ]; }

is()
{
	ktap_wait 8 since_is "$2"
	sleep 0.3
	ktap_equal "$1" "$(since)" "$2"
}
