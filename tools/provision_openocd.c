// SPDX-License-Identifier: GPL-2.0
/*
 * A board behind ST-LINK. One openocd runs from the first byte that is read to
 * the last act: when it ends, the ST-LINK may let the chip go, and firmware that
 * runs uses up a T and a seed. So openocd takes its steps one by one from files,
 * of a directory that is ours alone and goes with its contents. There keys pass
 * to it too: nothing of them is in its arguments, and it opens no port.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "provision.h"

enum {
	STEP_MAX_MS = 120000,		/* the longest one erases a sector of 128 KiB: seconds */
	POLL_MS = 20,
};

/* Waits for step N, in N.tcl, at most 60 s, and takes it; until one says that it
 * was the last. A step that fails ends openocd, with the chip halted.
 */
static const char dialogue[] =
	"proc dmikey {} {"
	" for {set n 1} {1} {incr n} {"
	"  for {set i 0} {[catch {source $n.tcl}]} {incr i} {"
	"   if {$i == 600} { error {no next step} };"
	"   sleep 100"
	"  };"
	"  if {![dmikey_step]} return"
	" }"
	"}";

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

static void close_place(const char *dir, unsigned int steps)
{
	char path[4096 + 32];
	unsigned int i;

	remove_secret(dir, "log.bin");
	remove_secret(dir, "keys.bin");
	for (i = 1; i <= steps; i++) {
		snprintf(path, sizeof(path), "%s/%u.tcl", dir, i);
		unlink(path);
		snprintf(path, sizeof(path), "%s/%u.done", dir, i);
		unlink(path);
	}
	if (rmdir(dir))
		provision_complain("%s: %s", dir, strerror(errno));
}

static bool start(struct provision_target *t)
{
	t->openocd = fork();
	if (!t->openocd) {
		provision_release(&t->before);
		if (chdir(t->dir))
			_exit(127);
		execlp("openocd", "openocd", "-f", "interface/stlink.cfg",
		       "-f", t->args->board->target,
		       "-c", "gdb_port disabled; tcl_port disabled; telnet_port disabled",
		       "-c", dialogue, "-c", "init", "-c", t->restart ? "reset halt" : "halt",
		       "-c", "dmikey", "-c", "shutdown", NULL);
		_exit(127);
	}
	return t->openocd > 0 || provision_wrong("openocd: %s", strerror(errno));
}

static bool explain(int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return provision_wrong("openocd cannot be run: is it installed?");
	return !status || provision_wrong("openocd failed: is the board connected?");
}

/* for this file of openocd's, or without one for openocd's end */
static bool await(struct provision_target *t, const char *done)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000 };
	int i, status;

	for (i = 0; i < STEP_MAX_MS / POLL_MS; i++) {
		if (done && provision_exists(t->dir, done))
			return true;
		if (waitpid(t->openocd, &status, WNOHANG)) {
			t->openocd = 0;
			return explain(status) && !done;
		}
		nanosleep(&pause, NULL);
	}
	return provision_wrong("openocd takes too long");
}

/* the code's first word is what tells that a step is done: it holds no secret */
static bool step(struct provision_target *t, const char *commands)
{
	char text[512], name[16], done[16];

	t->steps++;
	snprintf(name, sizeof(name), "%u.tcl", t->steps);
	snprintf(done, sizeof(done), "%u.done", t->steps);
	snprintf(text, sizeof(text),
		 "proc dmikey_step {} { %s; dump_image %s 0x08000000 4; return 1 }\n", commands,
		 done);
	return provision_write(t->dir, name, text, strlen(text)) && await(t, done);
}

static bool last_step(struct provision_target *t, bool go)
{
	char text[64], name[16];

	t->steps++;
	snprintf(name, sizeof(name), "%u.tcl", t->steps);
	snprintf(text, sizeof(text), "proc dmikey_step {} { %s return 0 }\n",
		 !go ? "" : t->restart ? "reset run;" : "resume;");
	return provision_write(t->dir, name, text, strlen(text)) && await(t, NULL);
}

bool provision_openocd_open(struct provision_target *t)
{
	provision_hold(&t->before);
	if (open_place(t->dir)) {
		if (start(t))
			return true;
		close_place(t->dir, 0);
	}
	provision_release(&t->before);
	return false;
}

bool provision_openocd_read(struct provision_target *t, struct provision_flash *f)
{
	const struct provision_board *b = t->args->board;
	size_t log = 0, keys = 0;
	char commands[256];

	snprintf(commands, sizeof(commands),
		 "dump_image log.bin 0x%08x %u; dump_image keys.bin 0x%08x %u", b->log_at,
		 2 * b->log_size, b->keys_at, b->keys_size);
	if (!step(t, commands) ||
	    !provision_read(t->dir, "log.bin", f->log, 2 * b->log_size, &log) ||
	    !provision_read(t->dir, "keys.bin", f->keys, b->keys_size, &keys))
		return false;
	remove_secret(t->dir, "log.bin");
	remove_secret(t->dir, "keys.bin");
	return (log == 2 * b->log_size && keys == b->keys_size) ||
	       provision_wrong("openocd read too little");
}

/* the log first: new keys never meet an old one */
bool provision_openocd_write(struct provision_target *t, const struct provision_flash *f)
{
	const struct provision_board *b = t->args->board;
	char commands[384];
	bool good;

	snprintf(commands, sizeof(commands),
		 "flash write_image erase log.bin 0x%08x bin; verify_image log.bin 0x%08x bin; "
		 "flash write_image erase keys.bin 0x%08x bin; verify_image keys.bin 0x%08x bin",
		 b->log_at, b->log_at, b->keys_at, b->keys_at);
	good = provision_write(t->dir, "log.bin", f->log, 2 * b->log_size) &&
	       provision_write(t->dir, "keys.bin", f->keys, b->keys_size) && step(t, commands);
	remove_secret(t->dir, "log.bin");
	remove_secret(t->dir, "keys.bin");
	return good;
}

bool provision_openocd_erase(struct provision_target *t)
{
	const struct provision_board *b = t->args->board;
	char commands[128];

	snprintf(commands, sizeof(commands),
		 "flash erase_address 0x%08x %u; flash erase_address 0x%08x %u", b->keys_at,
		 b->keys_erase, b->log_at, b->log_erase);
	return step(t, commands);
}

bool provision_openocd_close(struct provision_target *t, bool go)
{
	bool good = t->openocd && last_step(t, go);

	if (t->openocd) {
		kill(t->openocd, SIGKILL);
		waitpid(t->openocd, NULL, 0);
	}
	close_place(t->dir, t->steps);
	provision_release(&t->before);
	return good;
}
