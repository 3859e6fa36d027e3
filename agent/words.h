/* SPDX-License-Identifier: GPL-2.0 */
/* What the words and addresses of dmikey.conf(5) mean. */
#ifndef DMK_AGENT_WORDS_H
#define DMK_AGENT_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include <confuse.h>

/* a word of a list that ends with NULL */
struct dmk_word {
	const char *word;
	uint32_t value;
};

extern const struct dmk_word dmk_words_suite[];
extern const struct dmk_word dmk_words_timestamp[];
extern const struct dmk_word dmk_words_crl[];
extern const struct dmk_word dmk_words_cipher[];
extern const struct dmk_word dmk_words_integrity[];
extern const struct dmk_word dmk_words_mode[];

/* the value of a word; false if it is none of them */
bool dmk_words_find(const struct dmk_word *words, const char *text, uint32_t *value);

/**
 * dmk_words_address() - read an address, or a prefix
 * @text: "192.0.2.0/24", "2001:db8::1"
 * @addr: the address
 * @addr_len: 4 or 16
 * @prefix: its length; NULL: none is allowed
 */
bool dmk_words_address(const char *text, uint8_t addr[16], uint8_t *addr_len,
		       uint8_t *prefix);

struct dmk_prefix_conf {
	uint8_t addr[16];
	uint8_t addr_len;
	uint8_t len;
};

/* whether a master key may be called so: letters, digits and ._- up to 63 */
bool dmk_words_name(const char *text);

/* enum dmk_suite_bits of a section's suites; both if it names none */
uint32_t dmk_words_suites(cfg_t *sec);

/**
 * dmk_words_policy() - the ESP policy of a policy section
 * @sec: the section
 * @param: its parameters as they stand in SP
 * @len: their length
 *
 * Return: false if there is no such policy.
 */
bool dmk_words_policy(cfg_t *sec, uint8_t param[64], uint8_t *len);

#endif
