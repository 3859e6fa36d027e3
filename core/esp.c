// SPDX-License-Identifier: GPL-2.0 OR MIT
/* ESP as a MIKEY security protocol: protocol.md 4. */
#include "esp.h"

/* one type, length, value of SP's parameters or of Session Data */
struct tlv {
	u8 type;
	struct dmk_span value;
};

/* false when nothing is left, or what is left is no whole TLV */
static bool next_tlv(struct dmk_span *rest, struct tlv *tlv)
{
	if (rest->len < 2 || rest->data[1] > rest->len - 2)
		return false;
	tlv->type = rest->data[0];
	tlv->value = DMK_SPAN(rest->data + 2, rest->data[1]);
	rest->data += 2 + tlv->value.len;
	rest->len -= 2 + tlv->value.len;
	return true;
}

static u32 number(struct dmk_span value)
{
	return dmk_get_be(value.data, value.len);
}

static enum dmk_reason check_tlvs(struct dmk_span rest)
{
	struct tlv tlv;

	while (next_tlv(&rest, &tlv))
		;
	return rest.len ? DMK_REASON_TRUNCATED : DMK_OK;
}

enum dmk_reason dmk_esp_policy_check(struct dmk_span param)
{
	return check_tlvs(param);
}

/* ---- SP policy parameters */

enum esp_param {
	PARAM_CIPHER,
	PARAM_KEY_BITS,
	PARAM_INTEG,
	PARAM_MODE,
	PARAM_ESN,
	PARAM_SECONDS,
	PARAM_PACKETS,
	PARAM_WINDOW,
	PARAM_COUNT
};

static const u8 param_len[PARAM_COUNT] = {
	[PARAM_CIPHER] = 2,
	[PARAM_KEY_BITS] = 2,
	[PARAM_INTEG] = 2,
	[PARAM_MODE] = 1,
	[PARAM_ESN] = 1,
	[PARAM_SECONDS] = 4,
	[PARAM_PACKETS] = 4,
	[PARAM_WINDOW] = 2,
};

static const u32 param_default[PARAM_COUNT] = {
	[PARAM_CIPHER] = DMK_ESP_AES_CCM_8,
	[PARAM_KEY_BITS] = 128,
	[PARAM_SECONDS] = 86400,
	[PARAM_PACKETS] = 0xffff0000,	/* 2^32 - 2^16 */
	[PARAM_WINDOW] = 64,
};

static u32 default_of(unsigned int param, u16 cipher)
{
	if (param == PARAM_KEY_BITS && cipher == DMK_ESP_CHACHA20_POLY1305)
		return 256;
	return param_default[param];
}

static void from_values(const u32 *v, struct dmk_esp_policy *p)
{
	*p = (struct dmk_esp_policy){
		.cipher = v[PARAM_CIPHER],
		.key_bits = v[PARAM_KEY_BITS],
		.integ = v[PARAM_INTEG],
		.tunnel = v[PARAM_MODE],
		.esn = v[PARAM_ESN],
		.life_seconds = v[PARAM_SECONDS],
		.life_packets = v[PARAM_PACKETS],
		.window = v[PARAM_WINDOW],
	};
}

void dmk_esp_policy_default(struct dmk_esp_policy *p)
{
	from_values(param_default, p);
}

static bool key_bits_fit(u16 cipher, u32 bits)
{
	switch (cipher) {
	case DMK_ESP_AES_CBC:
	case DMK_ESP_AES_CCM_8:
	case DMK_ESP_AES_CCM_16:
	case DMK_ESP_AES_GCM_8:
	case DMK_ESP_AES_GCM_16:
		return bits == 128 || bits == 192 || bits == 256;
	case DMK_ESP_CHACHA20_POLY1305:
		return bits == 256;
	}
	return false;
}

/* RFC 4303 3.2: a cipher without integrity of its own needs an algorithm */
static u32 integ_wanted(u16 cipher)
{
	return cipher == DMK_ESP_AES_CBC ? DMK_ESP_HMAC_SHA2_256_128 : DMK_ESP_INTEG_NONE;
}

static bool exists(const u32 *v)
{
	return key_bits_fit(v[PARAM_CIPHER], v[PARAM_KEY_BITS]) &&
	       v[PARAM_INTEG] == integ_wanted(v[PARAM_CIPHER]) &&
	       v[PARAM_MODE] <= 1 && v[PARAM_ESN] <= 1 &&
	       v[PARAM_SECONDS] && v[PARAM_PACKETS] && v[PARAM_WINDOW];
}

enum dmk_reason dmk_esp_policy_parse(struct dmk_span param, struct dmk_esp_policy *p)
{
	u32 v[PARAM_COUNT];
	unsigned int seen = 0, i;
	struct tlv tlv;

	if (check_tlvs(param))
		return DMK_REASON_TRUNCATED;
	while (next_tlv(&param, &tlv)) {
		if (tlv.type >= PARAM_COUNT || tlv.value.len != param_len[tlv.type] ||
		    seen & BIT(tlv.type))
			return DMK_REASON_SP_PARAM;
		seen |= BIT(tlv.type);
		v[tlv.type] = number(tlv.value);
	}
	for (i = 0; i < PARAM_COUNT; i++)	/* the cipher is the first */
		if (!(seen & BIT(i)))
			v[i] = default_of(i, v[PARAM_CIPHER]);
	from_values(v, p);
	return exists(v) ? DMK_OK : DMK_REASON_SP_UNSUPPORTED;
}

/* ---- writing TLVs */

static u32 put_tlv(u8 *out, u8 type, u32 value, u8 len)
{
	u8 i;

	out[0] = type;
	out[1] = len;
	for (i = 0; i < len; i++)
		out[2 + i] = value >> 8 * (len - 1 - i);
	return 2 + len;
}

u32 dmk_esp_policy_emit(const struct dmk_esp_policy *p, u8 out[64])
{
	const u32 v[PARAM_COUNT] = {
		p->cipher, p->key_bits, p->integ, p->tunnel, p->esn,
		p->life_seconds, p->life_packets, p->window,
	};
	unsigned int i;
	u32 len = 0;

	for (i = 0; i < PARAM_COUNT; i++)
		if (v[i] != default_of(i, p->cipher))
			len += put_tlv(out + len, i, v[i], param_len[i]);
	return len;
}

u8 dmk_esp_salt_len(u16 cipher)
{
	switch (cipher) {
	case DMK_ESP_AES_CCM_8:
	case DMK_ESP_AES_CCM_16:
		return 3;
	case DMK_ESP_AES_GCM_8:
	case DMK_ESP_AES_GCM_16:
	case DMK_ESP_CHACHA20_POLY1305:
		return 4;
	}
	return 0;
}

/* ---- Session Data */

enum sd_type {
	SD_IPV4,
	SD_IPV6,
	SD_PORT,
	SD_PROTO,
	SD_R_PORT,
	SD_I_PORT,
	SD_ENCAP,
	SD_COUNT,
	SD_IGNORED = 128,	/* unknown types from here on */
};

static const u8 sd_len[SD_COUNT] = { 4, 16, 2, 1, 2, 2, 2 };

static bool set_address(struct dmk_session_data *sd, struct dmk_span addr)
{
	if (sd->family)
		return false;
	sd->family = addr.len == 4 ? 4 : 6;
	memcpy(sd->addr, addr.data, addr.len);
	return true;
}

static bool set_port(u16 *port, struct dmk_span value)
{
	*port = number(value);
	return *port;
}

/* of a known type */
static bool set_field(struct dmk_session_data *sd, const struct tlv *tlv)
{
	switch (tlv->type) {
	case SD_IPV4:
	case SD_IPV6:
		return set_address(sd, tlv->value);
	case SD_PORT:
		return set_port(&sd->port, tlv->value);
	case SD_PROTO:
		sd->proto = number(tlv->value);
		return true;
	case SD_R_PORT:
		return set_port(&sd->r_port, tlv->value) && sd->proto;
	case SD_I_PORT:
		return set_port(&sd->i_port, tlv->value) && sd->proto;
	default:	/* SD_ENCAP */
		return set_port(&sd->encap_port, tlv->value);
	}
}

enum dmk_reason dmk_session_data_parse(struct dmk_span data, struct dmk_session_data *sd)
{
	struct tlv tlv;
	int last = -1;

	memset(sd, 0, sizeof(*sd));
	if (check_tlvs(data))
		return DMK_REASON_TRUNCATED;
	while (next_tlv(&data, &tlv)) {
		if (tlv.type <= last)
			return DMK_REASON_SESSION_DATA;
		last = tlv.type;
		if (tlv.type >= SD_IGNORED)
			continue;
		if (tlv.type >= SD_COUNT || tlv.value.len != sd_len[tlv.type] ||
		    !set_field(sd, &tlv))
			return DMK_REASON_SESSION_DATA;
	}
	return sd->family && sd->port ? DMK_OK : DMK_REASON_SESSION_DATA;
}

static u32 put_address(u8 *out, const struct dmk_session_data *sd)
{
	u8 type = sd->family == 4 ? SD_IPV4 : SD_IPV6;

	out[0] = type;
	out[1] = sd_len[type];
	memcpy(out + 2, sd->addr, sd_len[type]);
	return 2 + sd_len[type];
}

u32 dmk_session_data_emit(const struct dmk_session_data *sd, u8 out[64])
{
	u32 len = put_address(out, sd);

	len += put_tlv(out + len, SD_PORT, sd->port, 2);
	if (sd->proto)
		len += put_tlv(out + len, SD_PROTO, sd->proto, 1);
	if (sd->r_port)
		len += put_tlv(out + len, SD_R_PORT, sd->r_port, 2);
	if (sd->i_port)
		len += put_tlv(out + len, SD_I_PORT, sd->i_port, 2);
	if (sd->encap_port)
		len += put_tlv(out + len, SD_ENCAP, sd->encap_port, 2);
	return len;
}
