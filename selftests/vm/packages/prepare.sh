#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Make a machine of a root file system, in a mount namespace of its own:
#
#	unshare -m prepare.sh ROOT OLD NEW
#
# There are Debian's packages and /root/test in it. DKMS builds the module of both
# versions here, for a compiler in an emulated machine takes its time. The old one
# is installed with its package; the new one waits as a DKMS tarball, which the
# package, when it is installed in the machine, uses instead of compiling.
set -eu

root=$1 old=$2 new=$3

. "$(dirname "$0")/inside.sh"

# the sums that must come out again when all is purged
cat "$root/etc/passwd" "$root/etc/group" | sha256sum > "$root/root/test/users.sum"

release=$(ls "$root/lib/modules")
share=/usr/share/dmikey-dkms
mkdir "$root$share"
dpkg-deb -x "$root/root/test/debs/dmikey-dkms_${new}_all.deb" "$root"
inside dkms build -m dmikey -v "$new" -k "$release"
inside dkms mktarball -m dmikey -v "$new" -k "$release" \
	--archive="/root/test/dmikey-$new.dkms.tar.gz"
inside dkms remove -m dmikey -v "$new" --all
mv "$root/root/test/dmikey-$new.dkms.tar.gz" "$root$share/"
rm -r "$root/usr/src/dmikey-$new" "$root/usr/share/doc/dmikey-dkms"

inside dpkg -i "/root/test/debs/dmikey-dkms_${old}_all.deb"

cp "$root"/root/test/*.service "$root/etc/systemd/system/"
# without one, systemd takes the first boot for the very first
inside systemd-machine-id-setup
inside systemctl enable dmikey-test.service
