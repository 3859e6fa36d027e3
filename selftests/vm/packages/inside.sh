# SPDX-License-Identifier: GPL-2.0
# Programs in a machine that does not run: source it with $root, in a mount namespace of
# its own (unshare -m), and say
#
#	inside COMMAND...

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount --bind /dev "$root/dev"

inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C chroot "$root" "$@"; }
