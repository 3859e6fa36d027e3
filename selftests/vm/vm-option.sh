# SPDX-License-Identifier: GPL-2.0
# A test says what it wants of its VM in one comment line:
#
#	# vm: group=basic cpus=2 mem=512 timeout=120 kernels="6.1 6.12"
#
#	group	  tests of one group share a boot; without one, a boot of its own
#	cpus mem  the largest of the group counts (1, 512 MiB)
#	timeout	  seconds for this script, under plain emulation (120)
#	kernels	  where it runs ("6.1 6.12")
#	args	  more for the kernel's command line
#	bin	  programs of the host that it needs besides the usual ones
#	files	  files or directories of the tree, put at /dmikey/<same path>
#	board	  f405 or f100: a sensor's board on the VM's second serial line, for
#		  lib/board.sh

# vm_option FILE KEY DEFAULT
vm_option()
{
	sed -n '1,20s/^# vm: //p' "$1" | awk -v key="$2" -v value="$3" '
		{
			s = " " $0
			if (match(s, " " key "=\"[^\"]*\""))
				value = substr(s, RSTART + length(key) + 3,
					       RLENGTH - length(key) - 4)
			else if (match(s, " " key "=[^ ]*"))
				value = substr(s, RSTART + length(key) + 2,
					       RLENGTH - length(key) - 2)
		}
		END { print value }'
}
