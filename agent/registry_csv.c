// SPDX-License-Identifier: GPL-2.0
/* The registry as CSV (RFC 4180), which libcsv reads and writes. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "../kmod/uapi/dmikey.h"
#include "registry_write.h"

#define COMPLAINTS	20	/* rows that are named; all are counted */
#define FIELD_MAX	(DMK_REGISTRY_TEXT - 1)

/**
 * struct import - an import on its way
 * @w: the registry
 * @name: the file's name
 * @n: counts
 * @complain: is told what is wrong
 * @row: of the file, from 1
 * @column: what each field of a row is
 * @columns: how many there are; 0: the first row is not over
 * @field: the field that comes next
 * @text: those of this row
 * @buffer: where they are
 * @failed: this row is bad already
 * @stop: no further row is looked at
 */
struct import {
	struct dmk_registry_writer *w;
	const char *name;
	struct dmk_registry_import *n;
	void (*complain)(const char *text);
	unsigned long row;
	enum dmk_column column[DMK_COLUMNS];
	unsigned int columns;
	unsigned int field;
	const char *text[DMK_COLUMNS];
	char buffer[DMK_COLUMNS][DMK_REGISTRY_TEXT];
	bool failed;
	bool stop;
};

__attribute__((format(printf, 2, 3)))
static void complain(struct import *i, const char *fmt, ...)
{
	char why[DMK_DB_WHY], text[DMK_DB_WHY + 256];
	va_list ap;

	i->failed = true;
	if (i->n->bad >= COMPLAINTS)
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(text, sizeof(text), "%.200s: row %lu: %s", i->name, i->row, why);
	i->complain(text);
}

static bool has(const struct import *i, enum dmk_column c)
{
	unsigned int f;

	for (f = 0; f < i->field && f < DMK_COLUMNS; f++)
		if (i->column[f] == c)
			return true;
	return false;
}

static void take_name(struct import *i, const char *name)
{
	int c;

	for (c = 0; c < DMK_COLUMNS; c++)
		if (!strcmp(dmk_registry_columns[c], name))
			break;
	if (c == DMK_COLUMNS)
		complain(i, "there is no column \"%.64s\"", name);
	else if (has(i, c))
		complain(i, "column %s is there twice", name);
	else
		i->column[i->field] = c;
}

static void take_field(struct import *i, const char *data, size_t len)
{
	enum dmk_column c = i->column[i->field];

	if (len > FIELD_MAX) {
		complain(i, "%s: more than %d bytes", dmk_registry_columns[c], FIELD_MAX);
		return;
	}
	if (memchr(data, '\0', len)) {
		complain(i, "%s: there is a NUL in it", dmk_registry_columns[c]);
		return;
	}
	memcpy(i->buffer[c], data, len);
	i->buffer[c][len] = '\0';
	i->text[c] = i->buffer[c];
}

static void end_field(void *data, size_t len, void *arg)
{
	struct import *i = arg;

	if (i->stop)
		return;
	if (i->field >= (i->columns ? i->columns : DMK_COLUMNS))
		complain(i, "it has too many fields");
	else if (i->columns)
		take_field(i, data, len);
	else
		take_name(i, data);
	i->field++;
}

static void end_names(struct import *i)
{
	if (!i->failed && !has(i, DMK_COLUMN_IDENTITY))
		complain(i, "it is the first one and names no column identity");
	i->columns = i->field;
	i->stop = i->failed;
}

/* an identity that stands twice in a file is a mistake in one of the two places */
static bool is_new(struct import *i, const struct dmk_identity *id)
{
	bool is;

	sqlite3_bind_text(i->w->given, 1, id->data, id->len, SQLITE_STATIC);
	is = sqlite3_step(i->w->given) == SQLITE_DONE;
	sqlite3_reset(i->w->given);
	return is;
}

/* Behind an error of the database there may be no transaction any more: then the
 * next row would be there for good.
 */
static void take_row(struct import *i)
{
	struct dmk_registered s;
	char why[DMK_DB_WHY];

	switch (dmk_registry_put(i->w, i->text, &s, why)) {
	case DMK_REGISTRY_ADDED:
		i->n->added++;
		break;
	case DMK_REGISTRY_CHANGED:
		i->n->changed++;
		break;
	case DMK_REGISTRY_SAME:
		i->n->same++;
		break;
	case DMK_REGISTRY_ERROR:
		i->stop = true;
		complain(i, "%s", why);
		return;
	case DMK_REGISTRY_WRONG:
		complain(i, "%s", why);
		return;
	}
	if (!is_new(i, &s.id))
		complain(i, "\"%s\" stands there twice", s.id.data);
}

static void end_row(int last, void *arg)
{
	struct import *i = arg;

	(void)last;
	if (i->stop)
		return;
	if (!i->columns) {
		end_names(i);
	} else if (!i->failed) {
		if (i->field < i->columns)
			complain(i, "it has %u fields, not %u", i->field, i->columns);
		else
			take_row(i);
	}
	i->n->bad += i->failed;
	i->failed = false;
	i->field = 0;
	i->row++;
	memset(i->text, 0, sizeof(i->text));
}

static bool parse(struct import *i, FILE *f)
{
	struct csv_parser p;
	char data[65536];
	size_t len;
	bool good = true;

	if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL))
		abort();
	while (good && !i->stop && (len = fread(data, 1, sizeof(data), f)))
		good = csv_parse(&p, data, len, end_field, end_row, i) == len;
	good = good && (i->stop || !csv_fini(&p, end_field, end_row, i));
	if (!good)
		complain(i, "its quotes are wrong");
	csv_free(&p);
	return good;
}

bool dmk_registry_import(struct dmk_registry_writer *w, FILE *f, const char *name,
			 struct dmk_registry_import *n, void (*complain_to)(const char *text))
{
	struct import *i = calloc(1, sizeof(*i));
	bool good;

	if (!i)
		abort();
	memset(n, 0, sizeof(*n));
	i->w = w;
	i->name = name;
	i->n = n;
	i->complain = complain_to;
	i->row = 1;
	if (!parse(i, f))
		n->bad++;
	if (ferror(f)) {
		complain(i, "%s", strerror(errno));
		n->bad++;
	} else if (!n->bad && !i->columns) {
		complain(i, "it is empty: the first row names the columns");
		n->bad++;
	}
	good = !n->bad;
	free(i);
	return good;
}

/* ---- and back */

static void put_field(FILE *f, const char *text, const char *end)
{
	if (text && strpbrk(text, ",\" "))
		csv_fwrite(f, text, strlen(text));
	else if (text)
		fputs(text, f);
	fputs(end, f);
}

static void put_identity(FILE *f, sqlite3_stmt *stmt)
{
	struct dmk_identity id;
	char text[DMK_IDENTITY_TEXT];

	dmk_identity_set(&id, sqlite3_column_int(stmt, 1), sqlite3_column_text(stmt, 0),
			 sqlite3_column_bytes(stmt, 0));
	put_field(f, dmk_identity_text(&id, text), ",");
}

static const char *suites(int bits)
{
	return bits == DMK_SUITE_CCM ? "ccm" : bits == DMK_SUITE_CM ? "cm" : "ccm cm";
}

static void put_row(FILE *f, sqlite3_stmt *stmt)
{
	const char *master = (const char *)sqlite3_column_text(stmt, 3);
	char generation[16] = "";

	if (master)
		snprintf(generation, sizeof(generation), "%lld", sqlite3_column_int64(stmt, 4));
	put_identity(f, stmt);
	put_field(f, (const char *)sqlite3_column_text(stmt, 2), ",");
	put_field(f, master, ",");
	put_field(f, generation, ",");
	put_field(f, sqlite3_column_int(stmt, 5) ? "counter" : "ntp", ",");
	put_field(f, suites(sqlite3_column_int(stmt, 6)), ",");
	put_field(f, (const char *)sqlite3_column_text(stmt, 7), ",");
	put_field(f, (const char *)sqlite3_column_text(stmt, 8), "\n");
}

static void put_denied(FILE *f, sqlite3_stmt *stmt)
{
	put_identity(f, stmt);
	put_field(f, (const char *)sqlite3_column_text(stmt, 2), ",");
	put_field(f, (const char *)sqlite3_column_text(stmt, 3), "\n");
}

/* @sql: with one identity for ?1, ?2 if there is one */
static long export(struct dmk_registry_writer *w, const char *sql,
		   const struct dmk_identity *id, FILE *f,
		   void (*put)(FILE *f, sqlite3_stmt *stmt), char why[DMK_DB_WHY])
{
	sqlite3_stmt *stmt;
	long rows = 0;
	int ret;

	ret = sqlite3_prepare_v2(w->db, sql, -1, &stmt, NULL);
	if (ret == SQLITE_OK && id) {
		sqlite3_bind_text(stmt, 1, id->data, id->len, SQLITE_STATIC);
		sqlite3_bind_int(stmt, 2, id->type);
	}
	while (stmt && (ret = sqlite3_step(stmt)) == SQLITE_ROW) {
		put(f, stmt);
		rows++;
	}
	sqlite3_finalize(stmt);
	if (ret != SQLITE_DONE) {
		dmk_db_why(w->db, why);
		return -1;
	}
	return rows;
}

long dmk_registry_export(struct dmk_registry_writer *w, const struct dmk_identity *id, FILE *f,
			 char why[DMK_DB_WHY])
{
	int i;

	for (i = 0; i < DMK_COLUMNS; i++)
		fprintf(f, "%s%c", dmk_registry_columns[i], i + 1 < DMK_COLUMNS ? ',' : '\n');
	return export(w, id ? "SELECT * FROM sensor WHERE id = ?1 AND type = ?2" :
		      "SELECT * FROM sensor", id, f, put_row, why);
}

long dmk_registry_export_denied(struct dmk_registry_writer *w, FILE *f, char why[DMK_DB_WHY])
{
	fputs("identity,since,reason\n", f);
	return export(w, "SELECT id, type, since, reason FROM denied", NULL, f, put_denied, why);
}
