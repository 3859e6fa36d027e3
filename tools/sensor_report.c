// SPDX-License-Identifier: GPL-2.0
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sensor_report.h"

static const char * const reason_names[DMK_REASON_COUNT] = {
	"ok",
#define X(name, text, help) text,
	DMK_REASONS(X)
#undef X
};

static const char * const reason_helps[DMK_REASON_COUNT] = {
	"ok",
#define X(name, text, help) help,
	DMK_REASONS(X)
#undef X
};

static const struct {
	enum dmk_event_type type;
	const char *name;
} event_names[] = {
	{ DMK_EV_ESTABLISHING, "establishing" },
	{ DMK_EV_REPEATING, "repeating" },
	{ DMK_EV_PARTY_ACCEPTED, "third-party-accepted" },
	{ DMK_EV_PARTY_REFUSED, "third-party-refused" },
	{ DMK_EV_PARTY_COOKIE, "third-party-cookie" },
	{ DMK_EV_PARTY_RIGHT, "third-party-right" },
	{ DMK_EV_PARTY_WRONG, "third-party-wrong" },
	{ DMK_EV_PARTY_ABSENT, "third-party-absent" },
	{ DMK_EV_HINT, "hint" },
	{ DMK_EV_ESTABLISHED, "established" },
	{ DMK_EV_NO_ANSWER, "no-answer" },
	{ DMK_EV_TOO_FEW, "too-few-third-parties" },
	{ DMK_EV_REFUSED, "refused" },
	{ DMK_EV_FAILED, "failed" },
	{ DMK_EV_UPDATING, "updating" },
	{ DMK_EV_UPDATED, "updated" },
	{ DMK_EV_NOT_UPDATED, "not-updated" },
};

static const char *event_name(enum dmk_event_type type)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(event_names); i++)
		if (event_names[i].type == type)
			return event_names[i].name;
	return "unknown";
}

/* Error no in words: RFC 3830 6.12 and protocol.md 3 */
static const char *error_text(u8 error)
{
	switch (error) {
	case DMK_ERR_AUTH: return "authentication failed";
	case DMK_ERR_TS: return "the time stamp is not accepted: is the clock right?";
	case DMK_ERR_PRF: return "PRF not supported";
	case DMK_ERR_MAC: return "MAC not supported";
	case DMK_ERR_ENCR: return "encryption not supported";
	case DMK_ERR_HASH: return "hash not supported";
	case DMK_ERR_ID: return "identity not accepted";
	case DMK_ERR_CERT: return "certificate not accepted";
	case DMK_ERR_SP: return "security protocol not supported";
	case DMK_ERR_SPPAR: return "ESP policy not allowed";
	case DMK_ERR_DT: return "message not supported";
	case DMK_ERR_COOKIE: return "cookie required";
	case DMK_ERR_ENVELOPE: return "unknown envelope key";
	case DMK_ERR_NOT_AUTHORIZED: return "not authorized";
	case DMK_ERR_RESPONDER: return "unknown responder";
	default: return "unspecified error";
	}
}

static const char *party_name(const struct sensor_conf *conf, int party)
{
	if (party == DMK_RESPONDER)
		return "responder";
	return party < 0 ? "elsewhere" : conf->party[party].name;
}

/* ---- JSON */

static struct json_object *object(const char *event)
{
	struct json_object *o = json_object_new_object();
	struct timespec now;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(text, sizeof(text), "%lld.%03ld", (long long)now.tv_sec,
		 now.tv_nsec / 1000000);
	json_object_object_add(o, "time", json_object_new_double_s(strtod(text, NULL), text));
	json_object_object_add(o, "event", json_object_new_string(event));
	return o;
}

static void add_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

static void add_number(struct json_object *o, const char *key, s64 v)
{
	json_object_object_add(o, key, json_object_new_int64(v));
}

static void print(struct json_object *o)
{
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
					       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void event_json(const struct sensor_conf *conf, const struct dmk_event *e)
{
	struct json_object *o = object(event_name(e->type)), *list;
	u8 i;

	if (e->party >= 0)
		add_text(o, "third_party", party_name(conf, e->party));
	if (e->type == DMK_EV_ESTABLISHING) {
		list = json_object_new_array();
		for (i = 0; i < e->n; i++)
			json_object_array_add(list, json_object_new_string(
						      party_name(conf, e->chosen[i])));
		json_object_object_add(o, "third_parties", list);
		add_number(o, "k", conf->k);
	}
	if (e->type == DMK_EV_REPEATING)
		add_number(o, "count", e->count);
	if (e->type == DMK_EV_PARTY_REFUSED || e->type == DMK_EV_HINT ||
	    e->type == DMK_EV_REFUSED || e->type == DMK_EV_TOO_FEW ||
	    (e->type == DMK_EV_NOT_UPDATED && e->error)) {
		add_number(o, "error", e->error);
		add_text(o, "error_text", error_text(e->error));
	}
	if (e->type == DMK_EV_FAILED)
		add_text(o, "reason", reason_names[e->reason]);
	print(o);
}

/* ---- words */

static void print_chosen(const struct sensor_conf *conf, const struct dmk_event *e)
{
	u8 i;

	printf("a session begins: a key from %u of %u third parties:", conf->k, e->n);
	for (i = 0; i < e->n; i++)
		printf("%s %s", i ? "," : "", party_name(conf, e->chosen[i]));
	putchar('\n');
}

static void event_words(const struct sensor_conf *conf, const struct dmk_event *e)
{
	const char *who = party_name(conf, e->party);

	switch (e->type) {
	case DMK_EV_ESTABLISHING:
		print_chosen(conf, e);
		break;
	case DMK_EV_REPEATING:
		printf("no answer from the responder yet, repeating (%u of %d)\n", e->count,
		       DMK_I_REPEATS);
		break;
	case DMK_EV_PARTY_ACCEPTED:
		printf("third party %s: has accepted its share\n", who);
		break;
	case DMK_EV_PARTY_REFUSED:
		printf("third party %s: refused: %s\n", who, error_text(e->error));
		break;
	case DMK_EV_PARTY_COOKIE:
		printf("third party %s: wants a cookie, sending again with it\n", who);
		break;
	case DMK_EV_PARTY_RIGHT:
		printf("third party %s: delivered a right share\n", who);
		break;
	case DMK_EV_PARTY_WRONG:
		printf("third party %s: LIES: its share was wrong; its standing is lowered\n",
		       who);
		break;
	case DMK_EV_PARTY_ABSENT:
		printf("third party %s: no share arrived from it\n", who);
		break;
	case DMK_EV_HINT:
		printf("%s: a message without proof says: %s (ignored)\n", who,
		       error_text(e->error));
		break;
	case DMK_EV_ESTABLISHED:
		printf("session established\n");
		break;
	case DMK_EV_NO_ANSWER:
		printf("no answer from the responder; trying a new session\n");
		break;
	case DMK_EV_TOO_FEW:
		printf("too many third parties refused, the last one with: %s\n",
		       error_text(e->error));
		break;
	case DMK_EV_REFUSED:
		printf("the responder refuses the session: %s\n", error_text(e->error));
		break;
	case DMK_EV_FAILED:
		printf("this sensor failed: %s\n", reason_helps[e->reason]);
		break;
	case DMK_EV_UPDATING:
		printf("the keys have been used long enough: asking the responder for new ones\n");
		break;
	case DMK_EV_UPDATED:
		printf("session updated\n");
		break;
	case DMK_EV_NOT_UPDATED:
		printf("not updated: %s; a new session\n",
		       e->error ? error_text(e->error) : "no answer from the responder");
		break;
	}
}

void sensor_report_event(const struct sensor_conf *conf, const struct dmk_event *e)
{
	if (conf->json)
		event_json(conf, e);
	else
		event_words(conf, e);
}

static void print_install_json(const struct dmk_sa_pair *sa)
{
	struct json_object *o = object("installed");
	char spi[16];

	snprintf(spi, sizeof(spi), "0x%08x", sa->spi[0]);
	add_text(o, "spi_out", spi);
	snprintf(spi, sizeof(spi), "0x%08x", sa->spi[1]);
	add_text(o, "spi_in", spi);
	snprintf(spi, sizeof(spi), "0x%08x", sa->csb_id);
	add_text(o, "csb_id", spi);
	add_number(o, "cipher", sa->policy.cipher);
	add_number(o, "key_bits", sa->policy.key_bits);
	print(o);
}

void sensor_report_install(const struct sensor_conf *conf, const struct dmk_sa_pair *sa)
{
	if (conf->json)
		print_install_json(sa);
	else
		printf("ESP keys installed: SPI 0x%08x out, 0x%08x in\n", sa->spi[0], sa->spi[1]);
}

void sensor_report_reading(const struct sensor_conf *conf, unsigned int seq, const char *text)
{
	struct json_object *o;

	if (!conf->json) {
		printf("reading sent: %s\n", text);
		return;
	}
	o = object("reading");
	add_number(o, "seq", seq);
	add_text(o, "text", text);
	print(o);
}

void sensor_report_refusal(const struct sensor_conf *conf, int party, enum dmk_reason reason,
			   u32 len)
{
	struct json_object *o;

	if (!conf->json) {
		printf("a datagram of %u bytes from %s was dropped: %s\n", len,
		       party < 0 ? "elsewhere" : party_name(conf, party), reason_helps[reason]);
		return;
	}
	o = object("dropped");
	if (party >= 0)
		add_text(o, "third_party", party_name(conf, party));
	add_number(o, "length", len);
	add_text(o, "reason", reason_names[reason]);
	print(o);
}

void sensor_report_sent(const struct sensor_conf *conf, int party, u32 len)
{
	struct json_object *o;

	if (!conf->json && party == DMK_RESPONDER) {
		printf("responder: message 6 sent, %u bytes\n", len);
		return;
	}
	if (!conf->json) {
		printf("third party %s: message 1 sent, %u bytes\n", party_name(conf, party), len);
		return;
	}
	o = object("sent");
	add_text(o, "third_party", party_name(conf, party));
	add_number(o, "length", len);
	print(o);
}

void sensor_report_end(const struct sensor_conf *conf, unsigned int sessions,
		       unsigned int readings, const char *why)
{
	struct json_object *o;

	if (!conf->json) {
		printf("end: %u session%s, %u reading%s: %s\n", sessions, sessions == 1 ? "" : "s",
		       readings, readings == 1 ? "" : "s", why);
		return;
	}
	o = object("end");
	add_number(o, "sessions", sessions);
	add_number(o, "readings", readings);
	add_text(o, "why", why);
	print(o);
}
