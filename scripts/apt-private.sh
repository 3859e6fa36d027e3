# SPDX-License-Identifier: GPL-2.0
# A private apt, to be sourced: its own sources, lists and cache, and an empty
# dpkg status, so that neither the host's pins nor its packages decide anything.
# Works without root, and leaves the host's apt as it is.
#
#	apt_private DIR SUITE deb|deb-src
#	apt_private_update
#	apt_private_run apt-get ARGUMENT...
#
# $top is the tree.

apt_private()
{
	aptdir=$1
	mkdir -p "$aptdir/lists/partial" "$aptdir/archives/partial"
	: > "$aptdir/status"
	"$top/scripts/apt-mirror.sh" "$2" | sed "s/^deb /$3 /" > "$aptdir/sources.list"
	[ -s "$aptdir/sources.list" ] || return 1
	cat > "$aptdir/apt.conf" <<-EOT
	Dir::Etc::sourcelist "$aptdir/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	Dir::Etc::preferences "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	Dir::State "$aptdir";
	Dir::State::lists "$aptdir/lists";
	Dir::State::status "$aptdir/status";
	Dir::Cache "$aptdir";
	Dir::Cache::archives "$aptdir/archives";
	APT::Sandbox::User "";
	APT::Architecture "amd64";
	APT::Architectures "amd64";
	APT::Get::AllowUnauthenticated "false";
	Acquire::AllowInsecureRepositories "false";
	Acquire::Languages "none";
	Acquire::Retries "3";
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	EOT
}

apt_private_run()
{
	local cmd=$1

	shift
	"$cmd" -c "$aptdir/apt.conf" -q "$@"
}

# A list that could not be read is a failure, not a warning.
apt_private_update()
{
	apt_private_run apt-get -o APT::Update::Error-Mode=any update \
		> "$aptdir/update.log" 2>&1 || { cat "$aptdir/update.log" >&2; return 1; }
}
