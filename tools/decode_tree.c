// SPDX-License-Identifier: GPL-2.0
/* What core/describe.c sees, as JSON. */
#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "decode.h"

#define DEPTH 16		/* more than parts are ever nested */
#define NTP_UNIX 2208988800ULL	/* seconds from 1900 to 1970 */

/**
 * struct tree - parts that are open
 * @data: the message
 * @len: its length
 * @list: "payloads" or "opened"
 * @part: from the outermost one on
 * @depth: their number
 */
struct tree {
	const u8 *data;
	u32 len;
	struct json_object *list;
	struct json_object *part[DEPTH];
	unsigned int depth;
};

struct json_object *decode_tree_hex(const u8 *data, u32 len)
{
	struct json_object *o;
	char *text = malloc(2 * (size_t)len + 1);
	u32 i;

	if (!text)
		ctl_fail(CTL_REFUSED, "out of memory");
	for (i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", data[i]);
	o = json_object_new_string_len(text, 2 * len);
	dmk_wipe(text, 2 * (size_t)len);
	free(text);
	return o;
}

/* a stranger's octets: what could move a cursor is written \xHH */
static struct json_object *text(const u8 *data, u32 len)
{
	struct json_object *o;
	char *out = malloc(4 * (size_t)len + 1), *p = out;

	if (!out)
		ctl_fail(CTL_REFUSED, "out of memory");
	for (; len; len--, data++) {
		if (*data >= ' ' && *data < 0x7f && *data != '\\')
			*p++ = *data;
		else
			p += sprintf(p, "\\x%02x", *data);
	}
	o = json_object_new_string_len(out, p - out);
	free(out);
	return o;
}

/* the era that is nearest to our time: 2036 is no event */
static struct json_object *ntp(u64 value, u32 len)
{
	u64 fraction = len == 8 ? value & 0xffffffff : 0;
	u32 seconds = len == 8 ? value >> 32 : value;
	time_t unix_time = (u64)seconds - NTP_UNIX + (seconds < 0x80000000 ? 1ULL << 32 : 0);
	char stamp[32];
	struct tm tm;

	gmtime_r(&unix_time, &tm);
	strftime(stamp, 24, "%FT%T", &tm);
	sprintf(stamp + strlen(stamp), ".%03uZ", (unsigned int)(fraction * 1000 >> 32));
	return json_object_new_string(stamp);
}

static struct json_object *address(const u8 *data, u32 len)
{
	char out[INET6_ADDRSTRLEN];

	if (len != 4 && len != 16)
		return decode_tree_hex(data, len);
	inet_ntop(len == 4 ? AF_INET : AF_INET6, data, out, sizeof(out));
	return json_object_new_string(out);
}

static struct json_object *member(struct json_object *part, const char *name)
{
	struct json_object *list = json_object_object_get(part, name);

	if (!list) {
		list = json_object_new_array();
		json_object_object_add(part, name, list);
	}
	return list;
}

static void on_open(void *arg, const struct dmk_part *p)
{
	struct json_object *o = json_object_new_object();
	struct tree *t = arg;

	json_object_object_add(o, "name", json_object_new_string(p->name));
	if (*p->clause)
		json_object_object_add(o, "clause", json_object_new_string(p->clause));
	json_object_object_add(o, "offset", json_object_new_int64(p->at));
	json_object_object_add(o, "length", NULL);	/* known when it is closed */
	if (t->depth)
		json_object_array_add(member(t->part[t->depth - 1], "parts"), o);
	else
		json_object_array_add(t->list, o);
	if (t->depth == DEPTH)
		abort();
	t->part[t->depth++] = o;
}

/* a number is given if JSON's readers can hold it, hex if that is how it is read */
static void add_number(struct json_object *o, struct tree *t, const struct dmk_field *f)
{
	if (f->len <= 4 || f->show == DMK_SHOW_NUMBER)
		json_object_object_add(o, "value", json_object_new_uint64(f->number));
	if (f->show != DMK_SHOW_NUMBER)
		json_object_object_add(o, "hex", decode_tree_hex(t->data + f->at, f->len));
	if (f->show == DMK_SHOW_TIME)
		json_object_object_add(o, "meaning", ntp(f->number, f->len));
	else if (f->meaning)
		json_object_object_add(o, "meaning", json_object_new_string(f->meaning));
}

/* whose a certificate is; nothing is said of what is none */
static void add_subject(struct json_object *o, const u8 *data, u32 len)
{
	struct json_object *name = ctl_certificate_name(data, len);

	if (!name)
		return;
	json_object_object_add(o, "meaning",
			       text((const u8 *)json_object_get_string(name),
				    json_object_get_string_len(name)));
	json_object_put(name);
}

static void on_field(void *arg, const struct dmk_field *f)
{
	struct json_object *o = json_object_new_object();
	struct tree *t = arg;

	json_object_object_add(o, "name", json_object_new_string(f->name));
	json_object_object_add(o, "offset", json_object_new_int64(f->at));
	json_object_object_add(o, "length", json_object_new_int64(f->len));
	switch (f->show) {
	case DMK_SHOW_NUMBER:
	case DMK_SHOW_HEX:
	case DMK_SHOW_TIME:
		add_number(o, t, f);
		break;
	case DMK_SHOW_ADDRESS:
		json_object_object_add(o, "value", address(t->data + f->at, f->len));
		break;
	case DMK_SHOW_TEXT:
		json_object_object_add(o, "value", text(t->data + f->at, f->len));
		break;
	case DMK_SHOW_BYTES:
		json_object_object_add(o, "hex", decode_tree_hex(t->data + f->at, f->len));
		if (!strcmp(f->name, "Certificate"))
			add_subject(o, t->data + f->at, f->len);
		break;
	}
	json_object_array_add(member(t->part[t->depth - 1], "fields"), o);
}

static void on_close(void *arg, u32 end)
{
	struct tree *t = arg;
	struct json_object *o = t->part[--t->depth];

	json_object_object_add(o, "length",
			       json_object_new_int64(end - ctl_json_number(o, "offset")));
}

static const struct {
	const char *name;
	const char *why;
} flaws[] = {
	[DMK_FLAW_TRUNCATED] = { "truncated", "ends before this field does" },
	[DMK_FLAW_TRAILING] = { "trailing", "something follows the last payload" },
	[DMK_FLAW_PAYLOAD] = { "payload", "the length of such a payload is not known here" },
	[DMK_FLAW_LENGTH] = { "length", "its length depends on a value that is not known" },
	[DMK_FLAW_VALUE] = { "value", "this value is not known" },
	[DMK_FLAW_SHORT] = { "short", "RFC 3830 6.11 wants at least 16 bytes" },
};

static void add_error(struct json_object *message, const char *name,
		      const struct dmk_describe *d)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "offset", json_object_new_int64(d->flaw_at));
	if (d->flaw_part)
		json_object_object_add(o, "payload", json_object_new_string(d->flaw_part));
	if (d->flaw_field)
		json_object_object_add(o, "field", json_object_new_string(d->flaw_field));
	json_object_object_add(o, "flaw", json_object_new_string(flaws[d->flaw].name));
	json_object_object_add(o, "why", json_object_new_string(flaws[d->flaw].why));
	json_object_object_add(message, name, o);
}

/* what was not read, so that no byte is missing */
static void add_rest(struct tree *t, u32 at)
{
	struct dmk_part part = { .name = "not read", .clause = "", .at = at };
	struct dmk_field field = { .name = "bytes", .show = DMK_SHOW_BYTES, .at = at,
				   .len = t->len - at };

	if (at == t->len)
		return;
	on_open(t, &part);
	on_field(t, &field);
	on_close(t, t->len);
}

/* @name: what the parts are called */
static struct tree start(struct json_object *message, const char *name, const u8 *data, u32 len)
{
	struct tree t = { .data = data, .len = len, .list = json_object_new_array() };

	json_object_object_add(message, name, t.list);
	return t;
}

static struct dmk_describe listener(struct tree *t)
{
	return (struct dmk_describe){
		.open = on_open, .field = on_field, .close = on_close, .arg = t,
	};
}

bool decode_tree(struct json_object *message, const u8 *data, u32 len)
{
	struct tree t = start(message, "payloads", data, len);
	struct dmk_describe d = listener(&t);

	add_rest(&t, dmk_describe_message(&d, data, len));
	if (d.flaw)
		add_error(message, "error", &d);
	return !d.flaw;
}

bool decode_tree_opened(struct json_object *message, const struct decode_plain *p)
{
	struct tree t = start(message, "opened", p->data, p->len);
	struct dmk_describe d = listener(&t);

	add_rest(&t, dmk_describe_keys(&d, p->data, p->len, p->with_id));
	if (d.flaw)
		add_error(message, "opened_error", &d);
	return !d.flaw;
}
