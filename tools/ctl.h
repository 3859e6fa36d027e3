/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dmikeyctl: a command is words in, one netlink request, and rows out. Rows
 * are JSON objects; text is made from the same objects, so that both forms
 * always say the same.
 */
#ifndef CTL_H
#define CTL_H

#include <json-c/json.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <openssl/types.h>
#include <stdint.h>
#include <stdio.h>

#include "dmikey.h"
#include "esp.h"

#define CTL_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* exit status; dmikeyctl(8) */
enum ctl_status {
	CTL_OK = 0,
	CTL_REFUSED = 1,	/* by the kernel, or a file was no good */
	CTL_USAGE = 2,
	CTL_NO_MODULE = 3,
	CTL_DENIED = 4,		/* needs CAP_NET_ADMIN */
	CTL_MALFORMED = 5,	/* decode: a message is */
	CTL_WRONG = 6,		/* decode: a MAC or signature is */
};

enum ctl_decode_option {
	CTL_DECODE_PSK,
	CTL_DECODE_KEY,
	CTL_DECODE_CERT,
	CTL_DECODE_PORT,
};

/**
 * struct ctl_decode_options - options of decode, in their order
 * @n: their number
 * @option: which, and its value
 */
struct ctl_decode_options {
	unsigned int n;
	struct {
		enum ctl_decode_option name;
		const char *value;
	} option[128];
};

/**
 * struct ctl - one run of dmikeyctl
 * @json: print JSON
 * @all: counters that are zero, too, and lists to their end
 * @usage: what went through SAs, and when a sensor was heard of
 * @status: the agent's status.json
 * @netns: the network namespace that was named, or NULL
 * @file: apply's
 * @check: apply changes nothing
 * @collect: takes requests instead of the kernel, and owns them
 * @decode: what decode alone understands
 * @sk: generic netlink socket, open from the first request on
 * @family: number of the dmikey family
 */
struct ctl {
	bool json;
	bool all;
	bool usage;
	const char *status;
	const char *netns;
	const char *file;
	bool check;
	void (*collect)(struct ctl *c, struct nl_msg *msg);
	struct ctl_decode_options decode;
	struct nl_sock *sk;
	int family;
};

struct ctl_verb {
	const char *name;
	int (*run)(struct ctl *c, int argc, char **argv);
};

/* run a command: its name, then its words; dmikeyctl.c */
int ctl_run(struct ctl *c, int argc, char **argv);

/* Commands, one a file. Each gets what stands behind its name. */
int ctl_show(struct ctl *c, int argc, char **argv);
int ctl_why(struct ctl *c, int argc, char **argv);
int ctl_instance(struct ctl *c, int argc, char **argv);
int ctl_local(struct ctl *c, int argc, char **argv);
int ctl_sensor(struct ctl *c, int argc, char **argv);
int ctl_thirdparty(struct ctl *c, int argc, char **argv);
int ctl_responder(struct ctl *c, int argc, char **argv);
int ctl_rule(struct ctl *c, int argc, char **argv);
int ctl_session(struct ctl *c, int argc, char **argv);
int ctl_host(struct ctl *c, int argc, char **argv);
int ctl_stats(struct ctl *c, int argc, char **argv);
int ctl_monitor(struct ctl *c, int argc, char **argv);
int ctl_metrics(struct ctl *c, int argc, char **argv);
int ctl_doctor(struct ctl *c, int argc, char **argv);
int ctl_apply(struct ctl *c, int argc, char **argv);
int ctl_decode(struct ctl *c, int argc, char **argv);

/* all counters, for show: an array; the caller's */
struct json_object *ctl_stats_read(struct ctl *c);

/* ---- ctl_fail.c: to stderr, with the command's name in front */

/* name the command in all messages that follow: "sensor", then "add" */
void ctl_fail_in(const char *word);
/* name a line of a file instead, or 0: the file; what ctl_fail_in() names comes behind it */
void ctl_fail_at(const char *file, unsigned int line);
CTL_PRINTF(1, 2) void ctl_fail_note(const char *fmt, ...);
CTL_PRINTF(2, 3) __attribute__((noreturn))
void ctl_fail(enum ctl_status status, const char *fmt, ...);

/* ---- ctl_words.c: from the command line into attributes */

/**
 * struct ctl_word - a keyword of a command
 * @name: the word
 * @attr: enum dmk_attr
 * @put: writes its value; ends the program if it is bad
 * @max: greatest number, or what @put wants
 * @flag: no value follows; @put gets NULL
 * @required: the command is nothing without it
 */
struct ctl_word {
	const char *name;
	int attr;
	void (*put)(struct nl_msg *msg, const struct ctl_word *w, const char *value);
	uint64_t max;
	bool flag;
	bool required;
};

/**
 * ctl_words_verb() - run the verb that argv[0] names; the first one if none
 * @c: the run
 * @verbs: the verbs
 * @n: their number
 * @argc: words
 * @argv: words
 *
 * Return: exit status.
 */
int ctl_words_verb(struct ctl *c, const struct ctl_verb *verbs, unsigned int n,
		   int argc, char **argv);

/**
 * ctl_words_put() - keywords and their values, in any order, each once
 * @msg: gets the attributes
 * @words: the keywords, up to 64
 * @n: their number
 * @argc: words
 * @argv: words
 *
 * Return: bit i is set if words[i] was given. Anything wrong ends the program.
 */
uint64_t ctl_words_put(struct nl_msg *msg, const struct ctl_word *words, unsigned int n,
		       int argc, char **argv);

/* the next word, which has to be there: @what it is */
const char *ctl_words_take(int *argc, char ***argv, const char *what);
/* no more words are expected */
void ctl_words_end(int argc, char **argv);

/* values; all of them end the program if @value is bad or does not fit */
uint64_t ctl_words_number(const char *name, const char *value, uint64_t min, uint64_t max);
void ctl_put(struct nl_msg *msg, int attr, const void *data, size_t len);
void ctl_put_u8(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_u16(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_u32(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_u64(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_key(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_flag(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_string(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_hash(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_id(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_address(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_timestamp(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_suites(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_ids(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_prefixes(struct nl_msg *msg, const struct ctl_word *w, const char *value);
void ctl_put_policies(struct nl_msg *msg, const struct ctl_word *w, const char *value);
/* @w->put of a list: comma-separated values, one nest each */
void ctl_put_list(struct nl_msg *msg, const struct ctl_word *w, const char *value,
		  void (*put)(struct nl_msg *msg, const struct ctl_word *w,
			      const char *value));

/* ---- ctl_id.c: identities as text, nai:... and uri:... */

#define CTL_ID_TEXT (4 + 4 * DMK_ID_MAX + 1)

/* bytes that are not printable, backslash and comma are written \xHH */
void ctl_id_text(uint8_t type, const void *data, size_t len, char text[CTL_ID_TEXT]);
/* false if it is no identity */
bool ctl_id_parse(const char *text, uint8_t *type, uint8_t data[DMK_ID_MAX], size_t *len);

/* ---- ctl_policy.c: ESP policies as text, aes-gcm-16-256/tunnel/life=3600 */

#define CTL_POLICY_TEXT 96

void ctl_policy_text(struct dmk_span param, char text[CTL_POLICY_TEXT]);
bool ctl_policy_parse(const char *text, struct dmk_esp_policy *p);

/* ---- ctl_certificate.c */

/**
 * ctl_certificate_put() - what the kernel needs to know of a certificate
 * @msg: gets ID_TYPE, ID, EXPIRES and CERT, or CERT_HASH and PUBKEY of a peer
 * @file: PEM or DER
 * @peer: it is another host's
 *
 * Nothing is validated. A file that is no certificate, or has not exactly one
 * identity (protocol.md 6.3), ends the program.
 */
void ctl_certificate_put(struct nl_msg *msg, const char *file, bool peer);
/* PEM or DER; the caller's. A file that is no certificate ends the program */
X509 *ctl_certificate_read(const char *file);
/* its subject and alternative names, a stranger's words; NULL if it is no X.509 */
struct json_object *ctl_certificate_name(const uint8_t *der, size_t len);

/* ---- ctl_netlink.c */

struct nl_msg *ctl_request(enum dmk_cmd cmd);

/**
 * ctl_netlink_do() - send a request, wait for the kernel's word
 * @c: the run
 * @msg: the request; is freed
 * @row: called for each message of the answer, or NULL
 * @arg: for @row
 *
 * A refusal ends the program, with the kernel's sentence and the cure, if one
 * is known.
 */
void ctl_netlink_do(struct ctl *c, struct nl_msg *msg,
		    void (*row)(struct nlattr **tb, void *arg), void *arg);

/**
 * ctl_netlink_rows() - rows of a dump (or the one row of an instance)
 * @c: the run
 * @cmd: which
 * @role: keep those with this enum dmk_role_type; 0: all
 *
 * Return: an array; the caller's.
 */
struct json_object *ctl_netlink_rows(struct ctl *c, enum dmk_cmd cmd, int role);

/* what the module knows of others and of itself, by the names that it has in JSON; the
 * last one has none
 */
extern const struct ctl_part {
	const char *name;
	enum dmk_cmd cmd;
	int role;
} ctl_netlink_parts[];
/* the rows of each, under its name */
void ctl_netlink_all(struct ctl *c, struct json_object *all);

/* whether the module is there; the question loads it, if the kernel may */
bool ctl_netlink_there(struct ctl *c);

/**
 * ctl_netlink_ask() - like ctl_netlink_rows(), for who can do without
 * @c: the run
 * @cmd: which
 * @role: keep those with this enum dmk_role_type; 0: all
 *
 * Return: an array, the caller's; NULL if the module is not there or this user
 * may not; ctl_netlink_there() tells them apart.
 */
struct json_object *ctl_netlink_ask(struct ctl *c, enum dmk_cmd cmd, int role);

/* a socket of generic netlink */
struct nl_sock *ctl_netlink_connect(void);

/* ---- ctl_listen.c */

/**
 * struct ctl_listen - who hears events
 * @event: one
 * @lost: the kernel had to drop some
 * @gone: the module is not there; it is waited for
 * @again: events come again, behind @lost or @gone
 */
struct ctl_listen {
	void (*event)(struct ctl *c, struct nlattr **tb);
	void (*lost)(struct ctl *c);
	void (*gone)(struct ctl *c);
	void (*again)(struct ctl *c);
};

/* events as they come, without end */
void ctl_listen(struct ctl *c, const struct ctl_listen *ops);

/* ---- ctl_json.c */

/**
 * ctl_json_row() - attributes as a JSON object
 * @tb: DMK_A_MAX + 1 attributes
 * @cmd: what they answer: identities and names are called after it
 *
 * Return: an object; the caller's. What is absent is absent.
 */
struct json_object *ctl_json_row(struct nlattr **tb, enum dmk_cmd cmd);

/* what an attribute is called, or NULL */
const char *ctl_json_name(int attr);

/* members; "" or 0 if they are absent */
const char *ctl_json_string(struct json_object *row, const char *name);
int64_t ctl_json_number(struct json_object *row, const char *name);

/* ---- ctl_journal.c: what the agent of this network namespace has written */

/**
 * ctl_journal_read() - both files of the agent
 * @c: the run
 *
 * Return: an object, the caller's: running; why and cure, if it does not or if
 * something cannot be read; status and refusals, what is in them.
 */
struct json_object *ctl_journal_read(struct ctl *c);
/* status.json alone, or NULL; the caller's. @alive: the agent is */
struct json_object *ctl_journal_status(struct ctl *c, bool *alive);
/* the refusals in it: an array, empty if there are none; not the caller's */
struct json_object *ctl_journal_refusals(struct json_object *journal);
/* "agent: ...", in as many lines as there is something to do about */
void ctl_journal_print(struct json_object *journal);

/* ---- ctl_advice.c */

/* what to do about a reason */
const char *ctl_advice(const char *reason);

/* ---- ctl_print.c */

#define CTL_TIME_TEXT 32

enum ctl_color {
	CTL_PLAIN,
	CTL_RED,
	CTL_GREEN,
};

/* a word, filled up to @width; in colour if a terminal can show it and wants to */
void ctl_print_colored(enum ctl_color color, const char *word, int width);

void ctl_print_json(struct json_object *o);
/* rows, one a line, in the command's own grammar; or the array */
void ctl_print_rows(struct ctl *c, struct json_object *rows);
/* ask for them first; returns the exit status */
int ctl_print_dump(struct ctl *c, enum dmk_cmd cmd);
/* local time; "2026-11-20T13:05:00" */
const char *ctl_print_time(int64_t t, char text[CTL_TIME_TEXT]);
/* a length of time in words: "3 min", "12 days" */
const char *ctl_print_span(int64_t seconds, char text[CTL_TIME_TEXT]);
/* core/reason.h's sentence */
const char *ctl_print_reason(const char *reason);
/* "third party", "responder" */
const char *ctl_print_side(const char *side);
/* packets and bytes each way and the age of the last ones, if they were asked for */
void ctl_print_usage(struct json_object *session, const char *indent);
/* "; certificate until ...", with its days, or nothing without a certificate */
void ctl_print_expiry(struct json_object *row);
/* a session's facts behind its sensor's name, for show and monitor */
void ctl_print_session(struct json_object *session, const char *indent);

#endif
