/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Third parties whose certificates came in messages and were found valid: the
 * module keeps the answer, so it has to be told when it is no longer true.
 */
#ifndef DMK_AGENT_SEEN_H
#define DMK_AGENT_SEEN_H

#include "agent.h"

#define DMK_SEEN_MAX 4096	/* as many as the module knows */

struct dmk_seen *dmk_seen_new(void);
void dmk_seen_free(struct dmk_seen *s);

/* the module knows none of them any more */
void dmk_seen_forget(struct dmk_seen *s);

/**
 * dmk_seen_add() - remember a certificate that was found valid
 * @a: the agent
 * @der: the certificate
 * @len: its length, at most DMK_CERT_MAX
 * @cert: what it says
 *
 * If there are too many, the module is told to forget the oldest.
 */
void dmk_seen_add(struct dmk_agent *a, const uint8_t *der, size_t len,
		  const struct dmk_certificate *cert);

/**
 * dmk_seen_judge() - check all of them again, for now
 * @a: the agent
 *
 * What is no longer valid is taken back from the module.
 */
void dmk_seen_judge(struct dmk_agent *a);

/* each of them */
void dmk_seen_each(const struct dmk_seen *s,
		   void (*fn)(const uint8_t *der, size_t len,
			      const struct dmk_certificate *cert, void *arg), void *arg);

/* when the first of them expires; 0 if never */
time_t dmk_seen_expiry(const struct dmk_seen *s);

#endif
