// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's configuration: agent/options.c, config*.c, words.c, identity.c. Input:
 * the file. It runs in an empty directory of its own, so that there is nothing that
 * the files it names could be.
 */
#include <unistd.h>

#include "../../agent/config.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

static char dir[] = "/tmp/dmikey-fuzz-XXXXXX";

static void remove_dir(void)
{
	unlink("dmikey.conf");
	rmdir(dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (!mkdtemp(dir) || chdir(dir))
		abort();
	atexit(remove_dir);
	return 0;
}

static void look(struct dmk_config *c)
{
	struct dmk_identity id;

	if (dmk_identity_parse("sensor1@net.example", &id)) {
		dmk_config_sensor(c, &id);
		dmk_config_denies(c, &id);
	}
	must(c->n_locals <= DMK_CONFIG_LOCALS);
	dmk_config_judge(c);
	dmk_config_expiry(c);
	dmk_config_free(c);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	FILE *f = fopen("dmikey.conf", "w");
	struct dmk_config *c;

	if (!f || fwrite(data, 1, len, f) != len || fclose(f))
		abort();
	c = dmk_config_load("dmikey.conf");
	if (c)
		look(c);
	return 0;
}
