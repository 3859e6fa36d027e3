// SPDX-License-Identifier: GPL-2.0
/* The contents of a key sector: written and read again, and spoilt in every way. */
#include "blob.h"
#include "crypto_openssl.h"
#include "ktap.h"
#include "message.h"

enum {
	ROOM = 2048,		/* the F100's key sector */
	ITEMS_AT = 8,
};

static struct dmk_crypto *crypto;
static u8 sector[ROOM];

static const u8 addr[16] = { 0xfd, 0, [15] = 2 };
static const u8 r_addr[16] = { 0xfd, 1, [15] = 1 };
static const u8 gcm[] = { 0, 2, 0, DMK_ESP_AES_GCM_16 };

/* ---- contents */

static u8 psk[DMK_BLOB_PARTIES_MAX + 1][DMK_PSK_LEN];
static u8 party_addr[DMK_BLOB_PARTIES_MAX + 1][16];
static char name[DMK_BLOB_PARTIES_MAX + 1][8];
static char party_id[DMK_BLOB_PARTIES_MAX + 1][32];
static struct dmk_blob_party party[DMK_BLOB_PARTIES_MAX + 1];

static struct dmk_span text(const char *s)
{
	return DMK_SPAN(s, strlen(s));
}

static void make_parties(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(party); i++) {
		memset(psk[i], 0x40 + i, sizeof(psk[i]));
		memcpy(party_addr[i], addr, 16);
		party_addr[i][15] = 0x10 + i;
		snprintf(name[i], sizeof(name[i]), "gw%u", i + 1);
		snprintf(party_id[i], sizeof(party_id[i]), "dmikey:gw%u.example", i + 1);
		party[i] = (struct dmk_blob_party){
			.name = text(name[i]),
			.id = { DMK_ID_URI, text(party_id[i]) },
			.addr = party_addr[i],
			.psk = psk[i],
		};
	}
}

static struct dmk_blob contents(u8 m)
{
	return (struct dmk_blob){
		.idi = { DMK_ID_NAI, text("sensor1@example") },
		.idr = { DMK_ID_URI, text("dmikey:r1.example") },
		.addr = addr,
		.r_addr = r_addr,
		.party_port = 2269,
		.port = 2270,
		.coap_port = 5683,
		.m = m,
		.n = m < 3 ? m : 3,
		.k = m < 2 ? 1 : 2,
		.scheme = DMK_SCHEME_SHAMIR,
		.encr_alg = DMK_ENCR_AES_CCM_128,
		.mac_alg = DMK_MAC_NULL,
		.path = text("vitals/ward-7"),
		.period = 1000,
		.generation = 3,
	};
}

static u32 emit(const struct dmk_blob *b)
{
	memset(sector, 0xff, sizeof(sector));
	return dmk_blob_emit(crypto, b, party, sector, sizeof(sector));
}

static enum dmk_blob_status parse(struct dmk_blob *b)
{
	return dmk_blob_parse(crypto, sector, sizeof(sector), b);
}

static bool same_party(const struct dmk_blob_party *a, const struct dmk_blob_party *b)
{
	return dmk_span_equal(a->name, b->name) && dmk_id_equal(&a->id, &b->id) &&
	       !memcmp(a->addr, b->addr, 16) && !memcmp(a->psk, b->psk, DMK_PSK_LEN);
}

static bool same_parties(const struct dmk_blob *b)
{
	struct dmk_blob_party p;
	unsigned int i;

	for (i = 0; i < b->m; i++)
		if (!dmk_blob_party(b, i, &p) || !same_party(&p, &party[i]))
			return false;
	return !dmk_blob_party(b, i, &p) && !dmk_blob_party(b, 1000, &p);
}

static bool same(const struct dmk_blob *a, const struct dmk_blob *b)
{
	return a->dev == b->dev && dmk_id_equal(&a->idi, &b->idi) &&
	       dmk_id_equal(&a->idr, &b->idr) && !memcmp(a->addr, b->addr, 16) &&
	       !memcmp(a->r_addr, b->r_addr, 16) && a->party_port == b->party_port &&
	       a->port == b->port && a->coap_port == b->coap_port && a->m == b->m &&
	       a->n == b->n && a->k == b->k && a->scheme == b->scheme &&
	       a->relay == b->relay && a->verify == b->verify &&
	       a->encr_alg == b->encr_alg && a->mac_alg == b->mac_alg &&
	       dmk_span_equal(a->sp_param, b->sp_param) && dmk_span_equal(a->path, b->path) &&
	       a->period == b->period && a->generation == b->generation;
}

/* ---- written and read again */

static void test_again(const char *what, const struct dmk_blob *b)
{
	struct dmk_blob again;
	u32 len = emit(b);
	enum dmk_blob_status status = parse(&again);

	ktap_ok(len && !status && same(b, &again) && same_parties(&again), "again: %s, %u bytes",
		what, len);
}

static void test_all_again(void)
{
	struct dmk_blob b = contents(1);

	test_again("one third party", &b);
	b = contents(3);
	test_again("three", &b);
	b = contents(DMK_BLOB_PARTIES_MAX);
	b.n = b.k = 16;
	test_again("sixteen", &b);
	b.dev = true;
	test_again("development keys", &b);
	b.relay = true;
	test_again("relay", &b);
	b.relay = false;
	b.verify = true;
	b.scheme = DMK_SCHEME_RS;
	b.encr_alg = DMK_ENCR_AES_CM_128;
	b.mac_alg = DMK_MAC_SHA256;
	b.sp_param = DMK_SPAN(gcm, sizeof(gcm));
	test_again("verify, Reed-Solomon, AES-CM, a policy", &b);
}

static void test_room(void)
{
	struct dmk_blob b = contents(16);
	u32 len = emit(&b), room;
	bool good = len;

	for (room = 0; room <= len; room++) {
		u8 *exact = ktap_alloc(room);

		good &= dmk_blob_emit(crypto, &b, party, exact, room) == (room < len ? 0 : len);
		ktap_free(exact);
	}
	ktap_ok(good, "too little room is found out");
}

/* ---- spoilt */

static enum dmk_blob_status parse_copy(const u8 *data, u32 len)
{
	u8 *copy = ktap_alloc(len);
	enum dmk_blob_status status;
	struct dmk_blob b;

	if (len)
		memcpy(copy, data, len);
	status = dmk_blob_parse(crypto, copy, len, &b);
	ktap_free(copy);
	return status;
}

/* erased from its fifth byte on, the version is 255 */
static enum dmk_blob_status erased_from(u32 at)
{
	if (!at)
		return DMK_BLOB_EMPTY;
	return at == 4 ? DMK_BLOB_OTHER_VERSION : DMK_BLOB_DAMAGED;
}

static void test_cut(void)
{
	struct dmk_blob b = contents(3), again;
	u32 len = emit(&b), at;
	bool good = len;

	for (at = len - 1; at < len; at--) {
		good &= parse_copy(sector, at) == (at ? DMK_BLOB_DAMAGED : DMK_BLOB_EMPTY);
		memset(sector + at, 0xff, len - at);
		good &= parse(&again) == erased_from(at);
		emit(&b);
	}
	ktap_ok(good && !parse_copy(sector, len), "cut at every length, or erased from there on");
}

static void test_flip(void)
{
	struct dmk_blob b = contents(3), again;
	u32 len = emit(&b), bit;
	bool good = true;

	for (bit = 0; bit < 8 * sizeof(sector); bit++) {
		u32 at = bit / 8;
		enum dmk_blob_status want = at == 4 ? DMK_BLOB_OTHER_VERSION : DMK_BLOB_DAMAGED;

		sector[at] ^= 1 << bit % 8;
		good &= parse(&again) == want;
		sector[at] ^= 1 << bit % 8;
	}
	ktap_ok(good && len && !parse(&again), "each bit of the sector changed");
}

static void test_no_blob(void)
{
	struct dmk_blob b;

	memset(sector, 0xff, sizeof(sector));
	ktap_ok(parse(&b) == DMK_BLOB_EMPTY, "erased: %s", dmk_blob_name(parse(&b)));
	memset(sector, 0, sizeof(sector));
	ktap_ok(parse(&b) == DMK_BLOB_DAMAGED, "zeros: %s", dmk_blob_name(parse(&b)));
	b = contents(3);
	emit(&b);
	sector[4] = 2;
	ktap_ok(parse(&b) == DMK_BLOB_OTHER_VERSION, "version 2: %s", dmk_blob_name(parse(&b)));
}

/* ---- whole, with wrong contents */

static void seal(u32 len)
{
	struct dmk_span body = DMK_SPAN(sector, len - DMK_HASH_LEN);

	dmk_sha256(crypto, &body, 1, sector + body.len);
}

static void test_wrong(const char *what, const struct dmk_blob *b)
{
	struct dmk_blob again;
	u32 len = emit(b);
	enum dmk_blob_status status = parse(&again);

	ktap_ok(len && status == DMK_BLOB_CONTENTS, "refused: %s", what);
}

#define WRONG(what, change) do {			\
	struct dmk_blob b = contents(4);		\
							\
	change;						\
	test_wrong(what, &b);				\
} while (0)

static void test_wrong_contents(void)
{
	static const u8 any[16], multicast[16] = { 0xff, 2, [15] = 1 };
	static const u8 cbc_alone[] = { 0, 2, 0, DMK_ESP_AES_CBC };
	static u8 long_id[DMK_ID_MAX + 1];

	memset(long_id, 'x', sizeof(long_id));
	WRONG("no identity", b.idi.data.len = 0);
	WRONG("an identity of 256 bytes", b.idi.data = DMK_SPAN(long_id, sizeof(long_id)));
	WRONG("an identity of type 2", b.idi.type = 2);
	WRONG("an identity with ESC", b.idi.data = text("a\033[2J@b"));
	WRONG("an identity with a blank", b.idi.data = text("a @b"));
	WRONG("no responder", b.idr.data.len = 0);
	WRONG("a responder with DEL", b.idr.data = text("dmikey:\177r1"));
	WRONG("no address", b.addr = any);
	WRONG("a multicast address", b.r_addr = multicast);
	WRONG("the responder's address is the sensor's", b.r_addr = addr);
	WRONG("third parties' port 0", b.party_port = 0);
	WRONG("own port 0", b.port = 0);
	WRONG("CoAP's port 0", b.coap_port = 0);
	WRONG("n = 0", b.n = 0);
	WRONG("n = 5 of 4", b.n = 5);
	WRONG("n = 17", b.n = 17);
	WRONG("k = 0", b.k = 0);
	WRONG("k = 1 of 3", b.k = 1);
	WRONG("k = 4 of 3", b.k = 4);
	WRONG("scheme 0", b.scheme = 0);
	WRONG("scheme 3", b.scheme = 3);
	WRONG("AES-CCM with a MAC", b.mac_alg = DMK_MAC_SHA256);
	WRONG("no encryption", b.encr_alg = DMK_ENCR_NULL);
	WRONG("a policy that does not exist", b.sp_param = DMK_SPAN(cbc_alone, 4));
	WRONG("half a policy", b.sp_param = DMK_SPAN(cbc_alone, 3));
	WRONG("no path", b.path = text(""));
	WRONG("a path of 33 bytes", b.path = text("a23456789b123456789c123456789d123"));
	WRONG("a path that begins with /", b.path = text("/vitals"));
	WRONG("a path that ends with /", b.path = text("vitals/"));
	WRONG("a path with //", b.path = text("vitals//7"));
	WRONG("a path with a blank", b.path = text("ward 7"));
	WRONG("readings every 99 ms", b.period = 99);
	WRONG("readings less than daily", b.period = 86400001);
	WRONG("generation 0", b.generation = 0);
	WRONG("no third party", b.m = 0; b.n = b.k = 1);
	WRONG("seventeen third parties", b.m = 17);
}

#define WRONG_PARTY(what, change) do {				\
	struct dmk_blob b = contents(4);			\
								\
	change;							\
	test_wrong(what, &b);					\
	make_parties();						\
} while (0)

static void test_wrong_parties(void)
{
	static const u8 any[16];

	WRONG_PARTY("a third party without name", party[1].name = text(""));
	WRONG_PARTY("a name of 16 bytes", party[1].name = text("gateway-12345678"));
	WRONG_PARTY("a name with ESC", party[1].name = text("gw\033[2J"));
	WRONG_PARTY("a third party without identity", party[1].id.data.len = 0);
	WRONG_PARTY("a third party with ESC", party[1].id.data = text("dmikey:\033[2J"));
	WRONG_PARTY("a third party of ID type 241", party[1].id.type = 241);
	WRONG_PARTY("a third party without address", party[1].addr = any);
	WRONG_PARTY("two of one name", party[3].name = party[0].name);
	WRONG_PARTY("two of one identity", party[3].id.data = party[0].id.data);
	WRONG_PARTY("two of one address", party[3].addr = party[0].addr);
	WRONG_PARTY("two of one PSK", party[3].psk = party[0].psk);
}

/* what dmk_blob_emit() cannot write */
static void test_wrong_bytes(void)
{
	struct dmk_blob b = contents(4), again;
	u32 len = emit(&b), at;
	bool good = true;

	sector[5] |= 2;
	seal(len);
	ktap_ok(parse(&again) == DMK_BLOB_CONTENTS, "refused: an unknown flag of the head");
	/* every item's type and length, one up and one down */
	for (at = ITEMS_AT; at < len - DMK_HASH_LEN; at += 3 + dmk_get_be(sector + at + 1, 2)) {
		static const int changes[][3] = { { 1, 0, 0 }, { -1, 0, 0 }, { 0, 1, 0 },
						  { 0, 0, 1 }, { 0, 0, -1 } };
		unsigned int i;

		for (i = 0; i < ARRAY_SIZE(changes); i++) {
			int sign = 1;

			for (; sign >= -1; sign -= 2) {
				sector[5] = 0;
				sector[at] += sign * changes[i][0];
				sector[at + 1] += sign * changes[i][1];
				sector[at + 2] += sign * changes[i][2];
				seal(len);
				if (sign == 1)
					good &= parse(&again) == DMK_BLOB_CONTENTS;
			}
		}
	}
	ktap_ok(good && at == len - DMK_HASH_LEN && !parse(&again),
		"refused: each item of another type, or another length");
}

/* nothing that a digest covers leads out of the sector; the sanitizers look on */
static void test_noise(void)
{
	u32 dice = 1, run, i, len, accepted = 0;
	struct dmk_blob b, again;
	struct dmk_blob_party p;
	u8 *exact;

	for (run = 0; run < 20000; run++) {
		b = contents(4);
		len = emit(&b);
		for (i = 0; i < 1 + run % 4; i++) {
			dice = dice * 1664525 + 1013904223;
			sector[ITEMS_AT + (dice >> 8) % (len - ITEMS_AT - DMK_HASH_LEN)] = dice >> 16;
		}
		seal(len);
		exact = ktap_alloc(len);
		memcpy(exact, sector, len);
		if (dmk_blob_parse(crypto, exact, len, &again)) {
			ktap_free(exact);
			continue;
		}
		accepted++;
		for (i = 0; dmk_blob_party(&again, i, &p); i++)
			;
		ktap_free(exact);
		if (i != again.m)
			break;
	}
	ktap_ok(run == 20000 && accepted > 1000 && accepted < run,
		"bytes changed under a good digest: %u of %u are contents too", accepted, run);
}

static void blob_test(void)
{
	crypto = dmk_crypto_openssl_new();
	make_parties();
	test_all_again();
	test_room();
	test_cut();
	test_flip();
	test_no_blob();
	test_wrong_contents();
	test_wrong_parties();
	test_wrong_bytes();
	test_noise();
	dmk_crypto_openssl_free(crypto);
}

KTAP_MAIN(blob_test)
