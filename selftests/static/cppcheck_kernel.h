/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's macros as cppcheck has to see them: it does not read the kernel's headers,
 * and takes a loop that it does not know for a call.
 */
#define list_for_each_entry(p, head, member) \
	for (p = dmk_first(head); p; p = dmk_next(p))
#define list_for_each_entry_rcu(p, head, member, ...) list_for_each_entry(p, head, member)
#define list_for_each_entry_safe(p, n, head, member) \
	for (p = dmk_first(head); p && (n = dmk_next(p)); p = n)
#define rhl_for_each_entry_rcu(p, pos, list, member) list_for_each_entry(p, list, member)
#define nla_for_each_nested(p, nla, rem) \
	for (p = dmk_first(nla), rem = 1; rem; p = dmk_next(p))
#define xa_for_each(xa, index, p) \
	for (p = dmk_first(xa), index = 0; p; p = dmk_next(p), index++)
#define xa_for_each_start(xa, index, p, start) xa_for_each(xa, index, p)
#define NL_SET_ERR_MSG_ATTR(extack, attr, text) dmk_extack(extack, attr, text)
