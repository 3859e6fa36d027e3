// SPDX-License-Identifier: GPL-2.0
/* What is in a key sector and in a log, in words; of keys, that there are some. */
#include <arpa/inet.h>
#include <stdio.h>

#include "message.h"
#include "provision.h"

static void show_id(const char *what, const struct dmk_id *id)
{
	printf("%s%s:%.*s\n", what, id->type == DMK_ID_NAI ? "nai" : "uri", (int)id->data.len,
	       id->data.data);
}

static const char *address(const u8 addr[16])
{
	static char text[INET6_ADDRSTRLEN];

	return inet_ntop(AF_INET6, addr, text, sizeof(text));
}

static const char *cipher(const struct dmk_esp_policy *p)
{
	switch (p->cipher) {
	case DMK_ESP_AES_CCM_8:
		return "aes-ccm-8";
	case DMK_ESP_AES_CCM_16:
		return "aes-ccm-16";
	case DMK_ESP_AES_GCM_16:
		return "aes-gcm-16";
	}
	return "a cipher that the firmware has not";
}

static void show_blob(const struct dmk_blob *b)
{
	struct dmk_esp_policy policy;
	struct dmk_blob_party p;
	unsigned int i;

	dmk_esp_policy_parse(b->sp_param, &policy);
	if (b->dev)
		puts("DEVELOPMENT KEYS: everybody knows them");
	show_id("sensor: ", &b->idi);
	printf("  address %s, port %u, provisioned %u times\n", address(b->addr), b->port,
	       b->generation);
	show_id("responder: ", &b->idr);
	printf("  readings: coap://[%s]:%u/%.*s, every %u ms\n", address(b->r_addr), b->coap_port,
	       (int)b->path.len, b->path.data, b->period);
	printf("session: %u of %u third parties, %u suffice, %s, %s%s%s\n", b->n, b->m, b->k,
	       b->scheme == DMK_SCHEME_SHAMIR ? "shamir" : "reed-solomon",
	       b->encr_alg == DMK_ENCR_AES_CCM_128 ? "aes-ccm" : "aes-cm",
	       b->relay ? ", relay" : "", b->verify ? ", verify" : "");
	printf("esp: %s, %u seconds, %u packets\n", cipher(&policy), policy.life_seconds,
	       policy.life_packets);
	for (i = 0; dmk_blob_party(b, i, &p); i++) {
		printf("third party %.*s: ", (int)p.name.len, p.name.data);
		show_id("", &p.id);
		printf("  address %s, port %u, a PSK\n", address(p.addr), b->party_port);
	}
}

bool provision_show_keys(struct provision *p, const u8 *keys, u32 len)
{
	struct dmk_blob b;
	enum dmk_blob_status status = dmk_blob_parse(p->crypto, keys, len, &b);

	printf("key sector: %s\n", dmk_blob_name(status));
	if (status == DMK_BLOB_OK)
		show_blob(&b);
	return status == DMK_BLOB_OK;
}

bool provision_show_log(const struct provision_board *b, const u8 *log)
{
	struct provision_state s;

	switch (provision_log_read(b, log, &s)) {
	case PROVISION_LOG_EMPTY:
		puts("log: empty");
		return false;
	case PROVISION_LOG_DAMAGED:
		puts("log: damaged: no counter in it");
		return false;
	case PROVISION_LOG_GOOD:
		break;
	}
	printf("log: no counter above %llu was used%s\n", (unsigned long long)s.counter,
	       !b->seed ? "" : s.seed ? ", a seed" : ", NO SEED, which this board needs");
	return s.seed || !b->seed;
}

/* the board whose log, or log and keys, have this length */
static const struct provision_board *board_of(size_t len, bool *image)
{
	const struct provision_board *b;

	for (b = provision_boards; b->name; b++) {
		*image = len == 2 * b->log_size + b->keys_size;
		if (*image || len == 2 * b->log_size)
			return b;
	}
	return NULL;
}

bool provision_show_file(struct provision *p, const char *name)
{
	const struct provision_board *b;
	u8 *data = (u8 *)&p->there;
	bool image, good;
	size_t len;

	if (!provision_read(NULL, name, data, sizeof(p->there), &len))
		return false;
	b = board_of(len, &image);
	if (!b || (len >= 4 && !memcmp(data, "DMKY", 4)))
		return provision_show_keys(p, data, len);
	good = provision_show_log(b, data);
	if (image)
		good &= provision_show_keys(p, data + 2 * b->log_size, b->keys_size);
	return good;
}
