/* SPDX-License-Identifier: GPL-2.0 */
/* UDP sockets of an instance, IPv4 and IPv6. */
#ifndef DMK_SOCKET_H
#define DMK_SOCKET_H

#include <linux/types.h>
#include "addr.h"

struct dmk_net;
struct sock;

/**
 * struct dmk_socket - the sockets
 * @sk4: IPv4, or NULL; RCU
 * @sk6: IPv6, or NULL; RCU
 * @port: where they listen, 0 nowhere; changed under dmk_net.config
 */
struct dmk_socket {
	struct sock __rcu *sk4;
	struct sock __rcu *sk6;
	u16 port;
};

/**
 * dmk_socket_listen() - listen on a port, instead of the one before
 * @dn: the instance; dmk_net.config is held
 * @port: 0: stop listening
 *
 * Return: 0, or -errno, and then the old port goes on.
 */
int dmk_socket_listen(struct dmk_net *dn, u16 port);

/**
 * dmk_socket_send() - send a datagram; any context
 * @dn: the instance
 * @to: where to
 * @data: the bytes
 * @len: their number
 *
 * Nothing waits and nothing is retried; a failure is counted.
 */
void dmk_socket_send(struct dmk_net *dn, const struct dmk_addr *to,
		     const u8 *data, size_t len);

#endif
