// SPDX-License-Identifier: GPL-2.0
/*
 * A system call, again and again, each time with another of the module's own calls
 * failing (faults/faults.c), until there is none left to fail:
 *
 *	failcall insmod FILE	the module goes again when it is loaded
 *	failcall netns		a network namespace, which goes again
 *
 * Says how many faults there were, and with which errors the call has refused. Fails
 * if one was not refused, with another error than that there is no memory, or if the
 * last call fails.
 */
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "failnth.h"

#define LIMIT	20000
#define ERRORS	256

static const char *file;

static int load(void)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int err;

	err = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	return err;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "dmikey_faulty", 0) ? errno : 0;
}

static int create(void)
{
	return unshare(CLONE_NEWNET) ? errno : 0;
}

static int nothing(void)
{
	return 0;
}

/* in a process of its own; bit 8: something has failed */
static int once(int (*call)(void), int (*undo)(void), unsigned int n)
{
	int answer[2], result, err;

	if (pipe(answer))
		exit(2);
	if (!fork()) {
		failnth_arm(n);
		err = call();
		result = err | failnth_disarm() << 8;
		if (!err && undo())
			exit(2);
		exit(write(answer[1], &result, sizeof(result)) != sizeof(result));
	}
	close(answer[1]);
	if (read(answer[0], &result, sizeof(result)) != sizeof(result))
		exit(2);
	close(answer[0]);
	wait(NULL);
	return result;
}

static int run(int (*call)(void), int (*undo)(void))
{
	unsigned int n, i, refused = 0, faults = 0, errors[ERRORS] = { };
	int result = 0;

	for (n = 1; n < LIMIT; n++) {
		result = once(call, undo, n);
		if (!(result >> 8))
			break;
		faults++;
		refused += !!(result & 0xff);
		errors[result & 0xff]++;
	}
	printf("%u faults, %u refused:", faults, refused);
	for (i = 1; i < ERRORS; i++)
		if (errors[i])
			printf(" %s %u", strerrorname_np(i), errors[i]);
	printf("\n");
	return result || refused != faults || errors[ENOMEM] != faults;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "insmod")) {
		file = argv[2];
		return run(load, unload);
	}
	if (argc > 1 && !strcmp(argv[1], "netns"))
		return run(create, nothing);
	fprintf(stderr, "failcall: insmod FILE or netns\n");
	return 2;
}
