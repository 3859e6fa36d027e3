// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../core/esp.h"
#include "../kmod/uapi/dmikey.h"
#include "words.h"

const struct dmk_word dmk_words_suite[] = {
	{ "ccm", DMK_SUITE_CCM }, { "cm", DMK_SUITE_CM }, { NULL, 0 }
};

const struct dmk_word dmk_words_timestamp[] = {
	{ "ntp", 0 }, { "counter", 2 }, { NULL, 0 }
};

const struct dmk_word dmk_words_crl[] = {
	{ "optional", 0 }, { "required", 1 }, { NULL, 0 }
};

const struct dmk_word dmk_words_cipher[] = {
	{ "aes-ccm-8", DMK_ESP_AES_CCM_8 },
	{ "aes-ccm-16", DMK_ESP_AES_CCM_16 },
	{ "aes-gcm-8", DMK_ESP_AES_GCM_8 },
	{ "aes-gcm-16", DMK_ESP_AES_GCM_16 },
	{ "aes-cbc", DMK_ESP_AES_CBC },
	{ "chacha20-poly1305", DMK_ESP_CHACHA20_POLY1305 },
	{ NULL, 0 }
};

const struct dmk_word dmk_words_integrity[] = {
	{ "none", DMK_ESP_INTEG_NONE },
	{ "hmac-sha2-256-128", DMK_ESP_HMAC_SHA2_256_128 },
	{ NULL, 0 }
};

const struct dmk_word dmk_words_mode[] = {
	{ "transport", 0 }, { "tunnel", 1 }, { NULL, 0 }
};

bool dmk_words_find(const struct dmk_word *words, const char *text, uint32_t *value)
{
	for (; words->word; words++)
		if (!strcmp(words->word, text)) {
			*value = words->value;
			return true;
		}
	return false;
}

static bool prefix_length(const char *text, unsigned int max, uint8_t *prefix)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > max)
		return false;
	*prefix = n;
	return true;
}

bool dmk_words_address(const char *text, uint8_t addr[16], uint8_t *addr_len,
		       uint8_t *prefix)
{
	char host[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "/");

	if (len >= sizeof(host) || (text[len] && !prefix))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	memset(addr, 0, 16);
	if (inet_pton(AF_INET, host, addr) == 1)
		*addr_len = 4;
	else if (inet_pton(AF_INET6, host, addr) == 1)
		*addr_len = 16;
	else
		return false;
	if (prefix)
		*prefix = *addr_len * 8;
	return !text[len] || prefix_length(text + len + 1, *addr_len * 8, prefix);
}

bool dmk_words_name(const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";
	size_t len = strlen(text);

	return len && len < 64 && strspn(text, allowed) == len;
}

uint32_t dmk_words_suites(cfg_t *sec)
{
	uint32_t bit, bits = 0;
	unsigned int i;

	for (i = 0; i < cfg_size(sec, "suites"); i++)
		if (dmk_words_find(dmk_words_suite, cfg_getnstr(sec, "suites", i), &bit))
			bits |= bit;
	return bits ? bits : DMK_SUITE_CCM | DMK_SUITE_CM;
}

static uint32_t word_of(cfg_t *sec, const char *name, const struct dmk_word *words)
{
	uint32_t value = 0;

	dmk_words_find(words, cfg_getstr(sec, name), &value);
	return value;
}

bool dmk_words_policy(cfg_t *sec, uint8_t param[64], uint8_t *len)
{
	struct dmk_esp_policy p, back;

	dmk_esp_policy_default(&p);
	p.cipher = word_of(sec, "cipher", dmk_words_cipher);
	p.key_bits = p.cipher == DMK_ESP_CHACHA20_POLY1305 ? 256 : 128;
	if (cfg_size(sec, "key-bits"))
		p.key_bits = cfg_getint(sec, "key-bits");
	p.integ = word_of(sec, "integrity", dmk_words_integrity);
	p.tunnel = word_of(sec, "mode", dmk_words_mode);
	p.esn = cfg_getbool(sec, "esn");
	p.life_seconds = cfg_getint(sec, "life-seconds");
	p.life_packets = cfg_getint(sec, "life-packets");
	p.window = cfg_getint(sec, "window");
	*len = dmk_esp_policy_emit(&p, param);
	return dmk_esp_policy_parse(DMK_SPAN(param, *len), &back) == DMK_OK;
}
