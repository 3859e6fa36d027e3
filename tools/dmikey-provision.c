// SPDX-License-Identifier: GPL-2.0
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "crypto_openssl.h"
#include "provision.h"
#include "stamp.h"

const char *argp_program_version = "dmikey-provision (key sector 1, log 1)";

static const char doc[] =
	"Makes what a sensor's board has to know: its identity, its keys, its counter.\v"
	"Without --flash, --read-back, --erase or --show it makes keys.bin, log.bin and the "
	"configuration fragments in DIR. It never prints a key.\n"
	"\n"
	"Exit status: 0 done, and all is as it should be; 1 refused or failed; 2 usage.";

enum {
	OPT_DEV = 256, OPT_FORCE, OPT_COUNTER, OPT_FLASH, OPT_READ_BACK, OPT_ERASE, OPT_SHOW,
	OPT_IMAGE, OPT_MASTER, OPT_GENERATION,
	EXIT_USAGE = 2,
};

#define COUNTER_MAX	0xffffffffULL
#define COUNTER_MARGIN	(64 * DMK_STAMP_AHEAD_COUNTER)	/* as many starts */

static const struct argp_option options[] = {
	{ "config", 'c', "FILE", 0, "the sensor's configuration, as dmikey-sensor's", 1 },
	{ "board", 'b', "NAME", 0, "f405 or f100", 1 },
	{ "directory", 'o', "DIR", 0, "where keys.bin and log.bin are", 1 },
	{ "dev", OPT_DEV, NULL, 0, "make development keys, which everybody knows", 2 },
	{ "counter", OPT_COUNTER, "N", 0, "the sensor has used no counter above N", 2 },
	{ "master", OPT_MASTER, "NAME=FILE", 0,
	  "derive the PSK of third party NAME from its master key", 2 },
	{ "generation", OPT_GENERATION, "N", 0, "of the master keys", 2 },
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

static u32 parse_number(struct argp_state *state, const char *text)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || v > COUNTER_MAX)
		argp_error(state, "'%s' is not a number from 0 to 4294967295", text);
	return v;
}

static void parse_master(struct argp_state *state, struct provision_args *a, char *text)
{
	struct provision_master *m = &a->master[a->masters];
	char *file = strchr(text, '=');

	if (!file || file == text || !file[1])
		argp_error(state, "--master: '%s' is not NAME=FILE", text);
	if (a->masters == SENSOR_PARTIES_MAX)
		argp_error(state, "--master: too many");
	*file = '\0';
	m->name = text;
	m->file = file + 1;
	a->masters++;
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
	if (!a->masters != !a->has_generation || (a->masters && (!make || a->dev)))
		argp_error(state, "--master and --generation go together, and without --dev");
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
	case OPT_MASTER: parse_master(state, a, arg); break;
	case OPT_GENERATION:
		a->has_generation = true;
		a->generation = parse_number(state, arg);
		break;
	case OPT_COUNTER:
		a->has_counter = true;
		a->counter = parse_number(state, arg);
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

static bool read_log(struct provision *p, struct provision_flash *f, struct provision_state *s)
{
	const struct provision_args *a = &p->args;
	size_t len;

	if (!provision_read(a->directory, "log.bin", f->log, 2 * a->board->log_size, &len))
		return false;
	return (len == 2 * a->board->log_size &&
		provision_log_read(a->board, f->log, s) == PROVISION_LOG_GOOD) ||
	       provision_wrong("%s/log.bin: no good log of a %s", a->directory,
			       a->board->name);
}

static bool write_log(struct provision *p, u64 counter, bool used)
{
	const struct provision_args *a = &p->args;

	return provision_log_make(a->board, counter, used, p->flash.log) &&
	       provision_write(a->directory, "log.bin", p->flash.log, 2 * a->board->log_size);
}

static u64 greater(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* ---- make */

/* Who says --counter knows what a board has reached; not if it is less than what
 * is known here.
 */
static bool is_told(const struct provision_args *a, const struct provision_state *s)
{
	return a->has_counter && a->counter >= s->counter;
}

static bool has_psks(const struct sensor_conf *c)
{
	unsigned int i;

	for (i = 0; i < c->m; i++)
		if (provision_exists(NULL, c->party[i].psk_file))
			return true;
	return false;
}

/* a counter or a generation that was there before goes on; it is never begun anew */
static bool go_on(struct provision *p, struct provision_state *s, u32 *generation)
{
	const struct provision_args *a = &p->args;
	bool keys = provision_exists(a->directory, "keys.bin");
	bool log = provision_exists(a->directory, "log.bin");
	struct dmk_blob b;

	*s = (struct provision_state){ 0 };
	*generation = 1;
	if ((keys || log) && !a->force)
		return provision_wrong("%s holds keys already: --force makes them anew",
				       a->directory);
	if ((keys || log) && !read_log(p, &p->there, s)) {
		if (!a->has_counter)
			return provision_wrong("where the counter goes on is unknown: --counter");
		*s = (struct provision_state){ 0 };
	}
	if (!keys && !log && !a->has_counter && has_psks(&p->conf))
		provision_complain("PSKs were there: if a board has used them, say --counter");
	s->used &= !is_told(a, s);
	s->counter = greater(s->counter, a->counter);
	if (keys && read_keys(p, &p->there, &b))
		*generation = b.generation + 1;
	return !mkdir(a->directory, 0700) || errno == EEXIST ||
	       provision_wrong("%s: %s", a->directory, strerror(errno));
}

static int make(struct provision *p)
{
	const struct sensor_args file = { .file = p->args.config };
	const struct provision_args *a = &p->args;
	struct provision_state s;
	u32 generation;

	if (!sensor_conf_read(&file, &p->conf) || !go_on(p, &s, &generation) ||
	    !provision_psks(p) || !provision_keys(p, generation) ||
	    !provision_write(a->directory, "keys.bin", p->flash.keys, a->board->keys_size) ||
	    !write_log(p, s.counter, s.used) || !provision_fragments(p))
		return EXIT_FAILURE;
	printf("written: %s/keys.bin, log.bin%s\ncounter: goes on from %llu\n", a->directory,
	       a->dev ? ": DEVELOPMENT KEYS" : "", (unsigned long long)s.counter);
	return EXIT_SUCCESS;
}

/* ---- the board */

/* whether what the board's log says is about the keys of DIR */
static bool is_sensor(struct provision *p, const struct dmk_id *idi)
{
	struct dmk_blob b;

	return dmk_blob_parse(p->crypto, p->there.keys, p->args.board->keys_size, &b) ==
	       DMK_BLOB_OK && dmk_id_equal(&b.idi, idi);
}

static bool say_unknown(const struct provision *p, const char *why, u64 counter)
{
	return provision_wrong("%s; where the counter of %s goes on is unknown, at %llu or "
			       "above: --counter", why, p->args.directory,
			       (unsigned long long)counter);
}

/* from where on T is unused, with a margin for starts that nobody has seen */
static bool find_counter(struct provision *p, const struct dmk_id *idi, u64 *counter)
{
	const struct provision_args *a = &p->args;
	struct provision_state dir, there;
	enum provision_log log = provision_log_read(a->board, p->there.log, &there);

	if (!read_log(p, &p->flash, &dir))
		return false;
	*counter = greater(greater(dir.counter, a->counter),
			   log == PROVISION_LOG_EMPTY ? 0 : there.counter + COUNTER_MARGIN);
	if (*counter > COUNTER_MAX)
		*counter = COUNTER_MAX;
	if (is_told(a, &dir))
		return true;
	if (log == PROVISION_LOG_DAMAGED)
		return say_unknown(p, "the board's log is damaged", *counter);
	if (dir.used && log == PROVISION_LOG_EMPTY)
		return say_unknown(p, "the board's log is empty", *counter);
	if (dir.used && !is_sensor(p, idi))
		return say_unknown(p, "the board was not this sensor", *counter);
	return true;
}

/* DIR's log comes first: from now on a board may go on from it. A seed is drawn
 * for each of them.
 */
static bool renew_log(struct provision *p, const struct dmk_id *idi)
{
	u64 counter;

	if (!find_counter(p, idi, &counter) || !write_log(p, counter, true))
		return false;
	printf("counter: goes on from %llu\n", (unsigned long long)counter);
	return provision_log_make(p->args.board, counter, true, p->flash.log);
}

static bool verified(struct provision *p)
{
	const struct provision_board *b = p->args.board;

	return (!memcmp(p->there.keys, p->flash.keys, b->keys_size) &&
		!memcmp(p->there.log, p->flash.log, 2 * b->log_size)) ||
	       provision_wrong("the board does not hold what was written");
}

/* a board that is not verified is not let run */
static int flash(struct provision *p)
{
	const struct provision_args *a = &p->args;
	struct provision_target t;
	struct dmk_blob b;
	bool good;

	if (!read_keys(p, &p->flash, &b) || !provision_target_open(&t, a, true))
		return EXIT_FAILURE;
	good = provision_target_read(&t, &p->there) && renew_log(p, &b.idi) &&
	       provision_target_write(&t, &p->flash) &&
	       provision_target_read(&t, &p->there) && verified(p);
	if (!provision_target_close(&t, good) || !good)
		return EXIT_FAILURE;
	printf("written and verified: %s\n", a->image ? a->image : a->board->name);
	return EXIT_SUCCESS;
}

static bool same_keys(struct provision *p)
{
	const struct provision_args *a = &p->args;
	struct dmk_blob b;

	if (!read_keys(p, &p->flash, &b))
		return false;
	if (memcmp(p->flash.keys, p->there.keys, a->board->keys_size))
		return provision_wrong("the keys are not those of %s", a->directory);
	printf("the keys are those of %s\n", a->directory);
	return true;
}

/* DIR learns how far the board has got */
static bool note_counter(struct provision *p)
{
	struct provision_state dir, there;

	provision_log_read(p->args.board, p->there.log, &there);
	if (!provision_exists(p->args.directory, "log.bin"))
		return write_log(p, there.counter, true);
	return read_log(p, &p->flash, &dir) &&
	       write_log(p, greater(dir.counter, there.counter), true);
}

static bool read_target(struct provision *p)
{
	struct provision_target t;
	bool good;

	if (!provision_target_open(&t, &p->args, false))
		return false;
	good = provision_target_read(&t, &p->there);
	return provision_target_close(&t, true) && good;
}

static int read_back(struct provision *p)
{
	const struct provision_args *a = &p->args;
	bool good;

	if (!read_target(p))
		return EXIT_FAILURE;
	good = provision_show_keys(p, p->there.keys, a->board->keys_size);
	good &= provision_show_log(a->board, p->there.log);
	if (good && a->directory)
		good = same_keys(p) && note_counter(p);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static bool say_counter(struct provision *p)
{
	struct provision_state s;

	if (provision_log_read(p->args.board, p->there.log, &s) != PROVISION_LOG_GOOD)
		return true;
	printf("no counter above %llu was used: if the keys are used again, say --counter %llu\n",
	       (unsigned long long)s.counter, (unsigned long long)s.counter);
	/* from then on it is nowhere else */
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	return provision_wrong("the counter cannot be said: nothing is erased");
}

static int erase(struct provision *p)
{
	struct provision_target t;
	bool good;

	if (!p->args.force) {
		provision_complain("--erase takes keys and counter: --force if that is meant");
		return EXIT_FAILURE;
	}
	if (!provision_target_open(&t, &p->args, true))
		return EXIT_FAILURE;
	good = provision_target_read(&t, &p->there) && say_counter(p) &&
	       provision_target_erase(&t);
	if (!provision_target_close(&t, good) || !good)
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
