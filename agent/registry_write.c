// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "registry_write.h"

static bool run(struct dmk_registry_writer *w, const char *sql, char why[DMK_DB_WHY])
{
	return sqlite3_exec(w->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       dmk_db_why(w->db, why);
}

static bool prepare(struct dmk_registry_writer *w, sqlite3_stmt **stmt, const char *sql,
		    char why[DMK_DB_WHY])
{
	return sqlite3_prepare_v3(w->db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt,
				  NULL) == SQLITE_OK || dmk_db_why(w->db, why);
}

/* a row that is as it was is not written: what is imported once more costs reading */
static const char put[] =
	"INSERT INTO sensor VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	" ON CONFLICT(id) DO UPDATE SET psk = excluded.psk, master = excluded.master,"
	" generation = excluded.generation, timestamp = excluded.timestamp,"
	" suites = excluded.suites, responders = excluded.responders,"
	" addresses = excluded.addresses"
	" WHERE psk IS NOT excluded.psk OR master IS NOT excluded.master OR"
	" generation <> excluded.generation OR timestamp <> excluded.timestamp OR"
	" suites <> excluded.suites OR responders IS NOT excluded.responders OR"
	" addresses IS NOT excluded.addresses";

/* The cache is as large as it is so that a million sensors in any order find
 * most of their pages in it.
 */
bool dmk_registry_writer_open(struct dmk_registry_writer *w, const char *dir,
			      char why[DMK_DB_WHY])
{
	char path[PATH_MAX];

	memset(w, 0, sizeof(*w));
	snprintf(path, sizeof(path), "%s/" DMK_REGISTRY_FILE, dir);
	if (dmk_db_open(path, &dmk_registry_schema, &w->db, why) &&
	    run(w, "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
		"CREATE TEMP TABLE given(id TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID",
		why) &&
	    prepare(w, &w->put, put, why) &&
	    prepare(w, &w->type, "SELECT type FROM sensor WHERE id = ?1", why) &&
	    prepare(w, &w->given, "INSERT INTO given VALUES(?1)", why))
		return true;
	dmk_registry_writer_close(w);
	return false;
}

void dmk_registry_writer_close(struct dmk_registry_writer *w)
{
	sqlite3_finalize(w->put);
	sqlite3_finalize(w->type);
	sqlite3_finalize(w->given);
	sqlite3_close(w->db);
	memset(w, 0, sizeof(*w));
}

bool dmk_registry_begin(struct dmk_registry_writer *w, char why[DMK_DB_WHY])
{
	return run(w, "BEGIN IMMEDIATE", why);
}

bool dmk_registry_commit(struct dmk_registry_writer *w, char why[DMK_DB_WHY])
{
	if (run(w, "COMMIT", why))
		return true;
	dmk_registry_rollback(w);
	return false;
}

void dmk_registry_rollback(struct dmk_registry_writer *w)
{
	sqlite3_exec(w->db, "ROLLBACK", NULL, NULL, NULL);
}

static void bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
	if (text && *text)
		sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(stmt, at);
}

static void bind(sqlite3_stmt *stmt, const struct dmk_registered *s, const char *responders,
		 const char *addresses)
{
	sqlite3_bind_text(stmt, 1, s->id.data, s->id.len, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 2, s->id.type);
	bind_text(stmt, 3, s->psk);
	bind_text(stmt, 4, s->master);
	sqlite3_bind_int64(stmt, 5, s->generation);
	sqlite3_bind_int(stmt, 6, s->ts_type);
	sqlite3_bind_int(stmt, 7, s->suites);
	bind_text(stmt, 8, responders);
	bind_text(stmt, 9, addresses);
}

/* the type of the sensor with these octets; -1: there is none, -2: an error */
static int type_of(struct dmk_registry_writer *w, const struct dmk_identity *id)
{
	int ret, type;

	sqlite3_bind_text(w->type, 1, id->data, id->len, SQLITE_STATIC);
	ret = sqlite3_step(w->type);
	type = ret == SQLITE_ROW ? sqlite3_column_int(w->type, 0) : ret == SQLITE_DONE ? -1 : -2;
	sqlite3_reset(w->type);
	return type;
}

static bool write_row(struct dmk_registry_writer *w, const struct dmk_registered *s,
		      const char *const text[DMK_COLUMNS], char why[DMK_DB_WHY])
{
	bool good;

	bind(w->put, s, text[DMK_COLUMN_RESPONDERS], text[DMK_COLUMN_ADDRESSES]);
	good = sqlite3_step(w->put) == SQLITE_DONE || dmk_db_why(w->db, why);
	sqlite3_reset(w->put);
	return good;
}

enum dmk_registry_change dmk_registry_put(struct dmk_registry_writer *w,
					  const char *const text[DMK_COLUMNS],
					  struct dmk_registered *s, char why[DMK_DB_WHY])
{
	int type;

	if (!dmk_registry_parse(text, s, why))
		return DMK_REGISTRY_WRONG;
	type = type_of(w, &s->id);
	if (type == -2) {
		dmk_db_why(w->db, why);
		return DMK_REGISTRY_ERROR;
	}
	if (type >= 0 && type != s->id.type) {
		snprintf(why, DMK_DB_WHY, "a sensor of the other type, nai or uri, is called so");
		return DMK_REGISTRY_WRONG;
	}
	if (!write_row(w, s, text, why))
		return DMK_REGISTRY_ERROR;
	if (type < 0)
		return DMK_REGISTRY_ADDED;
	return sqlite3_changes(w->db) ? DMK_REGISTRY_CHANGED : DMK_REGISTRY_SAME;
}

/* a statement about one identity, with a text if it takes one */
static int change(struct dmk_registry_writer *w, const char *sql, const struct dmk_identity *id,
		  const char *text, char why[DMK_DB_WHY])
{
	sqlite3_stmt *stmt;
	int rows = -1;

	if (sqlite3_prepare_v2(w->db, sql, -1, &stmt, NULL) == SQLITE_OK) {
		sqlite3_bind_text(stmt, 1, id->data, id->len, SQLITE_STATIC);
		sqlite3_bind_int(stmt, 2, id->type);
		if (text)
			sqlite3_bind_text(stmt, 3, text, -1, SQLITE_STATIC);
		if (sqlite3_step(stmt) == SQLITE_DONE)
			rows = sqlite3_changes(w->db);
		sqlite3_finalize(stmt);
	}
	if (rows < 0)
		dmk_db_why(w->db, why);
	return rows;
}

int dmk_registry_remove(struct dmk_registry_writer *w, const struct dmk_identity *id,
			char why[DMK_DB_WHY])
{
	return change(w, "DELETE FROM sensor WHERE id = ?1 AND type = ?2", id, NULL, why);
}

int dmk_registry_deny(struct dmk_registry_writer *w, const struct dmk_identity *id,
		      const char *reason, char why[DMK_DB_WHY])
{
	return change(w, "INSERT INTO denied VALUES(?1, ?2, unixepoch(), ?3)"
		      " ON CONFLICT DO UPDATE SET reason = excluded.reason", id, reason, why);
}

int dmk_registry_allow(struct dmk_registry_writer *w, const struct dmk_identity *id,
		       char why[DMK_DB_WHY])
{
	return change(w, "DELETE FROM denied WHERE id = ?1 AND type = ?2", id, NULL, why);
}
