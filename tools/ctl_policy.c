// SPDX-License-Identifier: GPL-2.0
/* ESP policies as text: CIPHER[/tunnel][/esn][/life=S][/packets=N][/window=N] */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

static const struct cipher {
	const char *name;
	uint16_t cipher;
	uint16_t key_bits;
	uint16_t integ;
} ciphers[] = {
	{ "aes-ccm-8-128", DMK_ESP_AES_CCM_8, 128, 0 },
	{ "aes-ccm-8-256", DMK_ESP_AES_CCM_8, 256, 0 },
	{ "aes-ccm-16-128", DMK_ESP_AES_CCM_16, 128, 0 },
	{ "aes-ccm-16-256", DMK_ESP_AES_CCM_16, 256, 0 },
	{ "aes-gcm-8-128", DMK_ESP_AES_GCM_8, 128, 0 },
	{ "aes-gcm-8-256", DMK_ESP_AES_GCM_8, 256, 0 },
	{ "aes-gcm-16-128", DMK_ESP_AES_GCM_16, 128, 0 },
	{ "aes-gcm-16-256", DMK_ESP_AES_GCM_16, 256, 0 },
	{ "aes-cbc-128-sha256", DMK_ESP_AES_CBC, 128, DMK_ESP_HMAC_SHA2_256_128 },
	{ "aes-cbc-256-sha256", DMK_ESP_AES_CBC, 256, DMK_ESP_HMAC_SHA2_256_128 },
	{ "chacha20-poly1305", DMK_ESP_CHACHA20_POLY1305, 256, 0 },
};

static bool number(const char *text, uint32_t max, uint32_t *out)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !v || v > max)
		return false;
	*out = v;
	return true;
}

static bool option(const char *text, struct dmk_esp_policy *p)
{
	uint32_t window;

	if (!strcmp(text, "tunnel"))
		return p->tunnel = true;
	if (!strcmp(text, "esn"))
		return p->esn = true;
	if (!strncmp(text, "life=", 5))
		return number(text + 5, UINT32_MAX, &p->life_seconds);
	if (!strncmp(text, "packets=", 8))
		return number(text + 8, UINT32_MAX, &p->life_packets);
	if (strncmp(text, "window=", 7) || !number(text + 7, UINT16_MAX, &window))
		return false;
	p->window = window;
	return true;
}

static bool cipher(const char *text, struct dmk_esp_policy *p)
{
	const struct cipher *c;

	for (c = ciphers; c < ciphers + ARRAY_SIZE(ciphers); c++) {
		if (strcmp(text, c->name))
			continue;
		p->cipher = c->cipher;
		p->key_bits = c->key_bits;
		p->integ = c->integ;
		return true;
	}
	return false;
}

bool ctl_policy_parse(const char *text, struct dmk_esp_policy *p)
{
	char copy[CTL_POLICY_TEXT], *save, *word;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	dmk_esp_policy_default(p);
	word = strtok_r(copy, "/", &save);
	if (!word || !cipher(word, p))
		return false;
	while ((word = strtok_r(NULL, "/", &save)))
		if (!option(word, p))
			return false;
	return true;
}

static const char *cipher_name(const struct dmk_esp_policy *p)
{
	const struct cipher *c;

	for (c = ciphers; c < ciphers + ARRAY_SIZE(ciphers); c++)
		if (c->cipher == p->cipher && c->key_bits == p->key_bits &&
		    c->integ == p->integ)
			return c->name;
	return "unknown";
}

void ctl_policy_text(struct dmk_span param, char text[CTL_POLICY_TEXT])
{
	struct dmk_esp_policy p, d;
	int n;

	if (dmk_esp_policy_parse(param, &p) != DMK_OK) {
		strcpy(text, "unknown");
		return;
	}
	dmk_esp_policy_default(&d);
	n = sprintf(text, "%s%s%s", cipher_name(&p), p.tunnel ? "/tunnel" : "",
		    p.esn ? "/esn" : "");
	if (p.life_seconds != d.life_seconds)
		n += sprintf(text + n, "/life=%u", p.life_seconds);
	if (p.life_packets != d.life_packets)
		n += sprintf(text + n, "/packets=%u", p.life_packets);
	if (p.window != d.window)
		sprintf(text + n, "/window=%u", p.window);
}
