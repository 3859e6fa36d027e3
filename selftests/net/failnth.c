// SPDX-License-Identifier: GPL-2.0
/*
 * Every call of a netlink command that takes memory fails once (faults/faults.c). Preloaded into a program that
 * talks to the module: a command of its goes out with the first of them failing,
 * then with the second, and so on, until it is carried out. The program sees only
 * the last of these. A dump is repeated for itself, to its end.
 *
 *	FAILNTH_LOG=FILE [FAILNTH_FROM=N] LD_PRELOAD=failnth PROGRAM..
 *
 * A line in FILE for each command, and before it one with `#` for whatever is not as
 * it should be:
 *
 *	COMMAND LAST FAULTS REFUSED BAD END
 *
 * LAST is the number of the last call that was to fail. BAD: refused with
 * another error than that there is no memory, or what is configured has changed by a
 * refusal. END is `clean` (none is left to fail), `despite` (one failed, and the
 * command was carried out all the same) or `unheard` (its answer was lost). Behind
 * the last two, FAILNTH_FROM goes on, when the caller has undone the command.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "../../kmod/uapi/dmikey.h"
#include "failnth.h"

#define LIMIT	5000
#define ROOM	65536

struct run {
	unsigned int last;
	unsigned int faults;
	unsigned int refused;
	unsigned int bad;
	bool lost;		/* an answer was */
	const char *end;
};

static ssize_t (*kernel_send)(int fd, const struct msghdr *msg, int flags);
static FILE *report;
static char room[ROOM];

static const struct nlmsghdr *header(const struct msghdr *msg)
{
	return msg->msg_iov[0].iov_base;
}

static uint8_t command(const struct msghdr *msg)
{
	return ((const struct genlmsghdr *)NLMSG_DATA(header(msg)))->cmd;
}

/* dmikeyctl talks to one family, and to the one that knows its number */
static bool is_ours(int fd, const struct msghdr *msg)
{
	int domain = 0, protocol = 0;
	socklen_t len = sizeof(int);

	return !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) && domain == AF_NETLINK &&
	       !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) &&
	       protocol == NETLINK_GENERIC && msg->msg_iovlen == 1 &&
	       header(msg)->nlmsg_type != GENL_ID_CTRL;
}

static int open_socket(void)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK };
	struct timeval limit = { .tv_sec = 10 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		_exit(2);
	return fd;
}

static int send_once(int fd, const void *data, size_t len)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = {
		.msg_name = &a, .msg_namelen = sizeof(a), .msg_iov = &iov, .msg_iovlen = 1,
	};

	return kernel_send(fd, &msg, 0) < 0 ? -errno : 0;
}

/* ---- dumps */

/* does not hang on what changes by itself */
static uint64_t digest(const struct nlmsghdr *h)
{
	const struct nlattr *a = (void *)((char *)NLMSG_DATA(h) + GENL_HDRLEN);
	int left = NLMSG_PAYLOAD(h, GENL_HDRLEN);
	uint64_t sum = 0xcbf29ce484222325ULL;
	unsigned int i;

	while (left >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN && a->nla_len <= left) {
		if ((a->nla_type & NLA_TYPE_MASK) != DMK_A_IDLE)
			for (i = 0; i < a->nla_len; i++)
				sum = (sum ^ ((uint8_t *)a)[i]) * 0x100000001b3ULL;
		left -= NLA_ALIGN(a->nla_len);
		a = (void *)((char *)a + NLA_ALIGN(a->nla_len));
	}
	return sum;
}

/* reads a dump to its end, with a sum over its entries in any order */
static int read_dump(int fd, uint64_t *sum)
{
	struct nlmsghdr *h;
	ssize_t len;

	for (;;) {
		len = recv(fd, room, sizeof(room), 0);
		if (len < 0)
			return -errno;
		for (h = (void *)room; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
				return *(int *)NLMSG_DATA(h);
			*sum += digest(h);
		}
	}
}

static int dump(const void *request, size_t len, unsigned int n, bool *failed, uint64_t *sum)
{
	int fd = open_socket();
	int err;

	failnth_arm(n);
	err = send_once(fd, request, len);
	if (!err)
		err = read_dump(fd, sum);
	*failed = failnth_disarm();
	close(fd);
	return err;
}

/* of all that is configured in this namespace */
static uint64_t configured(uint16_t family)
{
	static const uint8_t commands[] = {
		DMK_CMD_LOCAL_GET, DMK_CMD_SENSOR_GET, DMK_CMD_PEER_GET, DMK_CMD_RULE_GET,
		DMK_CMD_HOST_GET,
	};
	struct {
		struct nlmsghdr h;
		struct genlmsghdr g;
	} request = {
		.h = {
			.nlmsg_len = sizeof(request), .nlmsg_type = family,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP, .nlmsg_seq = 1,
		},
		.g = { .version = DMK_GENL_VERSION },
	};
	uint64_t sum = 0;
	unsigned int i;
	bool failed;

	for (i = 0; i < sizeof(commands); i++) {
		request.g.cmd = commands[i];
		if (dump(&request, sizeof(request), 0, &failed, &sum))
			_exit(2);
	}
	return sum;
}

/* ---- one command, again and again */

static bool is_memory(int err)
{
	return err == -ENOMEM || err == -ENOBUFS;
}

static void bad(struct run *r, const struct msghdr *msg, const char *what)
{
	r->bad++;
	fprintf(report, "# command %u, call %u: %s\n", command(msg), r->last, what);
}

static void run_dump(const struct msghdr *msg, struct run *r)
{
	uint64_t sum = 0;
	bool failed;
	int err;

	for (r->last = 1; r->last < LIMIT; r->last++) {
		err = dump(msg->msg_iov[0].iov_base, msg->msg_iov[0].iov_len, r->last, &failed,
			   &sum);
		r->faults += failed;
		r->refused += err < 0;
		if (err < 0 && (!failed || !is_memory(err)))
			bad(r, msg, strerror(-err));
		if (!failed)
			break;
	}
	r->end = "clean";
}

/* it is there when the command has been sent, and stays there */
static int answer(int fd)
{
	const struct nlmsghdr *h = (void *)room;
	ssize_t len = recv(fd, room, sizeof(room), MSG_PEEK | MSG_DONTWAIT);

	if (len < 0)
		return -errno;
	return h->nlmsg_type == NLMSG_ERROR ? *(int *)NLMSG_DATA(h) : 0;
}

/* whether the command may be sent once more */
static bool refused(const struct msghdr *msg, struct run *r, int err, uint64_t *before)
{
	uint64_t now = configured(header(msg)->nlmsg_type);
	bool changed = now != *before;

	r->refused++;
	/* there was no room for an answer: for all we know it was carried out */
	if (err == -ENOBUFS)
		r->lost = true;
	if (err == -ENOBUFS && changed) {
		r->end = "unheard";
		errno = ENOBUFS;
		return false;
	}
	*before = now;
	if (err != -ENOBUFS && changed)
		bad(r, msg, "refused, and something has changed");
	if (!is_memory(err) && !(r->lost && err == -ENOENT))
		bad(r, msg, strerror(-err));
	return true;
}

/* Return: as sendmsg() */
static ssize_t run_command(int fd, const struct msghdr *msg, struct run *r)
{
	uint64_t before = configured(header(msg)->nlmsg_type);
	const char *from = getenv("FAILNTH_FROM");
	ssize_t len = -1;
	bool failed;
	int err;

	for (r->last = from ? atoi(from) : 1; r->last < LIMIT; r->last++) {
		failnth_arm(r->last);
		len = kernel_send(fd, msg, 0);
		err = len < 0 ? -errno : answer(fd);
		failed = failnth_disarm();
		r->faults += failed;
		r->end = failed ? "despite" : "clean";
		if (!err || !failed)
			return len;
		while (recv(fd, room, sizeof(room), MSG_DONTWAIT) > 0)
			;
		if (!refused(msg, r, err, &before))
			return -1;
	}
	bad(r, msg, "no end");
	return len;
}

static void prepare(void)
{
	const char *file = getenv("FAILNTH_LOG");

	kernel_send = (ssize_t (*)(int, const struct msghdr *, int))dlsym(RTLD_NEXT, "sendmsg");
	report = fopen(file ? file : "/dev/stderr", "ae");
	if (!kernel_send || !report)
		_exit(2);
}

__attribute__((visibility("default")))
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct run r = { };
	ssize_t len;

	if (!kernel_send)
		prepare();
	if (flags || !is_ours(fd, msg))
		return kernel_send(fd, msg, flags);
	if ((header(msg)->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP) {
		run_dump(msg, &r);
		len = kernel_send(fd, msg, flags);
	} else {
		len = run_command(fd, msg, &r);
	}
	fprintf(report, "%u %u %u %u %u %s\n", command(msg), r.last, r.faults, r.refused, r.bad,
		r.end);
	fflush(report);
	return len;
}
