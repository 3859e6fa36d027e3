// SPDX-License-Identifier: GPL-2.0
#include "coap.h"

enum {
	VERSION = 1,
	TOKEN_MAX = 8,
	URI_PATH = 11,
	CONTENT_FORMAT = 12,
	SENML_CBOR = 112,	/* RFC 8428 12.3.2 */
	MARKER = 0xff,		/* before the payload */
	EXTENDED = 13,		/* a nibble: a byte more */
	EXTENDED_MORE = 14,	/* two bytes more */
	RESERVED = 15,
	OPTION_MAX = 0xffff,
};

/* ---- out */

static void put_head(struct out *o, u8 type, u8 token_len, u8 code, u16 id)
{
	out_put(o, VERSION << 6 | type << 4 | token_len);
	out_put(o, code);
	out_put(o, id >> 8);
	out_put(o, id);
}

/* RFC 7252 3.1; @delta below 13, @value shorter than 269 bytes */
static void put_option(struct out *o, u32 delta, struct dmk_span value)
{
	u32 i;

	if (value.len < EXTENDED) {
		out_put(o, delta << 4 | value.len);
	} else {
		out_put(o, delta << 4 | EXTENDED);
		out_put(o, value.len - EXTENDED);
	}
	for (i = 0; i < value.len; i++)
		out_put(o, value.data[i]);
}

static struct dmk_span next_segment(struct dmk_span *path)
{
	struct dmk_span segment;
	u32 n = 0;

	while (n < path->len && path->data[n] != '/')
		n++;
	segment = DMK_SPAN(path->data, n);
	if (n < path->len)
		n++;
	path->data += n;
	path->len -= n;
	return segment;
}

void coap_put_post(struct out *o, u16 id, const u8 token[COAP_TOKEN_LEN],
		   struct dmk_span path)
{
	static const u8 format = SENML_CBOR;
	struct dmk_span segment;
	u32 number = 0, i;

	put_head(o, COAP_CON, COAP_TOKEN_LEN, COAP_POST, id);
	for (i = 0; i < COAP_TOKEN_LEN; i++)
		out_put(o, token[i]);
	while (path.len) {
		segment = next_segment(&path);
		if (!segment.len)
			continue;
		put_option(o, URI_PATH - number, segment);
		number = URI_PATH;
	}
	put_option(o, CONTENT_FORMAT - number, DMK_SPAN(&format, 1));
	out_put(o, MARKER);
}

void coap_empty(u8 out[COAP_HEAD], enum coap_type type, u16 id)
{
	struct out o = { .data = out, .room = COAP_HEAD };

	put_head(&o, type, 0, COAP_EMPTY, id);
}

/* ---- in */

/* RFC 7252 3.1: a nibble and what it stands for; false for a format error */
static bool extend(struct dmk_span *rest, u32 *value)
{
	u32 more = *value == EXTENDED_MORE ? 2 : *value == EXTENDED ? 1 : 0;

	if (*value == RESERVED || rest->len < more)
		return false;
	if (more == 1)
		*value = EXTENDED + rest->data[0];
	if (more == 2)
		*value = EXTENDED + 256 + (rest->data[0] << 8 | rest->data[1]);
	rest->data += more;
	rest->len -= more;
	return true;
}

static bool skip_option(struct dmk_span *rest, u32 *number)
{
	u32 delta = rest->data[0] >> 4, len = rest->data[0] & 15;

	rest->data++;
	rest->len--;
	if (!extend(rest, &delta) || !extend(rest, &len) || len > rest->len)
		return false;
	rest->data += len;
	rest->len -= len;
	*number += delta;
	return *number <= OPTION_MAX;
}

/* a marker without a payload is an error, too */
static bool skip_options(struct dmk_span rest, bool *critical)
{
	u32 number = 0;

	while (rest.len && rest.data[0] != MARKER) {
		if (!skip_option(&rest, &number))
			return false;
		*critical |= number & 1;	/* RFC 7252 5.4.6 */
	}
	return rest.len != 1;
}

enum coap_verdict coap_parse(struct coap_message *m, const u8 *data, u32 len)
{
	u32 token_len;

	if (len < COAP_HEAD || data[0] >> 6 != VERSION)
		return COAP_NOTHING;
	token_len = data[0] & 15;
	*m = (struct coap_message){
		.type = data[0] >> 4 & 3,
		.code = data[1],
		.id = data[2] << 8 | data[3],
	};
	len -= COAP_HEAD;
	data += COAP_HEAD;
	if (token_len > TOKEN_MAX || token_len > len || (m->code == COAP_EMPTY && len))
		return COAP_FORMAT;
	m->token = DMK_SPAN(data, token_len);
	return skip_options(DMK_SPAN(data + token_len, len - token_len), &m->critical) ?
		COAP_GOOD : COAP_FORMAT;
}
