#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Print a sources.list for a Debian release (bookworm unless told), with its
# updates, security and backports, at the mirrors this system already uses.
#
# apt itself reads the system's sources (one-line or deb822, whatever options
# they carry), so nothing here parses those formats a second time.
set -eu

suite=${1:-bookworm}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] && opts="[arch=amd64 signed-by=$keyring]" || opts="[arch=amd64]"
lists=$(mktemp -d)
trap 'rm -rf "$lists"' EXIT

# An empty list directory and --no-release-info: what is configured, whether
# or not it was ever downloaded.
apt-get -o Dir::State::lists="$lists" indextargets --no-release-info \
	"Created-By: Packages" | awk -v suite="$suite" -v opts="$opts" '
	function target() {
		if (component != "main")
			return
		# The release and its -security suite are two archives.
		if (rel ~ /-security$|\/updates$/) {
			if (!security) security = uri
		} else if (rel ~ /^(buster|bullseye|bookworm|trixie|forky|sid|(old)?stable|testing|unstable)(-updates|-backports)?$/) {
			if (!archive) archive = uri
		}
	}
	/^Repo-URI: /	{ uri = $2 }
	/^Release: /	{ rel = $2 }
	/^Component: /	{ component = $2 }
	/^$/		{ target(); uri = rel = component = "" }
	END {
		target()
		if (!archive) {
			print "no Debian mirror in the apt sources of this system" > "/dev/stderr"
			exit 1
		}
		print "deb", opts, archive, suite, "main"
		print "deb", opts, archive, suite "-updates", "main"
		print "deb", opts, archive, suite "-backports", "main"
		if (security)
			print "deb", opts, security, suite "-security", "main"
	}'
