// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kmod/uapi/dmikey.h"
#include "log.h"
#include "registry.h"

const char *const dmk_registry_columns[DMK_COLUMNS] = {
	"identity", "psk", "master", "generation", "timestamp", "suites", "responders",
	"addresses",
};

/* 6.5: no two sensors have the same octets, whatever their type: so the octets
 * alone are the key.
 */
static const char *const steps[] = {
	"CREATE TABLE sensor("
	" id TEXT NOT NULL PRIMARY KEY,"
	" type INTEGER NOT NULL CHECK(type IN (0, 1)),"
	" psk TEXT,"
	" master TEXT,"
	" generation INTEGER NOT NULL,"
	" timestamp INTEGER NOT NULL CHECK(timestamp IN (0, 2)),"
	" suites INTEGER NOT NULL CHECK(suites BETWEEN 1 AND 3),"
	" responders TEXT,"
	" addresses TEXT,"
	" CHECK((psk IS NULL) <> (master IS NULL))) STRICT, WITHOUT ROWID;"
	"CREATE TABLE denied("
	" id TEXT NOT NULL,"
	" type INTEGER NOT NULL CHECK(type IN (0, 1)),"
	" since INTEGER NOT NULL,"
	" reason TEXT NOT NULL,"
	" PRIMARY KEY(id, type)) STRICT, WITHOUT ROWID;",
};

const struct dmk_db_schema dmk_registry_schema = { steps, sizeof(steps) / sizeof(*steps) };

/* ---- texts */

__attribute__((format(printf, 2, 3)))
static bool refuse(char why[DMK_DB_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, DMK_DB_WHY, fmt, ap);
	va_end(ap);
	return false;
}

/* each word of a list; @take returns whether it is one */
static bool each_word(const char *list, bool (*take)(struct dmk_registered *, const char *),
		      struct dmk_registered *s, const char *column, char why[DMK_DB_WHY])
{
	char copy[DMK_REGISTRY_TEXT], *word, *rest;

	if (strlen(list) >= sizeof(copy))
		return refuse(why, "%s: more than %zu bytes", column, sizeof(copy) - 1);
	strcpy(copy, list);
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (!take(s, word))
			return refuse(why, "%s: \"%.64s\" cannot be read, or is one of more "
				      "than %d", column, word, DMK_REGISTRY_LIST);
	return true;
}

static bool take_responder(struct dmk_registered *s, const char *word)
{
	return s->n_responders < DMK_REGISTRY_LIST &&
	       dmk_identity_parse(word, &s->responders[s->n_responders++]);
}

static bool take_prefix(struct dmk_registered *s, const char *word)
{
	struct dmk_prefix_conf *p;

	if (s->n_prefixes == DMK_REGISTRY_LIST)
		return false;
	p = &s->prefixes[s->n_prefixes++];
	return dmk_words_address(word, p->addr, &p->addr_len, &p->len);
}

static bool take_suite(struct dmk_registered *s, const char *word)
{
	uint32_t bit;

	if (!dmk_words_find(dmk_words_suite, word, &bit))
		return false;
	s->suites |= bit;
	return true;
}

static bool take_generation(struct dmk_registered *s, const char *text, char why[DMK_DB_WHY])
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || n > UINT32_MAX)
		return refuse(why, "generation: \"%.64s\" is not 0 to 4294967295", text);
	s->generation = n;
	return true;
}

static bool take_timestamp(struct dmk_registered *s, const char *text, char why[DMK_DB_WHY])
{
	uint32_t type;

	if (!dmk_words_find(dmk_words_timestamp, text, &type))
		return refuse(why, "timestamp: \"%.64s\" is neither ntp nor counter", text);
	s->ts_type = type;
	return true;
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static bool take_key(struct dmk_registered *s, const char *psk, const char *master,
		     const char *generation, char why[DMK_DB_WHY])
{
	if (!*psk == !*master)
		return refuse(why, "either psk or master is wanted");
	if (!*master != !*generation)
		return refuse(why, "master and generation go together");
	if (strlen(psk) >= sizeof(s->psk) || !is_printable(psk))
		return refuse(why, "psk: no file name of up to %zu printable characters",
			      sizeof(s->psk) - 1);
	if (*master && !dmk_words_name(master))
		return refuse(why, "master: \"%.64s\" is no name", master);
	strcpy(s->psk, psk);
	strcpy(s->master, master);
	return !*generation || take_generation(s, generation, why);
}

bool dmk_registry_parse(const char *const text[DMK_COLUMNS], struct dmk_registered *s,
			char why[DMK_DB_WHY])
{
	const char *t[DMK_COLUMNS];
	int i;

	for (i = 0; i < DMK_COLUMNS; i++)
		t[i] = text[i] ? text[i] : "";
	s->generation = 0;
	s->ts_type = 0;
	s->suites = 0;
	s->n_responders = 0;
	s->n_prefixes = 0;
	if (!dmk_identity_parse(t[DMK_COLUMN_IDENTITY], &s->id) || s->id.data[0] == '@')
		return refuse(why, "\"%.64s\" is no identity", t[DMK_COLUMN_IDENTITY]);
	if (!take_key(s, t[DMK_COLUMN_PSK], t[DMK_COLUMN_MASTER], t[DMK_COLUMN_GENERATION],
		      why) ||
	    (*t[DMK_COLUMN_TIMESTAMP] && !take_timestamp(s, t[DMK_COLUMN_TIMESTAMP], why)) ||
	    !each_word(t[DMK_COLUMN_SUITES], take_suite, s, "suites", why) ||
	    !each_word(t[DMK_COLUMN_RESPONDERS], take_responder, s, "responders", why) ||
	    !each_word(t[DMK_COLUMN_ADDRESSES], take_prefix, s, "addresses", why))
		return false;
	if (!s->suites)
		s->suites = DMK_SUITE_CCM | DMK_SUITE_CM;
	return true;
}

/* ---- the agent's side */

/* @db: NULL: there is none, or it could not be opened */
struct dmk_registry {
	sqlite3 *db;
	sqlite3_stmt *sensor;
	sqlite3_stmt *denied;
	bool broken;
};

static bool prepare(struct dmk_registry *r)
{
	return sqlite3_prepare_v2(r->db, "SELECT psk, master, generation, timestamp, suites,"
				  " responders, addresses FROM sensor"
				  " WHERE id = ?1 AND type = ?2", -1, &r->sensor,
				  NULL) == SQLITE_OK &&
	       sqlite3_prepare_v2(r->db, "SELECT 1 FROM denied WHERE id = ?1 AND type = ?2",
				  -1, &r->denied, NULL) == SQLITE_OK;
}

static const char *db_says(struct dmk_registry *r, char why[DMK_DB_WHY])
{
	dmk_db_why(r->db, why);
	return why;
}

struct dmk_registry *dmk_registry_open(const char *dir)
{
	struct dmk_registry *r = calloc(1, sizeof(*r));
	char path[PATH_MAX], why[DMK_DB_WHY];

	if (!r)
		abort();
	snprintf(path, sizeof(path), "%s/" DMK_REGISTRY_FILE, dir);
	if (access(path, F_OK) && errno == ENOENT)
		return r;
	r->broken = !dmk_db_open_reader(path, &dmk_registry_schema, &r->db, why);
	if (!r->broken && !prepare(r)) {
		r->broken = true;
		db_says(r, why);
	}
	if (r->broken)
		dmk_log(LOG_ERR, "%s: %s: no sensor is answered for", path, why);
	return r;
}

void dmk_registry_close(struct dmk_registry *r)
{
	if (!r)
		return;
	sqlite3_finalize(r->sensor);
	sqlite3_finalize(r->denied);
	sqlite3_close(r->db);
	free(r);
}

/* 1: a row, 0: none, -1: an error */
static int ask(sqlite3_stmt *stmt, const struct dmk_identity *id)
{
	int ret;

	sqlite3_bind_text(stmt, 1, id->data, id->len, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 2, id->type);
	ret = sqlite3_step(stmt);
	return ret == SQLITE_ROW ? 1 : ret == SQLITE_DONE ? 0 : -1;
}

static const char *text_of(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return text ? text : "";
}

static void copy(char *to, size_t size, sqlite3_stmt *stmt, int column)
{
	snprintf(to, size, "%s", text_of(stmt, column));
}

static bool read_row(sqlite3_stmt *stmt, const struct dmk_identity *id,
		     struct dmk_registered *s, char why[DMK_DB_WHY])
{
	s->id = *id;
	copy(s->psk, sizeof(s->psk), stmt, 0);
	copy(s->master, sizeof(s->master), stmt, 1);
	s->generation = sqlite3_column_int64(stmt, 2);
	s->ts_type = sqlite3_column_int(stmt, 3);
	s->suites = sqlite3_column_int(stmt, 4);
	s->n_responders = 0;
	s->n_prefixes = 0;
	return each_word(text_of(stmt, 5), take_responder, s, "responders", why) &&
	       each_word(text_of(stmt, 6), take_prefix, s, "addresses", why);
}

static enum dmk_registry_answer unreadable(const char *why)
{
	dmk_log_refusal(DMK_REGISTRY_FILE, DMK_REGISTRY_FILE ": %s", why);
	return DMK_REGISTRY_BROKEN;
}

enum dmk_registry_answer dmk_registry_find(struct dmk_registry *r,
					   const struct dmk_identity *id,
					   struct dmk_registered *s)
{
	enum dmk_registry_answer answer = DMK_REGISTRY_UNKNOWN;
	char why[DMK_DB_WHY];
	int denied, known;

	if (r->broken)
		return DMK_REGISTRY_BROKEN;
	if (!r->db)
		return DMK_REGISTRY_UNKNOWN;
	denied = ask(r->denied, id);
	known = ask(r->sensor, id);
	if (denied < 0 || known < 0)
		answer = unreadable(db_says(r, why));
	else if (denied)
		answer = DMK_REGISTRY_DENIED;
	else if (known)
		answer = read_row(r->sensor, id, s, why) ? DMK_REGISTRY_KNOWN : unreadable(why);
	sqlite3_reset(r->denied);
	sqlite3_reset(r->sensor);
	return answer;
}

const char *dmk_registry_state(const struct dmk_registry *r)
{
	return r->broken ? "broken" : r->db ? "good" : "none";
}
