# SPDX-License-Identifier: GPL-2.0
# More certificates of net.sh's ward, made in the VM. Source it behind net.sh; the
# test wants files="scripts/demo-pki.sh".
#
#	pki_renew DIR NAME..	in DIR a copy of $PKI where each NAME has a new key, and
#				a certificate for it from the same CA

pki_renew()
{
	pki__dir=$1
	shift
	cp -R "$PKI" "$pki__dir"
	for pki__name; do rm "$pki__dir/$pki__name."*; done
	sh /dmikey/scripts/demo-pki.sh -g 3 -r 2 -s 2 "$pki__dir"
}
