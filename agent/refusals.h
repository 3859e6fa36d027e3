/* SPDX-License-Identifier: GPL-2.0 */
/* The last refusals of the module, for `dmikeyctl why`: refusals.json, dmikeyd(8). */
#ifndef DMK_AGENT_REFUSALS_H
#define DMK_AGENT_REFUSALS_H

#include "agent.h"

struct nlattr;

/**
 * dmk_refusals_new() - begin to keep them
 * @status: status.json; the file is refusals.json beside it
 *
 * Return: for dmk_refusals_free(), which removes the file; NULL without memory.
 */
struct dmk_refusals *dmk_refusals_new(const char *status);
void dmk_refusals_free(struct dmk_refusals *r);

/* a DMK_EVENT_REFUSED has come */
void dmk_refusals_event(struct dmk_agent *a, struct nlattr **attrs);

/**
 * dmk_refusals_certificate() - we have refused a third party's certificate
 * @a: the agent
 * @der: the certificate; its name is a claim
 * @len: its length
 * @why: what is wrong with it
 */
void dmk_refusals_certificate(struct dmk_agent *a, const uint8_t *der, size_t len,
			      const char *why);

/* some events were lost: what is kept is not complete */
void dmk_refusals_lost(struct dmk_refusals *r);

/* milliseconds until they are to be written, -1: nothing is new */
int dmk_refusals_due(const struct dmk_refusals *r);
void dmk_refusals_write(struct dmk_refusals *r);

#endif
