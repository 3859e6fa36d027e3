// SPDX-License-Identifier: GPL-2.0
/* The clock of kernel.h, and what waits for it. */
#include "kernel.h"

unsigned long jiffies;

static struct delayed_work *armed;

bool cancel_delayed_work_sync(struct delayed_work *w)
{
	struct delayed_work **at = &armed;
	bool was = w->armed;

	while (*at && *at != w)
		at = &(*at)->next;
	if (*at)
		*at = w->next;
	w->armed = false;
	return was;
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *w, unsigned long delay)
{
	bool was = cancel_delayed_work_sync(w);

	(void)wq;
	w->due = jiffies + delay;
	w->armed = true;
	w->next = armed;
	armed = w;
	return was;
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *w, unsigned long delay)
{
	return !w->armed && !mod_delayed_work(wq, w, delay);
}

static struct delayed_work *first_due(unsigned long until)
{
	struct delayed_work *w, *first = NULL;

	for (w = armed; w; w = w->next)
		if (!time_before(until, w->due) && (!first || time_before(w->due, first->due)))
			first = w;
	return first;
}

void kernel_pass(unsigned long ms)
{
	unsigned long until = jiffies + ms;
	struct delayed_work *w;

	while ((w = first_due(until))) {
		if (time_before(jiffies, w->due))
			jiffies = w->due;
		cancel_delayed_work_sync(w);
		w->fn(&w->work);
	}
	jiffies = until;
}

time64_t ktime_get_boottime_seconds(void)
{
	return jiffies / HZ;
}
