#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a request over netlink leaves behind is charged to who asks. With a user namespace
# anybody can have an instance, fill its tables, and do it again in the next one.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh

# kept FLAG: where one of the module's objects is allocated for a request
kept()
{
	grep -nE '= k[a-z]*alloc\([^;]*\<'"$1"'\)' kmod/netlink_*.c | grep -v 'struct rhashtable_iter'
}

nothing_uncharged()
{
	! kept GFP_KERNEL
}

ktap_plan 2
ktap_run "requests' allocations are found" [ "$(kept GFP_KERNEL_ACCOUNT | wc -l)" -ge 7 ]
ktap_run "none of them is without a charge" nothing_uncharged
ktap_end
