// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"

#define BUSY_MS	5000	/* who writes is waited for that long */

__attribute__((format(printf, 2, 3)))
static bool refuse(char why[DMK_DB_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, DMK_DB_WHY, fmt, ap);
	va_end(ap);
	return false;
}

bool dmk_db_why(sqlite3 *db, char why[DMK_DB_WHY])
{
	int error = sqlite3_system_errno(db);

	switch (sqlite3_errcode(db)) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return refuse(why, "the database is damaged (%s)", sqlite3_errmsg(db));
	case SQLITE_FULL:
		return refuse(why, "no space is left for it");
	case SQLITE_BUSY:
		return refuse(why, "another program is writing to it; try again");
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
		return refuse(why, "%s%s%s", sqlite3_errmsg(db), error ? ": " : "",
			      error ? strerror(error) : "");
	}
	return refuse(why, "%s", sqlite3_errmsg(db));
}

static bool run(sqlite3 *db, const char *sql, char why[DMK_DB_WHY])
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || dmk_db_why(db, why);
}

/* the value of a pragma, or of any other statement with one number */
static bool number(sqlite3 *db, const char *sql, int *value, char why[DMK_DB_WHY])
{
	sqlite3_stmt *stmt;
	bool good;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return dmk_db_why(db, why);
	good = sqlite3_step(stmt) == SQLITE_ROW || dmk_db_why(db, why);
	if (good)
		*value = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return good;
}

static bool is_known(int version, const struct dmk_db_schema *schema, char why[DMK_DB_WHY])
{
	return version <= schema->n ||
	       refuse(why, "it has version %d, and this program knows up to %d", version,
		      schema->n);
}

/* another program may have been faster: the version counts that is there when
 * nobody else can write any more
 */
static bool migrate(sqlite3 *db, const struct dmk_db_schema *schema, char why[DMK_DB_WHY])
{
	char set[64];
	int version;
	bool good;

	if (!run(db, "BEGIN IMMEDIATE", why))
		return false;
	good = number(db, "PRAGMA user_version", &version, why) &&
	       is_known(version, schema, why);
	for (; good && version < schema->n; version++)
		good = run(db, schema->steps[version], why);
	snprintf(set, sizeof(set), "PRAGMA user_version = %d", schema->n);
	good = good && run(db, set, why) && run(db, "COMMIT", why);
	if (!good)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return good;
}

/* Root may look after the files of an agent that is another user: they get the
 * directory's owner. SQLite gives its own files beside it the same one.
 */
static bool make_file(const char *path, char why[DMK_DB_WHY])
{
	char copy[PATH_MAX];
	struct stat dir, file;
	int fd;
	bool good;

	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno == EEXIST || refuse(why, "%s", strerror(errno));
	snprintf(copy, sizeof(copy), "%s", path);
	good = !stat(dirname(copy), &dir) && !fstat(fd, &file) &&
	       (dir.st_uid == file.st_uid || geteuid() ||
		!fchown(fd, dir.st_uid, dir.st_gid));
	if (!good)
		refuse(why, "%s", strerror(errno));
	close(fd);
	return good;
}

static bool open_file(const char *path, int flags, sqlite3 **db, char why[DMK_DB_WHY])
{
	if (sqlite3_open_v2(path, db, flags, NULL) != SQLITE_OK) {
		if (*db)
			return dmk_db_why(*db, why);
		return refuse(why, "out of memory");
	}
	sqlite3_busy_timeout(*db, BUSY_MS);
	return true;
}

static bool drop(sqlite3 **db)
{
	sqlite3_close(*db);
	*db = NULL;
	return false;
}

bool dmk_db_open(const char *path, const struct dmk_db_schema *schema, sqlite3 **db,
		 char why[DMK_DB_WHY])
{
	int version;

	*db = NULL;
	if (make_file(path, why) && open_file(path, SQLITE_OPEN_READWRITE, db, why) &&
	    run(*db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", why) &&
	    number(*db, "PRAGMA user_version", &version, why) &&
	    is_known(version, schema, why) &&
	    (version == schema->n || migrate(*db, schema, why)))
		return true;
	return drop(db);
}

bool dmk_db_open_reader(const char *path, const struct dmk_db_schema *schema, sqlite3 **db,
			char why[DMK_DB_WHY])
{
	int version;

	*db = NULL;
	if (!open_file(path, SQLITE_OPEN_READONLY, db, why) ||
	    !number(*db, "PRAGMA user_version", &version, why) ||
	    !is_known(version, schema, why))
		return drop(db);
	if (version == schema->n)
		return true;
	refuse(why, "it has version %d, this program %d: any command that writes to it "
	       "brings it up", version, schema->n);
	return drop(db);
}

bool dmk_db_check(sqlite3 *db, char why[DMK_DB_WHY])
{
	const char *says = NULL;
	sqlite3_stmt *stmt;
	bool good;

	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &stmt, NULL) != SQLITE_OK)
		return dmk_db_why(db, why);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		says = (const char *)sqlite3_column_text(stmt, 0);
	good = says && !strcmp(says, "ok");
	if (says && !good)
		refuse(why, "the database is damaged (%s)", says);
	else if (!says)
		dmk_db_why(db, why);
	sqlite3_finalize(stmt);
	return good;
}
