// SPDX-License-Identifier: GPL-2.0
/*
 * Keys go to openocd in files of a directory that is ours alone and goes with
 * its contents; nothing of them is in its arguments.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "provision.h"

const struct provision_board provision_boards[] = {
	{ "f405", "target/stm32f4x.cfg", 0x0800c000, 16384, 0x14000, 0x080e0000, 4096, 0x20000,
	  false },
	{ "f100", "target/stm32f1x.cfg", 0x0801f000, 1024, 0x800, 0x0801f800, 2048, 0x800, true },
	{ 0 }
};

/* ---- a file */

static u32 image_size(const struct provision_board *b)
{
	return 2 * b->log_size + b->keys_size;
}

static bool image_read(const struct provision_args *a, struct provision_flash *f)
{
	u8 image[sizeof(*f)];
	u32 log = 2 * a->board->log_size;
	size_t len;

	if (!provision_exists(NULL, a->image)) {
		memset(f, 0xff, sizeof(*f));
		return true;
	}
	if (!provision_read(NULL, a->image, image, sizeof(image), &len))
		return false;
	if (len != image_size(a->board)) {
		dmk_wipe(image, sizeof(image));
		return provision_wrong("%s has not the %u bytes of a %s", a->image,
				       image_size(a->board), a->board->name);
	}
	memcpy(f->log, image, log);
	memcpy(f->keys, image + log, a->board->keys_size);
	dmk_wipe(image, sizeof(image));
	return true;
}

static bool image_write(const struct provision_args *a, const struct provision_flash *f)
{
	u8 image[sizeof(*f)];
	u32 log = 2 * a->board->log_size;
	bool good;

	memcpy(image, f->log, log);
	memcpy(image + log, f->keys, a->board->keys_size);
	good = provision_write(NULL, a->image, image, image_size(a->board));
	dmk_wipe(image, sizeof(image));
	return good;
}

/* ---- a board */

static bool open_place(char dir[4096])
{
	const char *parent = getenv("TMPDIR");

	if (snprintf(dir, 4096, "%s/dmikey.XXXXXX", parent && *parent ? parent : "/tmp") < 4096 &&
	    mkdtemp(dir))		/* mode 0700 */
		return true;
	return provision_wrong("no temporary directory: %s", strerror(errno));
}

/* zeros over the file before its name goes */
static void remove_secret(const char *dir, const char *name)
{
	static const u8 zeros[2 * LOG_SECTOR_MAX];
	char path[4096 + 16];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, zeros, sizeof(zeros)) < 0 || fsync(fd))
		provision_complain("%s: %s", path, strerror(errno));
	close(fd);
	unlink(path);
}

static void close_place(const char *dir)
{
	remove_secret(dir, "log.bin");
	remove_secret(dir, "keys.bin");
	if (rmdir(dir))
		provision_complain("%s: %s", dir, strerror(errno));
}

/* openocd's commands between a halted board and one that runs again */
static bool openocd(const struct provision_args *a, const char *dir, const char *commands)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (dir && chdir(dir))
			_exit(127);
		execlp("openocd", "openocd", "-f", "interface/stlink.cfg", "-f", a->board->target,
		       "-c", "init", "-c", "reset halt", "-c", commands, "-c", "reset run",
		       "-c", "shutdown", NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return provision_wrong("openocd: %s", strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return provision_wrong("openocd cannot be run: is it installed?");
	return !status || provision_wrong("openocd failed: is the board connected?");
}

static bool board_read(const struct provision_args *a, struct provision_flash *f)
{
	const struct provision_board *b = a->board;
	char dir[4096], commands[256];
	size_t log = 0, keys = 0;
	bool good;

	if (!open_place(dir))
		return false;
	snprintf(commands, sizeof(commands),
		 "dump_image log.bin 0x%08x %u; dump_image keys.bin 0x%08x %u", b->log_at,
		 2 * b->log_size, b->keys_at, b->keys_size);
	good = openocd(a, dir, commands) &&
	       provision_read(dir, "log.bin", f->log, 2 * b->log_size, &log) &&
	       provision_read(dir, "keys.bin", f->keys, b->keys_size, &keys);
	close_place(dir);
	if (good && (log != 2 * b->log_size || keys != b->keys_size))
		return provision_wrong("openocd read too little");
	return good;
}

/* the log first: new keys never meet an old one */
static bool board_write(const struct provision_args *a, const struct provision_flash *f)
{
	const struct provision_board *b = a->board;
	char dir[4096], commands[256];
	bool good;

	if (!open_place(dir))
		return false;
	snprintf(commands, sizeof(commands),
		 "flash write_image erase log.bin 0x%08x bin; verify_image log.bin 0x%08x bin; "
		 "flash write_image erase keys.bin 0x%08x bin; verify_image keys.bin 0x%08x bin",
		 b->log_at, b->log_at, b->keys_at, b->keys_at);
	good = provision_write(dir, "log.bin", f->log, 2 * b->log_size) &&
	       provision_write(dir, "keys.bin", f->keys, b->keys_size) &&
	       openocd(a, dir, commands);
	close_place(dir);
	return good;
}

static bool board_erase(const struct provision_args *a)
{
	const struct provision_board *b = a->board;
	char commands[128];

	snprintf(commands, sizeof(commands),
		 "flash erase_address 0x%08x %u; flash erase_address 0x%08x %u", b->keys_at,
		 b->keys_erase, b->log_at, b->log_erase);
	return openocd(a, NULL, commands);
}

/* ---- either */

bool provision_target_read(const struct provision_args *a, struct provision_flash *f)
{
	return a->image ? image_read(a, f) : board_read(a, f);
}

bool provision_target_write(const struct provision_args *a, const struct provision_flash *f)
{
	return a->image ? image_write(a, f) : board_write(a, f);
}

bool provision_target_erase(const struct provision_args *a)
{
	struct provision_flash erased;

	memset(&erased, 0xff, sizeof(erased));
	return a->image ? image_write(a, &erased) : board_erase(a);
}
