// SPDX-License-Identifier: GPL-2.0
/*
 * core/message.c and core/form.c: a datagram. Input: who reads it, then the datagram.
 * What is accepted can be written again (selftests/unit/rebuild.h), and COOKIE
 * taken out and put in.
 */
#include "fuzz.h"
#include "message.h"
#include "mutate.h"
#include "rebuild.h"

static void check_views(const struct dmk_message *m)
{
	const struct dmk_span views[] = {
		m->hdr.map, m->session_data, m->cookie, m->rand, m->randr, m->idi.data,
		m->idr.data, m->idtp.data, m->cert.data, m->share_raw, m->chash.hash,
		m->pke.data, m->envid, m->kemac.data, m->kemac.mac, m->sign.signature,
		m->ver.data, m->relay, m->part,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(views); i++)
		must(fuzz_inside(views[i], m->raw.data, m->raw.len));
	must(m->n_sp <= DMK_SP_MAX);
	for (i = 0; i < m->n_sp; i++)
		must(fuzz_inside(m->sp[i].raw, m->raw.data, m->raw.len));
}

/* the distributed mode's messages have one form only, but for ERR's reserved bits */
static void write_again(const struct dmk_message *m)
{
	u8 *out;

	if (m->kind >= DMK_PSK || m->kind == DMK_ERR)
		return;
	out = malloc(m->raw.len);
	must(rebuild(m, out, m->raw.len) == m->raw.len);
	must(!memcmp(out, m->raw.data, m->raw.len));
	free(out);
}

static void entries(const struct dmk_message *m)
{
	struct dmk_part_entry e;
	u32 i;

	for (i = 0; i < m->part.len / DMK_PART_ENTRY_LEN; i++) {
		dmk_part_entry(m, i, &e);
		must(e.verdict <= 1);
	}
}

/* out, the same message; in again, the same bytes */
static void cookie_out_and_in(const struct dmk_message *m, unsigned int roles)
{
	u8 *data = fuzz_copy(m->raw.data, m->raw.len);
	struct dmk_message n;
	u32 len;

	len = dmk_message_strip_cookie(data, m->raw.len);
	must(len == m->raw.len - (m->cookie.data ? 4 + DMK_COOKIE_LEN : 0));
	if (m->cookie.data) {
		must(m->error == DMK_ERR_COOKIE || !dmk_message_parse(&n, roles, data, len));
		must(!dmk_message_add_cookie(data, len, m->raw.len - 1, m->cookie.data));
		must(dmk_message_add_cookie(data, len, m->raw.len, m->cookie.data) == m->raw.len);
		must(!memcmp(data, m->raw.data, m->raw.len));
	}
	free(data);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct dmk_message m;
	unsigned int roles;
	u8 *copy;

	if (!len)
		return 0;
	roles = data[0] & 15;
	copy = fuzz_copy(data + 1, len - 1);
	if (!dmk_message_parse(&m, roles, copy, len - 1)) {
		check_views(&m);
		entries(&m);
		write_again(&m);
		cookie_out_and_in(&m, roles);
		if (!dmk_message_check_host(&m))
			must(m.spi[0] >= DMK_SPI_MIN && m.spi[1] >= DMK_SPI_MIN);
	}
	free(copy);
	return 0;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	return mutate_input(data, size, max, 1, seed);
}
