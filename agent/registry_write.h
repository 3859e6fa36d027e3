/* SPDX-License-Identifier: GPL-2.0 */
/* The registry's other side: who changes it. */
#ifndef DMK_AGENT_REGISTRY_WRITE_H
#define DMK_AGENT_REGISTRY_WRITE_H

#include <stdio.h>

#include "registry.h"

/**
 * struct dmk_registry_writer - a registry that is changed
 * @db: the database
 * @put: adds a sensor, or changes it
 * @type: the type of the sensor that has some octets
 * @given: notes an identity in an import
 */
struct dmk_registry_writer {
	sqlite3 *db;
	sqlite3_stmt *put;
	sqlite3_stmt *type;
	sqlite3_stmt *given;
};

/* opens or makes DIR/registry.db; false with what is wrong */
bool dmk_registry_writer_open(struct dmk_registry_writer *w, const char *dir,
			      char why[DMK_DB_WHY]);
void dmk_registry_writer_close(struct dmk_registry_writer *w);

/* A transaction: nobody else writes meanwhile, and what is not committed has not been. */
bool dmk_registry_begin(struct dmk_registry_writer *w, char why[DMK_DB_WHY]);
bool dmk_registry_commit(struct dmk_registry_writer *w, char why[DMK_DB_WHY]);
void dmk_registry_rollback(struct dmk_registry_writer *w);

enum dmk_registry_change {
	DMK_REGISTRY_ERROR,		/* of the database: the transaction is lost */
	DMK_REGISTRY_WRONG,		/* the sensor is refused */
	DMK_REGISTRY_SAME,
	DMK_REGISTRY_ADDED,
	DMK_REGISTRY_CHANGED,
};

/**
 * dmk_registry_put() - add a sensor, or change it
 * @w: in a transaction
 * @text: its columns
 * @s: the sensor
 * @why: if it fails, what is wrong
 */
enum dmk_registry_change dmk_registry_put(struct dmk_registry_writer *w,
					  const char *const text[DMK_COLUMNS],
					  struct dmk_registered *s, char why[DMK_DB_WHY]);

/* Each is one statement, which a transaction may be around. Return: rows that
 * changed, -1 with what is wrong.
 */
int dmk_registry_remove(struct dmk_registry_writer *w, const struct dmk_identity *id,
			char why[DMK_DB_WHY]);
int dmk_registry_deny(struct dmk_registry_writer *w, const struct dmk_identity *id,
		      const char *reason, char why[DMK_DB_WHY]);
int dmk_registry_allow(struct dmk_registry_writer *w, const struct dmk_identity *id,
		       char why[DMK_DB_WHY]);

/**
 * struct dmk_registry_import - what an import has done, or would have
 * @added: sensors that were not there
 * @changed: that were there with other values
 * @same: that were there as they are
 * @bad: rows that are wrong: if there are any, the registry is as before
 */
struct dmk_registry_import {
	unsigned long added;
	unsigned long changed;
	unsigned long same;
	unsigned long bad;
};

/**
 * dmk_registry_import() - add what a CSV file has, all of it or nothing
 * @w: in a transaction
 * @f: the file; its first row names the columns
 * @name: the file's name, for @complain
 * @n: counts
 * @complain: is told what is wrong, with the row
 *
 * Return: whether everything was taken.
 */
bool dmk_registry_import(struct dmk_registry_writer *w, FILE *f, const char *name,
			 struct dmk_registry_import *n, void (*complain)(const char *text));

/**
 * dmk_registry_export() - the whole registry as such a file
 * @w: the registry
 * @id: only this sensor; NULL: all
 * @f: where to
 * @why: if it fails, what is wrong
 *
 * Return: rows, -1 on failure.
 */
long dmk_registry_export(struct dmk_registry_writer *w, const struct dmk_identity *id, FILE *f,
			 char why[DMK_DB_WHY]);

/* the deny list, as identity,since,reason; the same */
long dmk_registry_export_denied(struct dmk_registry_writer *w, FILE *f, char why[DMK_DB_WHY]);

#endif
