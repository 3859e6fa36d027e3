// SPDX-License-Identifier: GPL-2.0
/* decode: what is in a MIKEY message, and whether it is right. */
#include <string.h>
#include <time.h>

#include "crypto_openssl.h"
#include "decode.h"

/**
 * struct decode - one run
 * @c: the run of dmikeyctl
 * @keys: the keys
 * @sessions: what was learned so far
 * @number: of the message
 * @malformed: one of them was, or dmikey would refuse it
 * @wrong: a MAC or signature was
 */
struct decode {
	struct ctl *c;
	struct decode_keys keys;
	struct decode_sessions *sessions;
	unsigned int number;
	bool malformed;
	bool wrong;
};

static void add_capture(struct json_object *m, const struct decode_input *in)
{
	time_t when = in->time;
	char text[48];
	struct tm tm;

	if (!in->captured)
		return;
	if (!gmtime_r(&when, &tm) || !strftime(text, 32, "%FT%T", &tm))
		strcpy(text, "unknown");
	sprintf(text + strlen(text), ".%06ldZ", in->micro % 1000000);
	json_object_object_add(m, "time", json_object_new_string(text));
	json_object_object_add(m, "from", json_object_new_string(in->from));
	json_object_object_add(m, "to", json_object_new_string(in->to));
}

static bool look(struct decode *d, struct json_object *m, const struct decode_input *in)
{
	struct decode_facts facts;
	bool good;

	good = decode_tree(m, in->data, in->len);
	decode_facts(&facts, in->data, in->len);
	good = decode_refuse(m, &facts, in->data, in->len) && good;
	if (!decode_check(m, &d->keys, d->sessions, in->data, in->len))
		d->wrong = true;
	return good && !json_object_object_get(m, "opened_error");
}

/* what one wants to know first stands first */
static struct json_object *in_order(struct json_object *m)
{
	static const char *const names[] = {
		"number", "time", "from", "to", "name", "clause", "length", "verified", "checks",
		"error", "opened_error", "refused", "payloads", "opened", "keys",
	};
	struct json_object *sorted = json_object_new_object(), *v;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (json_object_object_get_ex(m, names[i], &v))
			json_object_object_add(sorted, names[i], json_object_get(v));
	json_object_put(m);
	return sorted;
}

static void one(void *arg, const struct decode_input *in)
{
	struct json_object *m = json_object_new_object();
	struct decode *d = arg;

	json_object_object_add(m, "number", json_object_new_int64(++d->number));
	json_object_object_add(m, "length", json_object_new_int64(in->len));
	add_capture(m, in);
	if (!look(d, m, in))
		d->malformed = true;
	m = in_order(m);
	if (d->c->json)
		ctl_print_json(m);
	else
		decode_text(m);
	fflush(stdout);
	json_object_put(m);
}

static void take_options(struct decode *d, const struct ctl_decode_options *o, uint16_t *port)
{
	unsigned int i;

	for (i = 0; i < o->n; i++) {
		switch (o->option[i].name) {
		case CTL_DECODE_PSK:
			decode_keys_psk(&d->keys, o->option[i].value);
			break;
		case CTL_DECODE_KEY:
			decode_keys_private(&d->keys, o->option[i].value);
			break;
		case CTL_DECODE_CERT:
			decode_keys_certificate(&d->keys, o->option[i].value);
			break;
		case CTL_DECODE_PORT:
			*port = ctl_words_number("--port", o->option[i].value, 1, UINT16_MAX);
			break;
		}
	}
}

int ctl_decode(struct ctl *c, int argc, char **argv)
{
	static struct decode d;
	const char *file = argc ? argv[0] : "-";
	uint16_t port = 0;

	if (argc)
		ctl_words_end(argc - 1, argv + 1);
	d = (struct decode){ .c = c, .sessions = decode_sessions_new() };
	d.keys.crypto = dmk_crypto_openssl_new();
	if (!d.keys.crypto)
		ctl_fail(CTL_REFUSED, "OpenSSL has no memory or lacks an algorithm");
	take_options(&d, &c->decode, &port);
	decode_read(file, port, one, &d);
	if (!d.number)
		ctl_fail(CTL_REFUSED, "%s: there is no message in it", file);
	decode_sessions_free(d.sessions);
	decode_keys_wipe(&d.keys);
	dmk_crypto_openssl_free(d.keys.crypto);
	if (d.wrong)
		return CTL_WRONG;
	return d.malformed ? CTL_MALFORMED : CTL_OK;
}
