// SPDX-License-Identifier: GPL-2.0
/* core/esp.c: SP's parameters and Session Data. Input: which of them, then its bytes. */
#include "esp.h"
#include "fuzz.h"

static void policy(struct dmk_span in)
{
	struct dmk_esp_policy p = {}, q = {};
	u8 out[64];
	u32 len;

	dmk_esp_policy_default(&q);
	if (dmk_esp_policy_parse(in, &p))
		return;
	must(!dmk_esp_policy_check(in));
	must(dmk_esp_salt_len(p.cipher) <= 4);
	len = dmk_esp_policy_emit(&p, out);
	must(len <= sizeof(out) && !dmk_esp_policy_parse(DMK_SPAN(out, len), &q));
	must(p.cipher == q.cipher && p.key_bits == q.key_bits && p.integ == q.integ &&
	     p.tunnel == q.tunnel && p.esn == q.esn && p.life_seconds == q.life_seconds &&
	     p.life_packets == q.life_packets && p.window == q.window);
}

static void session_data(struct dmk_span in)
{
	struct dmk_session_data a = {}, b = {};
	u8 out[64];
	u32 len;

	if (dmk_session_data_parse(in, &a))
		return;
	must(a.family == 4 || a.family == 6);
	len = dmk_session_data_emit(&a, out);
	must(len <= sizeof(out) && !dmk_session_data_parse(DMK_SPAN(out, len), &b));
	must(a.family == b.family && !memcmp(a.addr, b.addr, sizeof(a.addr)) &&
	     a.proto == b.proto && a.port == b.port && a.r_port == b.r_port &&
	     a.i_port == b.i_port && a.encap_port == b.encap_port);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	u8 *copy;

	if (!len)
		return 0;
	copy = fuzz_copy(data + 1, len - 1);
	if (data[0] & 1)
		session_data(DMK_SPAN(copy, len - 1));
	else
		policy(DMK_SPAN(copy, len - 1));
	free(copy);
	return 0;
}
