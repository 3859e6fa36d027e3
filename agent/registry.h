/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sensor registry: sensors by the million, which no configuration file has
 * to name. dmikey-registry(8) writes it, the agent reads what it is asked for.
 */
#ifndef DMK_AGENT_REGISTRY_H
#define DMK_AGENT_REGISTRY_H

#include "db.h"
#include "identity.h"
#include "words.h"

#define DMK_REGISTRY_FILE	"registry.db"	/* in the state directory */

enum dmk_registry_limits {
	DMK_REGISTRY_LIST = 16,		/* entries of a list, as many as the module takes */
	DMK_REGISTRY_TEXT = 4400,	/* bytes of a list's text */
	DMK_REGISTRY_PATH = 1024,	/* bytes of a PSK's file name */
	DMK_REGISTRY_NAME = 64,		/* bytes of a master key's name */
};

/* the columns, as a CSV file and dmikey-registry add name them */
enum dmk_column {
	DMK_COLUMN_IDENTITY,
	DMK_COLUMN_PSK,
	DMK_COLUMN_MASTER,
	DMK_COLUMN_GENERATION,
	DMK_COLUMN_TIMESTAMP,
	DMK_COLUMN_SUITES,
	DMK_COLUMN_RESPONDERS,
	DMK_COLUMN_ADDRESSES,
	DMK_COLUMNS
};

extern const char *const dmk_registry_columns[DMK_COLUMNS];
extern const struct dmk_db_schema dmk_registry_schema;

/**
 * struct dmk_registered - a sensor of the registry
 * @id: its identity
 * @psk: file with its PSK, unless that is derived
 * @master: name of the master key, unless @psk
 * @generation: of the master key
 * @ts_type: 0 NTP-UTC, 2 COUNTER
 * @suites: enum dmk_suite_bits
 * @responders: whom it may ask for; @n_responders 0: all
 * @prefixes: addresses that it may use; @n_prefixes 0: all
 */
struct dmk_registered {
	struct dmk_identity id;
	char psk[DMK_REGISTRY_PATH];
	char master[DMK_REGISTRY_NAME];
	uint32_t generation;
	uint8_t ts_type;
	uint32_t suites;
	struct dmk_identity responders[DMK_REGISTRY_LIST];
	size_t n_responders;
	struct dmk_prefix_conf prefixes[DMK_REGISTRY_LIST];
	size_t n_prefixes;
};

/**
 * dmk_registry_parse() - read a sensor from the texts of its columns
 * @text: one a column, "" or NULL for what is left out
 * @s: the result
 * @why: if it fails, what is wrong
 */
bool dmk_registry_parse(const char *const text[DMK_COLUMNS], struct dmk_registered *s,
			char why[DMK_DB_WHY]);

/* what the registry says of a sensor */
enum dmk_registry_answer {
	DMK_REGISTRY_UNKNOWN,
	DMK_REGISTRY_KNOWN,
	DMK_REGISTRY_DENIED,
	DMK_REGISTRY_BROKEN,		/* nothing: it cannot be read */
};

struct dmk_registry;

/**
 * dmk_registry_open() - for the agent, which only reads
 * @dir: the state directory
 *
 * Return: for dmk_registry_close(). A registry that is not there knows nobody;
 * one that cannot be read is broken, and says so in the log.
 */
struct dmk_registry *dmk_registry_open(const char *dir);
void dmk_registry_close(struct dmk_registry *r);

/**
 * dmk_registry_find() - ask for a sensor
 * @r: the registry
 * @id: its identity
 * @s: what is known of it, with DMK_REGISTRY_KNOWN
 */
enum dmk_registry_answer dmk_registry_find(struct dmk_registry *r,
					   const struct dmk_identity *id,
					   struct dmk_registered *s);

/* in a word: "none", "good" or "broken" */
const char *dmk_registry_state(const struct dmk_registry *r);

#endif
