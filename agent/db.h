/* SPDX-License-Identifier: GPL-2.0 */
/* SQLite as all databases of the agent use it. */
#ifndef DMK_AGENT_DB_H
#define DMK_AGENT_DB_H

#include <stdbool.h>
#include <stddef.h>

#include <sqlite3.h>

#define DMK_DB_WHY	384	/* bytes of a sentence that says what is wrong */

/**
 * struct dmk_db_schema - a schema with its history
 * @steps: SQL that makes version i + 1 of version i; version 0 is an empty file
 * @n: the version of this program
 */
struct dmk_db_schema {
	const char *const *steps;
	int n;
};

/**
 * dmk_db_open() - open a database, make it, or bring it to this version
 * @path: the file; its owner becomes that of its directory
 * @schema: what it should be
 * @db: the result, for sqlite3_close()
 * @why: if it fails, what is wrong
 *
 * It is in WAL mode: who reads does not wait for who writes. All steps are one
 * transaction, so that a migration that fails has not been.
 */
bool dmk_db_open(const char *path, const struct dmk_db_schema *schema, sqlite3 **db,
		 char why[DMK_DB_WHY]);

/**
 * dmk_db_open_reader() - open a database that somebody else writes
 * @path: the file
 * @schema: what it has to be exactly
 * @db: the result, for sqlite3_close()
 * @why: if it fails, what is wrong
 */
bool dmk_db_open_reader(const char *path, const struct dmk_db_schema *schema, sqlite3 **db,
			char why[DMK_DB_WHY]);

/* what SQLite's last error means for the administrator; always false */
bool dmk_db_why(sqlite3 *db, char why[DMK_DB_WHY]);

/**
 * dmk_db_check() - look through the whole file
 * @db: the database
 * @why: if it is damaged, how
 */
bool dmk_db_check(sqlite3 *db, char why[DMK_DB_WHY]);

#endif
