// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "sensor_store.h"

#define NTP_UNIX 2208988800ULL	/* seconds from 1900 to 1970 */

static int fail(const struct sensor_store *s, const char *what)
{
	fprintf(stderr, "dmikey-sensor: %s: %s\n", s->conf->state_file, what);
	return -1;
}

/* both types of T are kept in one form: a word that tells them apart, a number */
static const char *word(const struct sensor_store *s)
{
	return s->conf->ts_type == DMK_TS_COUNTER ? "counter" : "ntp";
}

static int read_bound(struct sensor_store *s, u64 *bound)
{
	FILE *f = fopen(s->conf->state_file, "re");
	char name[16];
	int n;

	*bound = 0;
	if (!f)
		return errno == ENOENT ? 0 : fail(s, strerror(errno));
	n = fscanf(f, "%15s %" SCNu64, name, bound);
	fclose(f);
	if (n != 2)
		return fail(s, "not a state file");
	if (strcmp(name, word(s)))
		return fail(s, "holds time stamps of another type");
	return 0;
}

static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int err = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	free(copy);
	return err;
}

/* a power cut leaves the old file or the new one, never half of one */
static int write_bound(void *ctx, u64 bound)
{
	struct sensor_store *s = ctx;
	char path[4096];
	FILE *f;
	bool good;

	snprintf(path, sizeof(path), "%s.new", s->conf->state_file);
	f = fopen(path, "we");
	if (!f)
		return fail(s, strerror(errno));
	good = fprintf(f, "%s %" PRIu64 "\n", word(s), bound) > 0 && !fflush(f) &&
	       !fsync(fileno(f));
	if (fclose(f) || !good || rename(path, s->conf->state_file) ||
	    sync_directory(s->conf->state_file))
		return fail(s, strerror(errno));
	return 0;
}

int sensor_store_open(struct sensor_store *s, const struct sensor_conf *conf)
{
	char path[4096];
	u64 bound;

	s->conf = conf;
	snprintf(path, sizeof(path), "%s.lock", conf->state_file);
	s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return fail(s, strerror(errno));
	if (flock(s->lock, LOCK_EX | LOCK_NB)) {
		close(s->lock);
		return fail(s, "another sensor uses it");
	}
	if (read_bound(s, &bound)) {
		close(s->lock);
		return -1;
	}
	dmk_stamp_init(&s->stamp, bound);
	return 0;
}

void sensor_store_close(struct sensor_store *s)
{
	close(s->lock);
}

static u64 ntp_now(double shift)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (((u64)now.tv_sec + NTP_UNIX) << 32) + ((u64)now.tv_nsec << 32) / 1000000000 +
	       (s64)(shift * 4294967296.0);
}

int sensor_store_next(struct sensor_store *s, u64 *t)
{
	if (s->conf->ts_type == DMK_TS_COUNTER)
		return dmk_stamp_next(&s->stamp, 0, 0xFFFFFFFF, DMK_STAMP_AHEAD_COUNTER,
				      write_bound, s, t);
	return dmk_stamp_next(&s->stamp, ntp_now(s->conf->fault.time), ~0ULL,
			      DMK_STAMP_AHEAD_NTP, write_bound, s, t);
}
