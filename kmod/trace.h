/* SPDX-License-Identifier: GPL-2.0 */
/* Trace points: /sys/kernel/tracing/events/dmikey. No secret passes them. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dmikey

#if !defined(DMK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define DMK_TRACE_H

#include <linux/tracepoint.h>
#include "netns.h"

#ifndef DMK_TRACE_NAMES
#define DMK_TRACE_NAMES
/* how an upcall went on */
enum dmk_trace_upcall {
	DMK_TRACE_ASKED,
	DMK_TRACE_JOINED,
	DMK_TRACE_ANSWERED,
	DMK_TRACE_REFUSED,
	DMK_TRACE_TIMEOUT,
};

static inline void dmk_trace_addr(const struct dmk_addr *addr, u8 ip[16], u16 *port)
{
	memset(ip, 0, 16);
	*port = 0;
	if (!addr)
		return;
	memcpy(ip, &addr->ip, 16);
	*port = ntohs(addr->port);
}
#endif

#define X(name, text, help) TRACE_DEFINE_ENUM(DMK_REASON_##name);
DMK_REASONS(X)
#undef X
TRACE_DEFINE_ENUM(DMK_STAT_RSA_SIGN);
TRACE_DEFINE_ENUM(DMK_STAT_RSA_VERIFY);
TRACE_DEFINE_ENUM(DMK_STAT_RSA_ENCRYPT);
TRACE_DEFINE_ENUM(DMK_STAT_RSA_DECRYPT);

#define X(name, text, help) { DMK_REASON_##name, text },
#define DMK_TRACE_REASON(reason) \
	__print_symbolic(reason, DMK_REASONS(X) { 0, "ok" })
#define DMK_TRACE_SIDE(side) \
	__print_symbolic(side, { 0, "socket" }, { 1, "tp" }, { 2, "r" }, { 3, "host" })

DECLARE_EVENT_CLASS(dmk_datagram_class,
	TP_PROTO(struct dmk_net *dn, const struct dmk_addr *addr, u32 len),
	TP_ARGS(dn, addr, len),
	TP_STRUCT__entry(
		__field(u32, netns)
		__array(u8, ip, 16)
		__field(u16, port)
		__field(u32, len)
	),
	TP_fast_assign(
		__entry->netns = dn->net->ns.inum;
		dmk_trace_addr(addr, __entry->ip, &__entry->port);
		__entry->len = len;
	),
	TP_printk("netns=%u peer=[%pI6c]:%u len=%u", __entry->netns, __entry->ip,
		  __entry->port, __entry->len)
);

/* a datagram came in; nothing has been checked but its length */
DEFINE_EVENT(dmk_datagram_class, dmk_datagram,
	TP_PROTO(struct dmk_net *dn, const struct dmk_addr *addr, u32 len),
	TP_ARGS(dn, addr, len)
);

/* a datagram went out */
DEFINE_EVENT(dmk_datagram_class, dmk_sent,
	TP_PROTO(struct dmk_net *dn, const struct dmk_addr *addr, u32 len),
	TP_ARGS(dn, addr, len)
);

/* a message, or a share that came in one, was refused; addr may be NULL */
TRACE_EVENT(dmk_refused,
	TP_PROTO(struct dmk_net *dn, enum dmk_side side, enum dmk_reason reason,
		 const struct dmk_addr *addr),
	TP_ARGS(dn, side, reason, addr),
	TP_STRUCT__entry(
		__field(u32, netns)
		__field(u8, side)
		__field(u32, reason)
		__array(u8, ip, 16)
		__field(u16, port)
	),
	TP_fast_assign(
		__entry->netns = dn->net->ns.inum;
		__entry->side = side;
		__entry->reason = reason;
		dmk_trace_addr(addr, __entry->ip, &__entry->port);
	),
	TP_printk("netns=%u side=%s reason=%s peer=[%pI6c]:%u", __entry->netns,
		  DMK_TRACE_SIDE(__entry->side), DMK_TRACE_REASON(__entry->reason),
		  __entry->ip, __entry->port)
);

/* a session began, was confirmed, was updated or ended */
TRACE_EVENT(dmk_session,
	TP_PROTO(struct dmk_net *dn, enum dmk_event_type event, u32 spi_in, u32 spi_out,
		 enum dmk_reason reason),
	TP_ARGS(dn, event, spi_in, spi_out, reason),
	TP_STRUCT__entry(
		__field(u32, netns)
		__field(u8, event)
		__field(u32, spi_in)
		__field(u32, spi_out)
		__field(u32, reason)
	),
	TP_fast_assign(
		__entry->netns = dn->net->ns.inum;
		__entry->event = event;
		__entry->spi_in = spi_in;
		__entry->spi_out = spi_out;
		__entry->reason = reason;
	),
	TP_printk("netns=%u %s spi_in=0x%08x spi_out=0x%08x reason=%s", __entry->netns,
		  __print_symbolic(__entry->event, { 3, "new" }, { 4, "confirmed" },
				   { 5, "end" }, { 8, "updated" }),
		  __entry->spi_in, __entry->spi_out, DMK_TRACE_REASON(__entry->reason))
);

/* an RSA operation: op is DMK_STAT_RSA_*, ret what it gave */
TRACE_EVENT(dmk_rsa,
	TP_PROTO(enum dmk_stat op, unsigned int bits, int ret),
	TP_ARGS(op, bits, ret),
	TP_STRUCT__entry(
		__field(u32, op)
		__field(u32, bits)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->op = op;
		__entry->bits = bits;
		__entry->ret = ret;
	),
	TP_printk("%s bits=%u ret=%d",
		  __print_symbolic(__entry->op, { DMK_STAT_RSA_SIGN, "sign" },
				   { DMK_STAT_RSA_VERIFY, "verify" },
				   { DMK_STAT_RSA_ENCRYPT, "encrypt" },
				   { DMK_STAT_RSA_DECRYPT, "decrypt" }),
		  __entry->bits, __entry->ret)
);

/* a question to the agent */
TRACE_EVENT(dmk_upcall,
	TP_PROTO(struct dmk_net *dn, enum dmk_upcall_type type, u32 id,
		 enum dmk_trace_upcall step),
	TP_ARGS(dn, type, id, step),
	TP_STRUCT__entry(
		__field(u32, netns)
		__field(u8, type)
		__field(u32, id)
		__field(u8, step)
	),
	TP_fast_assign(
		__entry->netns = dn->net->ns.inum;
		__entry->type = type;
		__entry->id = id;
		__entry->step = step;
	),
	TP_printk("netns=%u %s id=%u %s", __entry->netns,
		  __print_symbolic(__entry->type, { 1, "sensor" }, { 2, "cert" }),
		  __entry->id,
		  __print_symbolic(__entry->step, { 0, "asked" }, { 1, "joined" },
				   { 2, "answered" }, { 3, "refused" }, { 4, "timeout" }))
);

#undef X
#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
