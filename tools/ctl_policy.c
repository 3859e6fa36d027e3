// SPDX-License-Identifier: GPL-2.0
/* ESP policies as text: CIPHER-BITS[/tunnel][/esn][/life=S][/packets=N][/window=N] */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

static const struct cipher {
	const char *name;
	uint16_t cipher;
} ciphers[] = {
	{ "aes-ccm-8", DMK_ESP_AES_CCM_8 },
	{ "aes-ccm-16", DMK_ESP_AES_CCM_16 },
	{ "aes-gcm-8", DMK_ESP_AES_GCM_8 },
	{ "aes-gcm-16", DMK_ESP_AES_GCM_16 },
	{ "aes-cbc", DMK_ESP_AES_CBC },		/* with HMAC-SHA2-256-128 */
	{ "chacha20-poly1305", DMK_ESP_CHACHA20_POLY1305 },
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

/* NAME-BITS; core/ decides which of them exist */
static bool cipher(char *text, struct dmk_esp_policy *p)
{
	char *bits = strrchr(text, '-');
	const struct cipher *c;
	uint32_t n;

	if (!bits || !number(bits + 1, 256, &n))
		return false;
	*bits = '\0';
	for (c = ciphers; c < ciphers + ARRAY_SIZE(ciphers); c++) {
		if (strcmp(text, c->name))
			continue;
		p->cipher = c->cipher;
		p->key_bits = n;
		p->integ = c->cipher == DMK_ESP_AES_CBC ? DMK_ESP_HMAC_SHA2_256_128 : 0;
		return true;
	}
	return false;
}

static bool exists(const struct dmk_esp_policy *p)
{
	struct dmk_esp_policy again;
	uint8_t param[64];

	return dmk_esp_policy_parse(DMK_SPAN(param, dmk_esp_policy_emit(p, param)),
				    &again) == DMK_OK;
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
	return exists(p);
}

static const char *cipher_name(uint16_t cipher)
{
	const struct cipher *c;

	for (c = ciphers; c < ciphers + ARRAY_SIZE(ciphers); c++)
		if (c->cipher == cipher)
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
	n = sprintf(text, "%s-%u%s%s", cipher_name(p.cipher), p.key_bits,
		    p.tunnel ? "/tunnel" : "", p.esn ? "/esn" : "");
	if (p.life_seconds != d.life_seconds)
		n += sprintf(text + n, "/life=%u", p.life_seconds);
	if (p.life_packets != d.life_packets)
		n += sprintf(text + n, "/packets=%u", p.life_packets);
	if (p.window != d.window)
		sprintf(text + n, "/window=%u", p.window);
}

static void put_policy(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	struct dmk_esp_policy p;
	uint8_t param[64];

	if (!ctl_policy_parse(value, &p))
		ctl_fail(CTL_USAGE, "%s: \"%s\" is no ESP policy; dmikeyctl(8) lists them",
			 w->name, value);
	ctl_put(msg, DMK_A_SP_PARAM, param, dmk_esp_policy_emit(&p, param));
}

void ctl_put_policies(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	ctl_put_list(msg, w, value, put_policy);
}
