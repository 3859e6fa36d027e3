// SPDX-License-Identifier: GPL-2.0
/*
 * The registry as CSV: agent/registry_csv.c, and registry.c, which reads a row. Input:
 * the file. What is taken is written again, and taken as the same.
 */
#include <unistd.h>

#include "../../agent/registry_write.h"
#include "fuzz.h"

static struct dmk_registry_writer writer;
static char dir[] = "/tmp/dmikey-fuzz-XXXXXX";

static void end(void)
{
	static const char *const files[] = {
		"registry.db", "registry.db-wal", "registry.db-shm",
	};
	unsigned int i;
	char path[64];

	dmk_registry_writer_close(&writer);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	rmdir(dir);
}

static void begin(void)
{
	char why[DMK_DB_WHY];

	if (!writer.db) {
		if (!mkdtemp(dir) || !dmk_registry_writer_open(&writer, dir, why))
			abort();
		atexit(end);
	}
	if (!dmk_registry_begin(&writer, why))
		abort();
}

static void complain(const char *text)
{
	must(strlen(text) < DMK_DB_WHY + 256);
}

static bool import(const void *data, size_t len, struct dmk_registry_import *n)
{
	FILE *f = fmemopen((void *)data, len, "r");
	bool good;

	if (!f)
		abort();
	good = dmk_registry_import(&writer, f, "input", n, complain);
	fclose(f);
	return good;
}

static void there_and_back(const struct dmk_registry_import *n)
{
	struct dmk_registry_import m;
	char why[DMK_DB_WHY], *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	must(dmk_registry_export(&writer, NULL, f, why) == (long)n->added);
	fclose(f);
	dmk_registry_rollback(&writer);
	begin();
	must(import(text, len, &m) && m.added == n->added);
	free(text);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct dmk_registry_import n;

	if (!len)
		return 0;
	begin();
	if (import(data, len, &n)) {
		must(!n.bad && !n.changed && !n.same);
		there_and_back(&n);
	}
	dmk_registry_rollback(&writer);
	return 0;
}
