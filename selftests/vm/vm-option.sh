# SPDX-License-Identifier: GPL-2.0
# A test says what it wants of its VM in one comment line:
#
#	# vm: group=basic cpus=2 mem=512 timeout=120 kernels="6.1 7"
#
#	group	  tests of one group share a boot; without one, a boot of its own
#	cpus mem  the largest of the group counts (1, 512 MiB)
#	timeout	  seconds for this script, under plain emulation (120)
#	kernels	  where `make check` runs it (all of Debian's): those that have an API of
#		  their own for what it tests, or one. `make check-long` runs it on all
#	long	  seconds for it in `make check-long` with LONG=1 in its environment,
#		  on the first of its kernels, or on long_on
#	long_on	  uml: where only a clock that does not wait gets through in a day
#	args	  more for the kernel's command line
#	bin	  programs of the host that it needs besides the usual ones
#	files	  files or directories of the tree, put at /dmikey/<same path>
#	peers	  yes: strongSwan and libreswan in /peers, as bench/peers/fetch.sh has them
#	icount	  yes: one CPU on which every instruction takes a virtual nanosecond
#	board	  f405 or f100: a sensor's board on the VM's second serial line, for
#		  lib/board.sh

VM_KERNELS="6.1 6.12 7"

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

# ward_vms FILE: VM=KERNEL of each machine that ward.sh boots for a test
ward_vms() { sed -n '1,20s/^# ward: //p' "$1"; }
