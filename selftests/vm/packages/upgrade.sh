#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kernel comes to a machine that has dmikey, or goes: its packages' own hooks tell DKMS.
#
#	unshare -m upgrade.sh ROOT install DEB...
#	unshare -m upgrade.sh ROOT status
#	unshare -m upgrade.sh ROOT purge PACKAGE...
#
# Nobody boots it, so it gets no initrd.
set -eu

root=$1 what=$2
shift 2
. "$(dirname "$0")/inside.sh"

case $what in
install)
	cp "$@" "$root/run/"
	inside env INITRD=No dpkg -i $(printf '/run/%s ' "${@##*/}")
	;;
status)
	inside dkms status dmikey
	;;
purge)
	inside env INITRD=No dpkg -P "$@"
	;;
esac
