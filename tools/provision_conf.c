// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "provision.h"

/* ---- what the firmware cannot do */

enum { IDENTITY_MAX = 64 };	/* APP_NAME_MAX of sensor-fw/app.h */

static bool is_name(const char *s)
{
	size_t len = strlen(s);

	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-_.", *s))
			return false;
	return len && len <= DMK_BLOB_NAME_MAX;
}

/* it goes into configuration files, and on consoles */
static bool is_quotable(struct dmk_span id)
{
	u32 i;

	for (i = 0; i < id.len; i++)
		if (id.data[i] <= ' ' || id.data[i] > '~' || strchr("\"\\", id.data[i]))
			return false;
	return true;
}

static bool check_party(const struct sensor_conf *c, const struct sensor_party *p)
{
	const struct sensor_party *q;

	if (!is_name(p->name))
		return sensor_conf_wrong("name '%s' has not 1 to 15 letters, digits and - _ .",
					 p->name);
	if (!is_quotable(p->id.data))
		return sensor_conf_wrong("identity of %s has characters other than 0x21 to 0x7e, "
					 "or \" or \\", p->name);
	if (p->addr.sa.sa_family != AF_INET6)
		return sensor_conf_wrong("%s has no IPv6 address", p->name);
	if (p->addr.v6.sin6_port != c->party[0].addr.v6.sin6_port)
		return sensor_conf_wrong("%s and %s have different ports", c->party[0].name,
					 p->name);
	for (q = c->party; q < p; q++)
		if (dmk_equal(p->psk, q->psk, DMK_PSK_LEN))
			return sensor_conf_wrong("%s and %s have one PSK", q->name, p->name);
	return true;
}

static bool check_policy(const struct sensor_conf *c)
{
	const struct dmk_esp_policy *p = &c->policy;

	if (p->cipher != DMK_ESP_AES_CCM_8 && p->cipher != DMK_ESP_AES_CCM_16 &&
	    p->cipher != DMK_ESP_AES_GCM_16)
		return sensor_conf_wrong("the firmware has aes-ccm-8, aes-ccm-16, aes-gcm-16");
	if (p->key_bits != 128 || p->tunnel || p->esn || p->window != 64)
		return sensor_conf_wrong("the firmware has keys of 128 bits, transport mode, "
					 "no esn, a window of 64");
	if (c->proto != IPPROTO_UDP || c->i_port)
		return sensor_conf_wrong("the firmware's readings are UDP, from any port");
	return true;
}

static bool check(const struct sensor_conf *c)
{
	unsigned int i;

	if (c->m > DMK_BLOB_PARTIES_MAX)
		return sensor_conf_wrong("more than %d third parties", DMK_BLOB_PARTIES_MAX);
	for (i = 0; i < c->m; i++)
		if (!check_party(c, &c->party[i]))
			return false;
	if (!is_quotable(c->idi.data) || !is_quotable(c->idr.data))
		return sensor_conf_wrong("identities are of the characters 0x21 to 0x7e but \" \\");
	if (c->idi.data.len > IDENTITY_MAX)
		return sensor_conf_wrong("identity of the sensor has more than %d bytes: it is in "
					 "each reading, and the firmware has no room for more",
					 IDENTITY_MAX);
	if (c->local.sa.sa_family != AF_INET6 || c->responder.sa.sa_family != AF_INET6)
		return sensor_conf_wrong("a board needs IPv6: address, and responder's address");
	if (c->ts_type != DMK_TS_COUNTER)
		return sensor_conf_wrong("a board has no clock: timestamp = \"counter\"");
	if (c->k > c->n || c->k < (c->n == 1 ? 1U : 2U))
		return sensor_conf_wrong("k = %u is not 2 to n, or 1 with n = 1", c->k);
	return check_policy(c);
}

/* ---- the key sector */

static void take_parties(const struct sensor_conf *c, struct dmk_blob_party *party)
{
	unsigned int i;

	for (i = 0; i < c->m; i++)
		party[i] = (struct dmk_blob_party){
			.name = DMK_SPAN(c->party[i].name, strlen(c->party[i].name)),
			.id = c->party[i].id,
			.addr = c->party[i].addr.v6.sin6_addr.s6_addr,
			.psk = c->party[i].psk,
		};
}

static struct dmk_blob take_conf(const struct provision *p, u32 generation, u8 sp[64])
{
	const struct sensor_conf *c = &p->conf;

	return (struct dmk_blob){
		.dev = p->args.dev,
		.idi = c->idi,
		.idr = c->idr,
		.addr = c->local.v6.sin6_addr.s6_addr,
		.r_addr = c->responder.v6.sin6_addr.s6_addr,
		.party_port = ntohs(c->party[0].addr.v6.sin6_port),
		.port = ntohs(c->local.v6.sin6_port),
		.coap_port = c->coap_port,
		.m = c->m,
		.n = c->n,
		.k = c->k,
		.scheme = c->scheme,
		.relay = c->relay,
		.verify = c->verify,
		.encr_alg = c->suite.encr_alg,
		.mac_alg = c->suite.mac_alg,
		.sp_param = DMK_SPAN(sp, dmk_esp_policy_emit(&c->policy, sp)),
		.path = DMK_SPAN(c->coap_path, strlen(c->coap_path)),
		.period = c->period,
		.generation = generation,
	};
}

bool provision_keys(struct provision *p, u32 generation)
{
	struct dmk_blob_party party[DMK_BLOB_PARTIES_MAX];
	u8 sp[64], *keys = p->flash.keys;
	enum dmk_blob_status status;
	struct dmk_blob b;

	if (!check(&p->conf))
		return false;
	take_parties(&p->conf, party);
	b = take_conf(p, generation, sp);
	memset(keys, 0xff, KEYS_MAX);
	if (!dmk_blob_emit(p->crypto, &b, party, keys, p->args.board->keys_size))
		return sensor_conf_wrong("too much for the key sector of %s, %u bytes",
					 p->args.board->name, p->args.board->keys_size);
	status = dmk_blob_parse(p->crypto, keys, p->args.board->keys_size, &b);
	if (status)
		return sensor_conf_wrong("%s: an address or a name twice, an address that is none, "
					 "or a coap-path not of 1 to %d characters, or with / "
					 "at its ends", dmk_blob_name(status), DMK_BLOB_PATH_MAX);
	return true;
}

/* ---- for dmikeyd */

static const char *id_text(const struct dmk_id *id, char text[DMK_ID_MAX + 5])
{
	snprintf(text, DMK_ID_MAX + 5, "%s:%.*s", id->type == DMK_ID_NAI ? "nai" : "uri",
		 (int)id->data.len, id->data.data);
	return text;
}

static bool write_text(const struct provision *p, const char *kind, const char *name,
		       const char *ending, FILE *f, char **text, size_t *len)
{
	char file[64];
	bool good;

	good = !fclose(f);
	snprintf(file, sizeof(file), "%s%s.%s", kind, name, ending);
	good = good && provision_write(p->args.directory, file, *text, *len);
	if (good)
		printf("written: %s/%s\n", p->args.directory, file);
	free(*text);
	return good;
}

static const char *suite_name(const struct sensor_conf *c)
{
	return c->suite.encr_alg == DMK_ENCR_AES_CCM_128 ? "ccm" : "cm";
}

/* a sensor whose PSK is derived is one of many: it goes to the registry */
static bool party_row(const struct provision *p, const struct sensor_party *party)
{
	char id[DMK_ID_MAX + 5], *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return false;
	fprintf(f, "identity,master,generation,timestamp,suites\n\"%s\",%s,%u,counter,%s\n",
		id_text(&p->conf.idi, id), party->name, p->args.generation,
		suite_name(&p->conf));
	return write_text(p, "thirdparty-", party->name, "csv", f, &text, &len);
}

static bool party_fragment(const struct provision *p, const struct sensor_party *party)
{
	char id[DMK_ID_MAX + 5], *text;
	const char *psk = strrchr(party->psk_file, '/');
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return false;
	fprintf(f, "# for dmikeyd of third party %s: into /etc/dmikey/conf.d\n"
		"sensor \"%s\" {\n\tpsk-file = \"%s\"\n\ttimestamp = counter\n\tsuites = {%s}\n}\n",
		party->name, id_text(&p->conf.idi, id), psk ? psk + 1 : party->psk_file,
		suite_name(&p->conf));
	return write_text(p, "thirdparty-", party->name, "conf", f, &text, &len);
}

static const char *cipher_name(u16 cipher)
{
	switch (cipher) {
	case DMK_ESP_AES_CCM_16:
		return "aes-ccm-16";
	case DMK_ESP_AES_GCM_16:
		return "aes-gcm-16";
	}
	return "aes-ccm-8";
}

static bool responder_fragment(const struct provision *p)
{
	char id[DMK_ID_MAX + 5], addr[INET6_ADDRSTRLEN], *text;
	const struct sensor_conf *c = &p->conf;
	unsigned int i;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return false;
	id_text(&c->idi, id);
	inet_ntop(AF_INET6, &c->local.v6.sin6_addr, addr, sizeof(addr));
	fprintf(f, "# for dmikeyd of the responder: into /etc/dmikey/conf.d\n"
		"rule \"%s\" {\n\tsensor = \"%s\"\n\tmin-k = %u\n%s\taddresses = {\"%s/128\"}\n",
		id, id, c->k, c->k == 1 ? "\tallow-k1 = true\n" : "", addr);
	fprintf(f, "\tpolicy {\n\t\tcipher = %s\n"
		"\t\tlife-seconds = %u\n\t\tlife-packets = %u\n\t}\n",
		cipher_name(c->policy.cipher), c->policy.life_seconds, c->policy.life_packets);
	for (i = 0; i < c->m; i++)
		fprintf(f, "\tthirdparties %s {\"%s\"}\n", i ? "+=" : "=",
			id_text(&c->party[i].id, id));
	fputs("}\n", f);
	return write_text(p, "responder", "", "conf", f, &text, &len);
}

bool provision_fragments(const struct provision *p)
{
	unsigned int i;

	for (i = 0; i < p->conf.m; i++)
		if (!(provision_master_of(p, &p->conf.party[i]) ? party_row : party_fragment)
		    (p, &p->conf.party[i]))
			return false;
	return responder_fragment(p);
}
