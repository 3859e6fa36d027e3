// SPDX-License-Identifier: GPL-2.0
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "crypto_openssl.h"
#include "provision.h"

const char *argp_program_version = "dmikey-provision (key sector 1, log 1)";

static const char doc[] =
	"Makes what a sensor's board has to know: its identity, its keys, its counter.\v"
	"Without --flash, --read-back, --erase or --show it makes keys.bin, log.bin and the "
	"configuration fragments in DIR. It never prints a key.\n"
	"\n"
	"Exit status: 0 done, and all is as it should be; 1 refused or failed; 2 usage.";

enum {
	OPT_DEV = 256, OPT_FORCE, OPT_COUNTER, OPT_FLASH, OPT_READ_BACK, OPT_ERASE, OPT_SHOW,
	OPT_IMAGE,
	EXIT_USAGE = 2,
};

static const struct argp_option options[] = {
	{ "config", 'c', "FILE", 0, "the sensor's configuration, as dmikey-sensor's", 1 },
	{ "board", 'b', "NAME", 0, "f405 or f100", 1 },
	{ "directory", 'o', "DIR", 0, "where keys.bin and log.bin are", 1 },
	{ "dev", OPT_DEV, NULL, 0, "make development keys, which everybody knows", 2 },
	{ "counter", OPT_COUNTER, "N", 0, "the sensor has used no counter above N", 2 },
	{ "force", OPT_FORCE, NULL, 0, "overwrite, erase", 2 },
	{ "flash", OPT_FLASH, NULL, 0, "write DIR to the board; its counter goes on", 3 },
	{ "read-back", OPT_READ_BACK, NULL, 0,
	  "say what is on the board, and whether its keys are those of DIR", 3 },
	{ "erase", OPT_ERASE, NULL, 0, "erase keys and counter of the board", 3 },
	{ "show", OPT_SHOW, "FILE", 0, "say what is in keys.bin, log.bin or an image", 3 },
	{ "image", OPT_IMAGE, "FILE", 0, "a file instead of a board: log A, log B, keys", 3 },
	{ 0 }
};

static const struct provision_board *find_board(struct argp_state *state, const char *name)
{
	const struct provision_board *b;

	for (b = provision_boards; b->name; b++)
		if (!strcmp(b->name, name))
			return b;
	argp_error(state, "board '%s' is unknown", name);
	return NULL;
}

static u32 parse_counter(struct argp_state *state, const char *text)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || v > 0xffffffff)
		argp_error(state, "'%s' is not a number from 0 to 4294967295", text);
	return v;
}

static void check_args(struct argp_state *state, const struct provision_args *a)
{
	bool make = !a->flash && !a->read_back && !a->erase && !a->show;

	if (a->flash + a->read_back + a->erase + !!a->show > 1)
		argp_error(state, "one of --flash, --read-back, --erase and --show");
	if (!a->show && !a->board)
		argp_error(state, "--board is needed");
	if (make && (!a->config || a->image))
		argp_error(state, "--config is needed; --image goes with --flash");
	if (!make && (a->config || a->dev))
		argp_error(state, "--config and --dev are for making keys");
	if ((make || a->flash) && !a->directory)
		argp_error(state, "--directory is needed");
	if (a->has_counter && !make && !a->flash)
		argp_error(state, "--counter is for making keys and for --flash");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct provision_args *a = state->input;

	switch (key) {
	case 'c': a->config = arg; break;
	case 'b': a->board = find_board(state, arg); break;
	case 'o': a->directory = arg; break;
	case OPT_DEV: a->dev = true; break;
	case OPT_FORCE: a->force = true; break;
	case OPT_FLASH: a->flash = true; break;
	case OPT_READ_BACK: a->read_back = true; break;
	case OPT_ERASE: a->erase = true; break;
	case OPT_SHOW: a->show = arg; break;
	case OPT_IMAGE: a->image = arg; break;
	case OPT_COUNTER:
		a->has_counter = true;
		a->counter = parse_counter(state, arg);
		break;
	case ARGP_KEY_ARG: argp_error(state, "'%s' is too much", arg); break;
	case ARGP_KEY_END: check_args(state, a); break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* ---- what DIR holds */

static bool read_keys(struct provision *p, struct provision_flash *f, struct dmk_blob *b)
{
	const struct provision_args *a = &p->args;
	enum dmk_blob_status status;
	size_t len;

	memset(f->keys, 0xff, sizeof(f->keys));
	if (!provision_read(a->directory, "keys.bin", f->keys, a->board->keys_size, &len))
		return false;
	status = dmk_blob_parse(p->crypto, f->keys, a->board->keys_size, b);
	return status == DMK_BLOB_OK ||
	       provision_wrong("%s/keys.bin: %s", a->directory, dmk_blob_name(status));
}

static bool read_log(struct provision *p, struct provision_flash *f, u64 *counter)
{
	const struct provision_args *a = &p->args;
	size_t len;
	bool seed;

	if (!provision_read(a->directory, "log.bin", f->log, 2 * a->board->log_size, &len))
		return false;
	if (len != 2 * a->board->log_size ||
	    provision_log_read(a->board, f->log, counter, &seed) != PROVISION_LOG_GOOD)
		return provision_wrong("%s/log.bin: no good log of a %s", a->directory,
				       a->board->name);
	return true;
}

static u64 greater(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* ---- make */

/* a counter or a generation that was there before goes on; it is never begun anew */
static bool go_on(struct provision *p, u64 *counter, u32 *generation)
{
	const struct provision_args *a = &p->args;
	bool keys = provision_exists(a->directory, "keys.bin");
	bool log = provision_exists(a->directory, "log.bin");
	struct dmk_blob b;

	*counter = a->counter;
	*generation = 1;
	if (mkdir(a->directory, 0700) && errno != EEXIST)
		return provision_wrong("%s: %s", a->directory, strerror(errno));
	if (!keys && !log)
		return true;
	if (!a->force)
		return provision_wrong("%s holds keys already: --force makes them anew",
				       a->directory);
	if (log && !read_log(p, &p->there, counter)) {
		if (!a->has_counter)
			return provision_wrong("where the counter goes on is unknown: --counter");
		*counter = 0;
	}
	*counter = greater(*counter, a->counter);
	if (keys && read_keys(p, &p->there, &b))
		*generation = b.generation + 1;
	return true;
}

static int make(struct provision *p)
{
	const struct sensor_args file = { .file = p->args.config };
	const struct provision_args *a = &p->args;
	u32 generation;
	u64 counter;

	if (!sensor_conf_read(&file, &p->conf) || !go_on(p, &counter, &generation) ||
	    !provision_psks(p) || !provision_keys(p, generation) ||
	    !provision_log_make(a->board, counter, p->flash.log) ||
	    !provision_write(a->directory, "keys.bin", p->flash.keys, a->board->keys_size) ||
	    !provision_write(a->directory, "log.bin", p->flash.log, 2 * a->board->log_size) ||
	    !provision_fragments(p))
		return EXIT_FAILURE;
	printf("written: %s/keys.bin, log.bin%s\ncounter: goes on from %llu\n", a->directory,
	       a->dev ? ": DEVELOPMENT KEYS" : "", (unsigned long long)counter);
	return EXIT_SUCCESS;
}

/* ---- the board */

/* The counter of the board goes on. A seed is drawn each time: that of log.bin
 * may have been used.
 */
static bool renew_log(struct provision *p)
{
	const struct provision_args *a = &p->args;
	u64 counter, there;
	bool seed;

	if (!read_log(p, &p->flash, &counter))
		return false;
	if (provision_log_read(a->board, p->there.log, &there, &seed) == PROVISION_LOG_DAMAGED &&
	    !a->has_counter)
		return provision_wrong("the board's log is damaged; where its counter goes on is "
				       "unknown: --counter");
	counter = greater(greater(counter, there), a->counter);
	printf("counter: goes on from %llu\n", (unsigned long long)counter);
	return provision_log_make(a->board, counter, p->flash.log);
}

static int flash(struct provision *p)
{
	const struct provision_args *a = &p->args;
	struct dmk_blob b;

	if (!read_keys(p, &p->flash, &b) || !provision_target_read(a, &p->there) ||
	    !renew_log(p) || !provision_target_write(a, &p->flash) ||
	    !provision_target_read(a, &p->there))
		return EXIT_FAILURE;
	if (memcmp(p->there.keys, p->flash.keys, a->board->keys_size) ||
	    memcmp(p->there.log, p->flash.log, 2 * a->board->log_size)) {
		provision_complain("the board does not hold what was written");
		return EXIT_FAILURE;
	}
	printf("written and verified: %s\n", a->image ? a->image : a->board->name);
	return EXIT_SUCCESS;
}

static bool same_keys(struct provision *p)
{
	const struct provision_args *a = &p->args;
	struct dmk_blob b;

	if (!a->directory)
		return true;
	if (!read_keys(p, &p->flash, &b))
		return false;
	if (memcmp(p->flash.keys, p->there.keys, a->board->keys_size))
		return provision_wrong("the keys are not those of %s", a->directory);
	printf("the keys are those of %s\n", a->directory);
	return true;
}

static int read_back(struct provision *p)
{
	const struct provision_args *a = &p->args;
	bool good;

	if (!provision_target_read(a, &p->there))
		return EXIT_FAILURE;
	good = provision_show_keys(p, p->there.keys, a->board->keys_size);
	good &= provision_show_log(a->board, p->there.log);
	return good && same_keys(p) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int erase(struct provision *p)
{
	const struct provision_args *a = &p->args;
	u64 counter;
	bool seed;

	if (!a->force) {
		provision_complain("--erase takes keys and counter: --force if that is meant");
		return EXIT_FAILURE;
	}
	if (!provision_target_read(a, &p->there))
		return EXIT_FAILURE;
	if (provision_log_read(a->board, p->there.log, &counter, &seed) == PROVISION_LOG_GOOD)
		printf("no counter above %llu was used: if the keys are used again, say "
		       "--counter %llu\n", (unsigned long long)counter,
		       (unsigned long long)counter);
	if (!provision_target_erase(a))
		return EXIT_FAILURE;
	puts("erased");
	return EXIT_SUCCESS;
}

static int run(struct provision *p)
{
	if (p->args.show)
		return provision_show_file(p, p->args.show) ? EXIT_SUCCESS : EXIT_FAILURE;
	if (p->args.flash)
		return flash(p);
	if (p->args.read_back)
		return read_back(p);
	if (p->args.erase)
		return erase(p);
	return make(p);
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse_option, NULL, doc, 0, 0, 0 };
	static struct provision p;
	int status = EXIT_FAILURE;

	prctl(PR_SET_DUMPABLE, 0);
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &p.args);
	p.crypto = dmk_crypto_openssl_new();
	if (p.crypto)
		status = run(&p);
	else
		provision_complain("OpenSSL lacks an algorithm");
	dmk_crypto_openssl_free(p.crypto);
	sensor_conf_wipe(&p.conf);
	dmk_wipe(&p.flash, sizeof(p.flash));
	dmk_wipe(&p.there, sizeof(p.there));
	return status;
}
