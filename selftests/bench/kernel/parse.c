// SPDX-License-Identifier: GPL-2.0
/* Reading messages of the vectors, and what else needs no key. */
#include <linux/slab.h>

#include "bench.h"
#include "calls.h"
#include "message.h"
#include "ratelimit.h"

#define BATCH 64

static struct dmk_message m;

static int parse(void *arg)
{
	const struct call_message *msg = arg;

	return dmk_message_parse(&m, msg->role, msg->data.data, msg->data.len) ? -EBADMSG : 0;
}

static int read_session_data(void *arg)
{
	struct dmk_session_data sd;

	return dmk_session_data_parse(m.session_data, &sd) ? -EBADMSG : 0;
}

static int read_policy(void *arg)
{
	struct dmk_esp_policy p;

	return dmk_esp_policy_parse(m.sp[0].param, &p) ? -EBADMSG : 0;
}

static int allow(void *arg)
{
	static const struct dmk_addr from = { .ip = IN6ADDR_LOOPBACK_INIT };

	return dmk_ratelimit_allow(arg, &from) ? 0 : -EBUSY;
}

static int copy(void *arg)
{
	const struct call_message *msg = arg;
	u8 *p = kmemdup(msg->data.data, msg->data.len, GFP_ATOMIC);

	kfree_sensitive(p);
	return p ? 0 : -ENOMEM;
}

static int print(struct seq_file *out, const char *what, const char *of,
		 int (*call)(void *arg), void *arg)
{
	u64 ns;
	int err = bench_time(call, arg, BENCH_ROUNDS, BATCH, &ns);

	if (!err)
		seq_printf(out, "result floor.parse.%s%s %llu instructions\n", what, of, ns);
	return err;
}

static int print_ratelimit(struct seq_file *out)
{
	struct dmk_ratelimit limit;
	int err = dmk_ratelimit_init(&limit, U32_MAX);

	if (!err)
		err = print(out, "ratelimit", "", allow, &limit);
	dmk_ratelimit_destroy(&limit);
	return err;
}

static int print_message(struct seq_file *out, const struct call_message *msg)
{
	int err = print(out, "", msg->name, parse, (void *)msg);

	if (!err)
		err = print(out, "copy.", msg->name, copy, (void *)msg);
	if (err || !m.n_sp)
		return err;
	err = print(out, "policy.", msg->name, read_policy, NULL);
	return err ? err : print(out, "session_data.", msg->name, read_session_data, NULL);
}

int bench_parse(struct seq_file *out)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < n_call_messages && !err; i++)
		err = print_message(out, &call_messages[i]);
	return err ? err : print_ratelimit(out);
}
