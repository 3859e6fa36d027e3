// SPDX-License-Identifier: GPL-2.0
/* What the agent keeps over a restart, on a disk that does not always do its part. */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "../../agent/state.h"
#include "ktap.h"

#define SENSORS	2000

static char dir[] = "/tmp/state_test.XXXXXX";

static const char *file(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static struct dmk_identity sensor(unsigned int i)
{
	struct dmk_identity id = { .type = 0 };

	id.len = snprintf(id.data, sizeof(id.data), "sensor%u@example", i);
	return id;
}

static struct dmk_state *reopen(struct dmk_state *s)
{
	dmk_state_close(s);
	return dmk_state_open(dir);
}

/* somebody else does this to state.db */
static bool meddle(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static sqlite3 *another(void)
{
	sqlite3 *db;

	if (sqlite3_open(file("state.db"), &db) != SQLITE_OK)
		abort();
	return db;
}

static void test_counter(void)
{
	struct dmk_state *s = dmk_state_open(dir);
	struct dmk_identity id = sensor(0), other = sensor(1);
	uint32_t counter = 0;

	dmk_state_counter(s, &id, 7);
	dmk_state_counter(s, &id, 6);
	ktap_ok(dmk_state_flush(s), "a COUNTER becomes durable");
	s = reopen(s);
	ktap_ok(dmk_state_counter_of(s, &id, &counter) == 1 && counter == 7,
		"the greatest is kept");
	ktap_ok(!dmk_state_counter_of(s, &other, &counter), "another sensor has none");
	dmk_state_close(s);
}

static void test_unreadable(void)
{
	struct dmk_state *s = dmk_state_open(dir);
	struct dmk_identity id = sensor(0);
	sqlite3 *db = another();
	uint32_t counter;

	ktap_ok(meddle(db, "ALTER TABLE counter RENAME TO away") &&
		dmk_state_counter_of(s, &id, &counter) == -1,
		"one that cannot be read is not one that is not there");
	ktap_ok(meddle(db, "ALTER TABLE away RENAME TO counter") &&
		dmk_state_counter_of(s, &id, &counter) == 1, "and is read later");
	sqlite3_close(db);
	dmk_state_close(s);
}

/* a flush that says true is all that the sweep waits for before a sensor is forgotten */
static void test_unwritable(void)
{
	struct dmk_state *s = dmk_state_open(dir);
	struct dmk_identity id = sensor(2);
	sqlite3 *db = another();
	uint32_t counter;

	ktap_ok(meddle(db, "BEGIN IMMEDIATE"), "another program writes for long");
	dmk_state_counter(s, &id, 5);
	ktap_ok(!dmk_state_flush(s), "a COUNTER that waited in vain is not durable");
	ktap_ok(meddle(db, "ROLLBACK") && dmk_state_flush(s), "nothing else waits");
	meddle(db, "CREATE TRIGGER no BEFORE INSERT ON counter WHEN NEW.value = 5 "
		   "BEGIN SELECT RAISE(ABORT, 'full'); END");
	dmk_state_counter(s, &id, 4);
	dmk_state_counter(s, &id, 5);
	ktap_ok(!dmk_state_flush(s), "nor is one whose row is not taken");
	ktap_ok(dmk_state_counter_of(s, &id, &counter) == 1 && counter == 4,
		"the one before it is");
	meddle(db, "DROP TRIGGER no");
	sqlite3_close(db);
	dmk_state_close(s);
}

static uint64_t ntp_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (t.tv_sec + 2208988800ULL) << 32 | ((uint64_t)t.tv_nsec << 32) / 1000000000;
}

/* the module goes on without the agent, and may end before it is there again */
static void test_highest_t(void)
{
	struct dmk_state *s = dmk_state_open(dir);
	uint64_t start = ntp_now(), ahead = start + (200ULL << 32);

	ktap_ok(dmk_state_highest_t_of(s) <= start, "what comes after a start is not stale");
	dmk_state_highest_t(s, start - (10ULL << 32));
	s = reopen(s);
	ktap_ok(dmk_state_highest_t_of(s) >= start,
		"what was accepted while the agent was away is");
	dmk_state_highest_t(s, ahead);
	s = reopen(s);
	ktap_ok(dmk_state_highest_t_of(s) == ahead, "a T that is ahead is kept");
	dmk_state_missed(s);
	ktap_ok(dmk_state_highest_t_of(s) == ahead, "also when events are lost");
	dmk_state_close(s);
}

static bool is(const struct dmk_der *d, const char *text)
{
	return d ? d->len == strlen(text) && !memcmp(d->data, text, d->len) : !*text;
}

/* whether these certificates are kept of the role; "" is none before */
static bool has_role(struct dmk_state *s, uint8_t first, const char *cert, const char *before)
{
	uint8_t hash[DMK_HASH_LEN] = { first };
	struct dmk_der *got = NULL, *got_before = NULL;
	bool good = dmk_state_role_of(s, hash, &got, &got_before) && is(got, cert) &&
		    is(got_before, before);

	free(got);
	free(got_before);
	return good;
}

static void put_role(struct dmk_state *s, uint8_t first, const char *cert, const char *before)
{
	uint8_t hash[DMK_HASH_LEN] = { first };
	struct dmk_der *c = dmk_der_new(cert, strlen(cert));
	struct dmk_der *b = *before ? dmk_der_new(before, strlen(before)) : NULL;

	dmk_state_role(s, hash, c, b);
	free(c);
	free(b);
}

static void test_roles(void)
{
	struct dmk_state *s = dmk_state_open(dir);

	ktap_ok(!has_role(s, 1, "one", ""), "nothing is known of a role");
	put_role(s, 1, "one", "");
	put_role(s, 2, "two", "its old one");
	s = reopen(s);
	ktap_ok(has_role(s, 1, "one", "") && has_role(s, 2, "two", "its old one"),
		"the certificates of two are kept, and the one before");
	dmk_state_forget_roles(s);
	put_role(s, 1, "one", "an old one");
	s = reopen(s);
	ktap_ok(has_role(s, 1, "one", "an old one") && !has_role(s, 2, "two", "its old one"),
		"what is kept takes the place of what was");
	dmk_state_close(s);
}

/* one page of the table is lost, all others are good */
static bool damage(void)
{
	char zero[512] = { 0 };
	int fd = open(file("state.db"), O_RDWR);
	struct stat st;
	bool good;

	good = fd >= 0 && !fstat(fd, &st) &&
	       pwrite(fd, zero, sizeof(zero), (st.st_size / 2) & ~4095) == sizeof(zero);
	close(fd);
	return good;
}

static void test_damaged(void)
{
	struct dmk_state *s = dmk_state_open(dir);
	unsigned int i;
	bool good;

	for (i = 0; i < SENSORS; i++) {
		struct dmk_identity id = sensor(i);

		dmk_state_counter(s, &id, i + 1);
	}
	s = reopen(s);
	ktap_ok(s, "%u sensors", SENSORS);
	dmk_state_close(s);
	good = damage();
	s = dmk_state_open(dir);
	ktap_ok(good && !s, "a damaged file is not opened");
	dmk_state_close(s);
}

static void state_test(void)
{
	if (!mkdtemp(dir))
		abort();
	test_counter();
	test_unreadable();
	test_unwritable();
	test_highest_t();
	test_roles();
	test_damaged();
	unlink(file("state.db"));
	unlink(file("dmikeyd.pid"));
	rmdir(dir);
}
KTAP_MAIN(state_test)
