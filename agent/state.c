// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "db.h"
#include "log.h"
#include "state.h"

#define WAIT_MS		1000		/* what is new becomes durable in that time */
#define NTP_UNIX	2208988800ULL	/* seconds from 1900 to 1970 */

/* Everything since the last flush is one open transaction of SQLite's. */
struct dmk_state {
	sqlite3 *db;
	sqlite3_stmt *put;
	sqlite3_stmt *get;
	sqlite3_stmt *put_t;
	sqlite3_stmt *put_warned;
	sqlite3_stmt *put_role;
	sqlite3_stmt *get_role;
	uint64_t highest_t;	/* 0: none */
	uint64_t missed_t;	/* nobody may have told us of what was accepted up to then */
	long long since;	/* when the open transaction began; 0: none */
	bool failed;		/* something since the last flush was not written */
	int lock;
};

/* the first one stood there before versions were counted */
static const char *const steps[] = {
	"CREATE TABLE IF NOT EXISTS counter("
	" type INTEGER NOT NULL, id BLOB NOT NULL, value INTEGER NOT NULL,"
	" PRIMARY KEY(type, id)) WITHOUT ROWID;"
	"CREATE TABLE IF NOT EXISTS highest("
	" one INTEGER PRIMARY KEY CHECK(one = 1), t INTEGER NOT NULL);",

	"CREATE TABLE warned("
	" item BLOB NOT NULL, days INTEGER NOT NULL, expires INTEGER NOT NULL,"
	" PRIMARY KEY(item, days)) WITHOUT ROWID;",

	"CREATE TABLE responder(hash BLOB PRIMARY KEY, cert BLOB NOT NULL, before BLOB) WITHOUT ROWID",
};

static const struct dmk_db_schema schema = { steps, sizeof(steps) / sizeof(*steps) };

struct dmk_der *dmk_der_new(const void *data, size_t len)
{
	struct dmk_der *d = malloc(sizeof(*d) + len);

	if (!d)
		abort();
	d->len = len;
	memcpy(d->data, data, len);
	return d;
}

long long dmk_state_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000 + 1;
}

static bool complain(struct dmk_state *s)
{
	char why[DMK_DB_WHY];

	dmk_db_why(s->db, why);
	dmk_log(LOG_ERR, "state.db: %s", why);
	return false;
}

static bool run(struct dmk_state *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || complain(s);
}

static bool prepare(struct dmk_state *s, sqlite3_stmt **stmt, const char *sql)
{
	return sqlite3_prepare_v2(s->db, sql, -1, stmt, NULL) == SQLITE_OK || complain(s);
}

/* the difference is signed: 7.1, the era change of 2036; 0 is none */
static bool is_later(uint64_t t, uint64_t other)
{
	return t && (!other || (int64_t)(t - other) > 0);
}

/* T has all 64 bits; SQLite's numbers have a sign, so it is kept as one */
static bool read_highest_t(struct dmk_state *s)
{
	sqlite3_stmt *stmt;

	if (!prepare(s, &stmt, "SELECT t FROM highest"))
		return false;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		s->highest_t = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	dmk_state_missed(s);
	return true;
}

static bool open_db(struct dmk_state *s, const char *dir)
{
	char path[4096], why[DMK_DB_WHY];

	snprintf(path, sizeof(path), "%s/state.db", dir);
	if (!dmk_db_open(path, &schema, &s->db, why) || !dmk_db_check(s->db, why)) {
		dmk_log(LOG_ERR, "%s: %s; see dmikeyd(8), FILES, before it is removed", path, why);
		return false;
	}
	return prepare(s, &s->put, "INSERT INTO counter VALUES(?1, ?2, ?3) "
			"ON CONFLICT DO UPDATE SET value = max(value, excluded.value)") &&
	       prepare(s, &s->get, "SELECT value FROM counter WHERE type = ?1 AND id = ?2") &&
	       prepare(s, &s->put_t, "INSERT INTO highest VALUES(1, ?1) "
			"ON CONFLICT DO UPDATE SET t = excluded.t") &&
	       prepare(s, &s->put_warned, "INSERT OR IGNORE INTO warned VALUES(?1, ?2, ?3)") &&
	       prepare(s, &s->put_role, "INSERT INTO responder VALUES(?1, ?2, ?3)") &&
	       prepare(s, &s->get_role, "SELECT cert, before FROM responder WHERE hash = ?1") &&
	       read_highest_t(s);
}

static bool lock_dir(struct dmk_state *s, const char *dir)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/dmikeyd.pid", dir);
	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (s->lock < 0) {
		dmk_log(LOG_ERR, "%s: %s", path, strerror(errno));
		return false;
	}
	if (flock(s->lock, LOCK_EX | LOCK_NB)) {
		dmk_log(LOG_ERR, "%s: another dmikeyd uses this directory", path);
		close(s->lock);
		s->lock = -1;
		return false;
	}
	if (ftruncate(s->lock, 0) || dprintf(s->lock, "%d\n", getpid()) < 0) {
		dmk_log(LOG_ERR, "%s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

struct dmk_state *dmk_state_open(const char *dir)
{
	struct dmk_state *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->lock = -1;
	umask(077);
	if (mkdir(dir, 0700) && errno != EEXIST)
		dmk_log(LOG_ERR, "%s: %s", dir, strerror(errno));
	else if (lock_dir(s, dir) && open_db(s, dir))
		return s;
	dmk_state_close(s);
	return NULL;
}

void dmk_state_close(struct dmk_state *s)
{
	if (!s)
		return;
	dmk_state_flush(s);
	sqlite3_finalize(s->put);
	sqlite3_finalize(s->get);
	sqlite3_finalize(s->put_t);
	sqlite3_finalize(s->put_warned);
	sqlite3_finalize(s->put_role);
	sqlite3_finalize(s->get_role);
	sqlite3_close(s->db);
	if (s->lock >= 0) {
		if (ftruncate(s->lock, 0))
			dmk_log(LOG_WARNING, "dmikeyd.pid: %s", strerror(errno));
		close(s->lock);
	}
	free(s);
}

static bool begin(struct dmk_state *s)
{
	if (s->since)
		return true;
	if (!run(s, "BEGIN IMMEDIATE")) {
		s->failed = true;
		return false;
	}
	s->since = dmk_state_now();
	return true;
}

static void execute(struct dmk_state *s, sqlite3_stmt *stmt)
{
	if (sqlite3_step(stmt) != SQLITE_DONE) {
		complain(s);
		s->failed = true;
	}
	sqlite3_reset(stmt);
}

static void bind_id(sqlite3_stmt *stmt, const struct dmk_identity *id)
{
	sqlite3_bind_int(stmt, 1, id->type);
	sqlite3_bind_blob(stmt, 2, id->data, id->len, SQLITE_TRANSIENT);
}

void dmk_state_counter(struct dmk_state *s, const struct dmk_identity *id, uint32_t counter)
{
	if (!begin(s))
		return;
	bind_id(s->put, id);
	sqlite3_bind_int64(s->put, 3, counter);
	execute(s, s->put);
}

int dmk_state_counter_of(struct dmk_state *s, const struct dmk_identity *id,
			 uint32_t *counter)
{
	int step;

	bind_id(s->get, id);
	step = sqlite3_step(s->get);
	if (step == SQLITE_ROW)
		*counter = sqlite3_column_int64(s->get, 0);
	else if (step != SQLITE_DONE)
		complain(s);
	sqlite3_reset(s->get);
	return step == SQLITE_ROW ? 1 : step == SQLITE_DONE ? 0 : -1;
}

void dmk_state_highest_t(struct dmk_state *s, uint64_t t)
{
	if (!is_later(t, s->highest_t) || !begin(s))
		return;
	s->highest_t = t;
	sqlite3_bind_int64(s->put_t, 1, (int64_t)t);
	execute(s, s->put_t);
}

/* Not written: it is a guess by this machine's clock, which may be put right
 * before the next start.
 */
void dmk_state_missed(struct dmk_state *s)
{
	struct timespec t;
	uint64_t now;

	clock_gettime(CLOCK_REALTIME, &t);
	now = (t.tv_sec + NTP_UNIX) << 32 | ((uint64_t)t.tv_nsec << 32) / 1000000000;
	if (is_later(now, s->missed_t))
		s->missed_t = now;
}

uint64_t dmk_state_highest_t_of(const struct dmk_state *s)
{
	return is_later(s->highest_t, s->missed_t) ? s->highest_t : s->missed_t;
}

bool dmk_state_warn(struct dmk_state *s, const uint8_t item[DMK_HASH_LEN], int days,
		    time_t expires)
{
	if (!begin(s))
		return true;
	sqlite3_bind_blob(s->put_warned, 1, item, DMK_HASH_LEN, SQLITE_STATIC);
	sqlite3_bind_int(s->put_warned, 2, days);
	sqlite3_bind_int64(s->put_warned, 3, expires);
	execute(s, s->put_warned);
	return sqlite3_changes(s->db);
}

void dmk_state_forget_roles(struct dmk_state *s)
{
	if (begin(s) && !run(s, "DELETE FROM responder"))
		s->failed = true;
}

/* NULL is none */
static void bind_der(sqlite3_stmt *stmt, int n, const struct dmk_der *d)
{
	if (d)
		sqlite3_bind_blob(stmt, n, d->data, d->len, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(stmt, n);
}

void dmk_state_role(struct dmk_state *s, const uint8_t hash[DMK_HASH_LEN],
		    const struct dmk_der *cert, const struct dmk_der *before)
{
	if (!begin(s))
		return;
	sqlite3_bind_blob(s->put_role, 1, hash, DMK_HASH_LEN, SQLITE_TRANSIENT);
	bind_der(s->put_role, 2, cert);
	bind_der(s->put_role, 3, before);
	execute(s, s->put_role);
}

static struct dmk_der *column_der(sqlite3_stmt *stmt, int n)
{
	const void *data = sqlite3_column_blob(stmt, n);

	return data ? dmk_der_new(data, sqlite3_column_bytes(stmt, n)) : NULL;
}

bool dmk_state_role_of(struct dmk_state *s, const uint8_t hash[DMK_HASH_LEN],
		       struct dmk_der **cert, struct dmk_der **before)
{
	int step;

	sqlite3_bind_blob(s->get_role, 1, hash, DMK_HASH_LEN, SQLITE_TRANSIENT);
	step = sqlite3_step(s->get_role);
	if (step == SQLITE_ROW) {
		*cert = column_der(s->get_role, 0);
		*before = column_der(s->get_role, 1);
	} else if (step != SQLITE_DONE) {
		complain(s);
	}
	sqlite3_reset(s->get_role);
	return step == SQLITE_ROW;
}

int dmk_state_due(const struct dmk_state *s)
{
	long long left;

	if (!s->since)
		return -1;
	left = s->since + WAIT_MS - dmk_state_now();
	return left < 0 ? 0 : left > WAIT_MS ? WAIT_MS : left;
}

bool dmk_state_flush(struct dmk_state *s)
{
	bool good = !s->failed;

	s->failed = false;
	if (!s->since)
		return good;
	s->since = 0;
	if (run(s, "COMMIT"))
		return good;
	run(s, "ROLLBACK");
	return false;
}
