// SPDX-License-Identifier: GPL-2.0
/*
 * dmikey-provision: a sensor's configuration and the key sector made of it, or a log.
 * Input: which of them, then the bytes. The files with PSKs are not read: each third
 * party gets another PSK.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "provision.h"

/* provision_target.c has these for real; provision_file.c reads */
const struct provision_board provision_boards[] = {
	{ "f405", "", 0, 16384, 0, 0, 4096, 0, false },
	{ "f100", "", 0, 1024, 0, 0, 1024, 0, true },
	{ NULL, NULL, 0, 0, 0, 0, 0, 0, false },
};

bool provision_read(const char *dir, const char *name, u8 *data, size_t room, size_t *len)
{
	(void)dir, (void)name, (void)data, (void)room, (void)len;
	return false;
}

bool provision_write(const char *dir, const char *name, const void *data, size_t len)
{
	(void)dir, (void)name, (void)data, (void)len;
	return true;
}

const struct provision_master *provision_master_of(const struct provision *p,
						   const struct sensor_party *party)
{
	(void)p;
	return party->name[0] == 'm' ? &p->args.master[0] : NULL;
}

const char *__asan_default_options(void);

/* a program that ends at once frees nothing */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

void provision_complain(const char *fmt, ...)
{
	(void)fmt;
}

static void make(struct provision *p)
{
	unsigned int i;

	for (i = 0; i < p->conf.m; i++)
		p->conf.party[i].psk[0] = i;
	for (p->args.board = provision_boards; p->args.board->name; p->args.board++)
		if (provision_keys(p, 1)) {
			must(provision_show_keys(p, p->flash.keys, p->args.board->keys_size));
			must(provision_fragments(p));
		}
}

/* a name that the parser can open */
static void configuration(struct provision *p, const u8 *data, size_t len)
{
	int fd = memfd_create("conf", MFD_CLOEXEC);
	struct sensor_args args = {};
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	args.file = path;
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	if (sensor_conf_read(&args, &p->conf))
		make(p);
	sensor_conf_wipe(&p->conf);
	close(fd);
}

static void board_log(struct provision *p, const u8 *data, size_t len)
{
	const struct provision_board *b = &provision_boards[len & 1];
	u8 *flash = p->flash.log;

	memset(flash, 0xff, 2 * b->log_size);
	memcpy(flash, data, len < 2 * b->log_size ? len : 2 * b->log_size);
	provision_show_log(b, flash);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	static struct provision p;

	if (!len)
		return 0;
	memset(&p, 0, sizeof(p));
	p.crypto = fuzz_crypto();
	p.args.directory = "dir";
	if (data[0] & 1)
		board_log(&p, data + 1, len - 1);
	else
		configuration(&p, data + 1, len - 1);
	return 0;
}
