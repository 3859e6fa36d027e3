// SPDX-License-Identifier: GPL-2.0
/*
 * core/blob.c: a sensor's key sector. Input: whether magic, length and digest are
 * made right, and then the sector; what is accepted is written again as it was.
 */
#include "blob.h"
#include "fuzz.h"

enum { DIGEST = DMK_HASH_LEN, HEAD = 8 };

static void make_right(u8 *blob, u32 len)
{
	struct dmk_span all = DMK_SPAN(blob, len - DIGEST);

	memcpy(blob, "DMKY\x01", 5);
	dmk_put_be(blob + 6, len, 2);
	must(!dmk_sha256(fuzz_crypto(), &all, 1, blob + len - DIGEST));
}

static void write_again(const struct dmk_blob *b, const u8 *blob, u32 len)
{
	struct dmk_blob_party party[DMK_BLOB_PARTIES_MAX];
	unsigned int i;
	u8 *out = malloc(len);
	u32 n;

	must(b->m && b->m <= DMK_BLOB_PARTIES_MAX && b->n <= b->m && b->k <= b->n);
	for (i = 0; i < b->m; i++) {
		must(dmk_blob_party(b, i, &party[i]));
		must(fuzz_inside(party[i].id.data, blob, len));
		must(fuzz_inside(party[i].name, blob, len));
	}
	must(!dmk_blob_party(b, i, &party[0]));
	must(dmk_blob_party(b, 0, &party[0]));
	n = dmk_blob_emit(fuzz_crypto(), b, party, out, len);
	must(n && n <= len && !memcmp(out, blob, n));
	free(out);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	enum dmk_blob_status status;
	struct dmk_blob b;
	u8 *copy;

	if (!len)
		return 0;
	copy = fuzz_copy(data + 1, len - 1);
	if (data[0] & 1 && len - 1 >= HEAD + DIGEST && len - 1 <= 0xffff)
		make_right(copy, len - 1);
	status = dmk_blob_parse(fuzz_crypto(), copy, len - 1, &b);
	must(dmk_blob_name(status));
	if (status == DMK_BLOB_OK)
		write_again(&b, copy, len - 1);
	free(copy);
	return 0;
}
