/* SPDX-License-Identifier: GPL-2.0 */
/* dmikey-provision: what a sensor's board has to know, made, written and shown. */
#ifndef PROVISION_H
#define PROVISION_H

#include <signal.h>
#include <sys/types.h>

#include "blob.h"
#include "sensor_conf.h"

enum {
	LOG_SECTOR_MAX = 16384,
	KEYS_MAX = 4096,
};

/**
 * struct provision_board - where a board keeps it; as sensor-fw's linker scripts
 * @name: f405 or f100
 * @target: of openocd
 * @log_at: address of log A; log B follows
 * @log_size: bytes of each that are used
 * @log_erase: bytes to erase for both
 * @keys_at: address of the key sector
 * @keys_size: bytes of it that are used
 * @keys_erase: bytes to erase for it
 * @seed: it has no TRNG: its log needs a seed
 */
struct provision_board {
	const char *name;
	const char *target;
	u32 log_at;
	u32 log_size;
	u32 log_erase;
	u32 keys_at;
	u32 keys_size;
	u32 keys_erase;
	bool seed;
};

/**
 * struct provision_flash - contents of a board's sectors; holds PSKs
 * @log: log A and log B
 * @keys: key sector
 */
struct provision_flash {
	u8 log[2 * LOG_SECTOR_MAX];
	u8 keys[KEYS_MAX];
};

/* a third party's master key: its name, and the file */
struct provision_master {
	const char *name;
	const char *file;
};

struct provision_args {
	const struct provision_board *board;
	const char *config;
	const char *directory;
	const char *image;	/* a file instead of a board */
	const char *show;
	bool dev, force, flash, read_back, erase;
	bool has_counter;
	u32 counter;
	struct provision_master master[SENSOR_PARTIES_MAX];
	unsigned int masters;
	bool has_generation;
	u32 generation;
};

/**
 * struct provision - one run
 * @args: command line
 * @crypto: OpenSSL
 * @conf: the configuration, with PSKs
 * @flash: what is to be written
 * @there: what is on the board
 */
struct provision {
	struct provision_args args;
	struct dmk_crypto *crypto;
	struct sensor_conf conf;
	struct provision_flash flash;
	struct provision_flash there;
};

/* says on standard error what is wrong; false */
__attribute__((format(printf, 1, 2))) void provision_complain(const char *fmt, ...);
#define provision_wrong(...) (provision_complain(__VA_ARGS__), false)

/* ---- provision_file.c */

/**
 * provision_read() - a file with secrets
 * @dir: its directory, or NULL
 * @name: its name
 * @data: where it goes
 * @room: how much of it at most
 * @len: its length; more than @room is an error
 */
bool provision_read(const char *dir, const char *name, u8 *data, size_t room, size_t *len);

/* a file that only its owner may read: all of it, or nothing */
bool provision_write(const char *dir, const char *name, const void *data, size_t len);

bool provision_exists(const char *dir, const char *name);

/* Ctrl-C and its like wait while a file with secrets is there that has to go */
void provision_hold(sigset_t *before);
/* now they may end the program */
void provision_release(const sigset_t *before);

/* ---- provision_master.c */

/* the master key of a third party; NULL: its PSK is drawn */
const struct provision_master *provision_master_of(const struct provision *p,
						   const struct sensor_party *party);

/* whether each master key is of a third party of the configuration */
bool provision_masters(const struct provision *p);

/* the PSK that the third party derives, protocol.md 6.5; the caller wipes it */
bool provision_derive(struct provision *p, const struct provision_master *m,
		      const struct sensor_party *party, u8 psk[DMK_PSK_LEN]);

/* ---- provision_psk.c */

/* makes the PSKs that are missing, and reads all of them into @p->conf */
bool provision_psks(struct provision *p);

/* ---- provision_conf.c */

/**
 * provision_keys() - the key sector out of the configuration
 * @p: with @p->conf; the result is in @p->flash.keys, erased behind the blob
 * @generation: how often the sensor was provisioned
 */
bool provision_keys(struct provision *p, u32 generation);

/* the configuration fragments for dmikeyd of third parties and responder */
bool provision_fragments(const struct provision *p);

/* ---- provision_log.c */

enum provision_log {
	PROVISION_LOG_EMPTY,
	PROVISION_LOG_DAMAGED,
	PROVISION_LOG_GOOD,
};

/**
 * struct provision_state - what a log says
 * @counter: no T above it was used
 * @seed: there is a seed
 * @used: the log is not the first: a board has gone on from DIR's, and may have
 *	got further than this says
 */
struct provision_state {
	u64 counter;
	bool seed;
	bool used;
};

/**
 * provision_log_read() - read log A and B
 * @b: the board
 * @log: log A and B
 * @s: the result
 */
enum provision_log provision_log_read(const struct provision_board *b, const u8 *log,
				      struct provision_state *s);

/**
 * provision_log_make() - a new log
 * @b: the board; if it needs a seed, one is drawn
 * @counter: no T above it was used
 * @used: it is not the first log of these keys
 * @log: the result
 */
bool provision_log_make(const struct provision_board *b, u64 counter, bool used, u8 *log);

/* ---- provision_target.c: a board behind ST-LINK, or the file that stands for one */

/**
 * struct provision_target - the board from the first read to the last act; in
 *	between its firmware does not run
 * @args: command line
 * @restart: at the end the firmware starts anew; else it goes on where it was
 * @dir: where openocd's files are
 * @openocd: its process, 0 when it has ended
 * @steps: that it was told to take
 * @before: signals that were blocked before
 */
struct provision_target {
	const struct provision_args *args;
	bool restart;
	char dir[4096];
	pid_t openocd;
	unsigned int steps;
	sigset_t before;
};

/**
 * provision_target_open() - halt the board
 *
 * Return: whether provision_target_close() is needed.
 */
bool provision_target_open(struct provision_target *t, const struct provision_args *a,
			   bool restart);

bool provision_target_read(struct provision_target *t, struct provision_flash *f);
bool provision_target_write(struct provision_target *t, const struct provision_flash *f);
bool provision_target_erase(struct provision_target *t);

/**
 * provision_target_close() - the last act
 * @t: the board
 * @go: let its firmware run
 */
bool provision_target_close(struct provision_target *t, bool go);

/* ---- provision_openocd.c: the same, of a board */

bool provision_openocd_open(struct provision_target *t);
bool provision_openocd_read(struct provision_target *t, struct provision_flash *f);
bool provision_openocd_write(struct provision_target *t, const struct provision_flash *f);
bool provision_openocd_erase(struct provision_target *t);
bool provision_openocd_close(struct provision_target *t, bool go);

/* ---- provision_show.c: in words; false if something is not as it should be */

bool provision_show_keys(struct provision *p, const u8 *keys, u32 len);
bool provision_show_log(const struct provision_board *b, const u8 *log);
bool provision_show_file(struct provision *p, const char *name);

extern const struct provision_board provision_boards[];

#endif
