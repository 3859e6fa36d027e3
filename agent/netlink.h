/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's conversation with dmikey.ko: kmod/uapi/dmikey.h. */
#ifndef DMK_AGENT_NETLINK_H
#define DMK_AGENT_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "../kmod/uapi/dmikey.h"

#define DMK_NETLINK_WHY 256	/* bytes of the kernel's words */

struct dmk_netlink;

/* what dmk_netlink_receive() found out, as bits */
enum dmk_netlink_news {
	DMK_NETLINK_APPEARED = 1,	/* the module is (again) there: it knows nothing */
	DMK_NETLINK_GONE = 2,		/* it was unloaded */
	DMK_NETLINK_LOST = 4,		/* messages were lost: the socket was full */
};

/**
 * dmk_netlink_open() - open the sockets
 *
 * Return: for dmk_netlink_close(), NULL with a line in the log.
 */
struct dmk_netlink *dmk_netlink_open(void);
void dmk_netlink_close(struct dmk_netlink *nl);

/**
 * dmk_netlink_resolve() - find the module (the kernel loads it if it can) and
 * listen to its questions and events
 * @nl: the sockets
 *
 * Return: whether it is there.
 */
bool dmk_netlink_resolve(struct dmk_netlink *nl);

/* whether the module was there when we last looked */
bool dmk_netlink_ready(const struct dmk_netlink *nl);

/* What the longest request takes: a rule with 64 third parties of 255 octets each, 16
 * prefixes and 16 policies.
 */
#define DMK_NETLINK_ROOM 32768

/**
 * dmk_netlink_request() - begin a request
 * @nl: the sockets
 * @cmd: enum dmk_cmd
 *
 * Return: a message, for dmk_netlink_send(). Never NULL.
 */
struct nl_msg *dmk_netlink_request(struct dmk_netlink *nl, uint8_t cmd);

/**
 * dmk_netlink_send() - send a request and wait for the kernel's yes or no
 * @nl: the sockets
 * @msg: the request; freed
 * @why: the kernel's words, if it says no
 *
 * Return: 0 or -errno.
 */
int dmk_netlink_send(struct dmk_netlink *nl, struct nl_msg *msg, char why[DMK_NETLINK_WHY]);

typedef void (*dmk_netlink_fn)(uint8_t cmd, struct nlattr **attrs, void *arg);

/**
 * dmk_netlink_get() - the same for a request that has an answer
 * @nl: the sockets
 * @cmd: enum dmk_cmd
 * @dump: the answer is a list
 * @fn: is called for each entry with DMK_A_MAX + 1 attributes; it must not use @nl
 * @arg: for @fn
 *
 * Return: 0 or -errno, with a line in the log.
 */
int dmk_netlink_get(struct dmk_netlink *nl, uint8_t cmd, bool dump, dmk_netlink_fn fn,
		    void *arg);

/* readable when there is something to receive */
int dmk_netlink_fd(const struct dmk_netlink *nl);

/**
 * dmk_netlink_receive() - take what the module multicasts
 * @nl: the sockets
 * @fn: is called for each question and event; it may send requests
 * @arg: for @fn
 *
 * Return: bits of enum dmk_netlink_news.
 */
unsigned int dmk_netlink_receive(struct dmk_netlink *nl, dmk_netlink_fn fn, void *arg);

#endif
