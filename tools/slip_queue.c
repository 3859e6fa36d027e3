// SPDX-License-Identifier: GPL-2.0
#include "slip.h"
#include "slip_queue.h"

bool slip_queue_put(struct slip_queue *q, const u8 *packet, u32 len)
{
	struct slip_frame *f = &q->frame[(q->first + q->count) % SLIP_QUEUE_FRAMES];
	u32 used;

	if (q->count == SLIP_QUEUE_FRAMES || len > SLIP_MTU_MAX)
		return false;
	/* an END before the frame parts it from what the line picked up */
	f->byte[0] = DMK_SLIP_END;
	f->len = 1 + dmk_slip_encode(packet, len, &used, f->byte + 1, sizeof(f->byte) - 2);
	f->byte[f->len++] = DMK_SLIP_END;
	f->packet_len = len;
	q->count++;
	return true;
}

const u8 *slip_queue_bytes(const struct slip_queue *q, u32 *len)
{
	const struct slip_frame *f = &q->frame[q->first];

	if (!q->count)
		return NULL;
	*len = f->len - q->done;
	return f->byte + q->done;
}

u32 slip_queue_took(struct slip_queue *q, u32 n)
{
	const struct slip_frame *f = &q->frame[q->first];

	q->done += n;
	if (q->done < f->len)
		return 0;
	q->done = 0;
	q->first = (q->first + 1) % SLIP_QUEUE_FRAMES;
	q->count--;
	return f->packet_len;
}

u32 slip_queue_clear(struct slip_queue *q)
{
	u32 n = q->count;

	q->first = q->count = q->done = 0;
	return n;
}
