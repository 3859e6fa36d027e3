// SPDX-License-Identifier: GPL-2.0
/*
 * core/describe*.c: anybody's message, and the plaintext of a KEMAC. Input: which
 * of them, then the bytes.
 */
#include "describe.h"
#include "mutate.h"

/**
 * struct listener - who is told
 * @len: of what is taken apart
 * @depth: parts that are open
 * @told: how often anything was said
 */
struct listener {
	u32 len;
	unsigned int depth;
	unsigned long told;
};

static void open_part(void *arg, const struct dmk_part *part)
{
	struct listener *l = arg;

	must(part->at <= l->len && part->name && ++l->depth < 16);
	l->told++;
}

static void field(void *arg, const struct dmk_field *f)
{
	struct listener *l = arg;

	must(l->depth && f->name && f->at <= l->len && f->len <= l->len - f->at);
	l->told++;
}

static void close_part(void *arg, u32 end)
{
	struct listener *l = arg;

	must(l->depth-- && end <= l->len);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct listener l = { .len = len - 1 };
	struct dmk_describe d = { open_part, field, close_part, &l };
	u32 done;
	u8 *copy;

	if (!len)
		return 0;
	copy = fuzz_copy(data + 1, len - 1);
	if (data[0] & 1)
		done = dmk_describe_keys(&d, copy, len - 1, data[0] & 2);
	else
		done = dmk_describe_message(&d, copy, len - 1);
	must(!l.depth && done <= l.len && (done == l.len || d.flaw));
	must(!d.flaw || d.flaw_at <= l.len);
	must(l.told <= 16 * (unsigned long)len + 64);
	free(copy);
	return 0;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	return mutate_input(data, size, max, 1, seed);
}
