/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sensors for a third party's module, all under its master key: a dmikeyctl for each
 * would take longer than the load itself. Apart from load.h, since the module's
 * interface and the initiator's share names.
 */
#ifndef LOAD_REGISTER_H
#define LOAD_REGISTER_H

#include <stdint.h>

struct nl_sock;

/**
 * struct load_register - the way to the module of this network namespace
 * @sk: socket
 * @family: number of the dmikey family
 */
struct load_register {
	struct nl_sock *sk;
	int family;
};

/* NULL, or what went wrong */
const char *load_register_open(struct load_register *r);
void load_register_close(struct load_register *r);

/**
 * load_register_add() - a sensor
 * @r: open
 * @name: its NAI
 * @key: serial of the master key
 * @generation: of the master key
 *
 * Return: NULL, or what went wrong.
 */
const char *load_register_add(struct load_register *r, const char *name, int32_t key,
			      uint32_t generation);

#endif
