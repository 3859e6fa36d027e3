// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of the netlink family, drawn at random after what the kernel says it takes:
 *
 *	requests [-q | -a] COUNT SEED NAME=VALUE..
 *
 * Most are well formed, so that some are carried out. VALUEs are what is drawn most often
 * for an attribute: a number, a text, @FILE, or % and hexadecimal digits; a NAME may come
 * often. -q: nobody else changes anything, so that what is refused must change nothing.
 * -a: some requests answer what the module asks its agent.
 *
 * Each request must be answered, and each refusal say why. Prints for each command how
 * many were carried out and refused, and for each error how often it was the reason.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policy.h"

#define ROOM		65536
#define WORDS_MAX	64
#define WAIT_S		30
#define ERRORS		256

static struct nl_sock *sk;
static int family;
static struct policies policies;
static unsigned long seed, number;
static bool quiet;

static void die(const char *what)
{
	fprintf(stderr, "requests: seed %lu, request %lu: %s\n", seed, number, what);
	exit(1);
}

/* ---- chance */

static uint64_t chance_state;

/* xorshift64* */
static uint64_t draw(void)
{
	chance_state ^= chance_state >> 12;
	chance_state ^= chance_state << 25;
	chance_state ^= chance_state >> 27;
	return chance_state * 0x2545f4914f6cdd1d;
}

static uint32_t below(uint32_t n)
{
	return (draw() >> 32) % n;
}

static bool one_in(uint32_t n)
{
	return !below(n);
}

/* every other request, that many of them be carried out */
static bool is_sound;

/* what is wrong with the others, here and there */
static bool wrong(uint32_t n)
{
	return !is_sound && one_in(n);
}

/* ---- what is known to be good for an attribute */

struct word {
	int attr;
	uint32_t len;
	uint8_t data[2048];
};

static struct word words[WORDS_MAX];
static unsigned int n_words;

/* @size: of a number; 0 of octets; with a NUL where @is_text */
static const struct name {
	const char *name;
	int attr;
	uint32_t size;
	bool is_text;
} names[] = {
	{ "addr", DMK_A_ADDR, 0, false },
	{ "cert", DMK_A_CERT, 0, false },
	{ "expires", DMK_A_EXPIRES, 8, false },
	{ "hash", DMK_A_CERT_HASH, 0, false },
	{ "id", DMK_A_ID, 0, false },
	{ "key", DMK_A_KEY, 4, false },
	{ "min-k", DMK_A_MIN_K, 1, false },
	{ "name", DMK_A_NAME, 0, true },
	{ "own", DMK_A_OWN, 0, false },
	{ "policy", DMK_A_SP_PARAM, 0, false },
	{ "port", DMK_A_PORT, 2, false },
	{ "prefix", DMK_A_PREFIX, 1, false },
	{ "pubkey", DMK_A_PUBKEY, 0, false },
	{ "realm", DMK_A_REALM, 0, true },
	{ "ts", DMK_A_TS_TYPE, 1, false },
	{ "upcall", DMK_A_UPCALL_ID, 4, false },
};

static void read_file(struct word *w, const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f)
		die(path);
	w->len = fread(w->data, 1, sizeof(w->data), f);
	fclose(f);
}

static void read_hex(struct word *w, const char *text)
{
	for (; sscanf(text, "%2hhx", &w->data[w->len]) == 1; text += 2)
		if (++w->len == sizeof(w->data))
			die("a value is too long");
}

static void read_text(struct word *w, const struct name *n, const char *text)
{
	uint64_t value = strtoull(text, NULL, 0);

	/* the low bytes: this machine's order is the protocol's */
	w->len = n->size ? n->size : strlen(text) + n->is_text;
	if (w->len > sizeof(w->data))
		die("a value is too long");
	memcpy(w->data, n->size ? (const void *)&value : text, w->len);
}

static void learn(const char *arg)
{
	const char *value = strchr(arg, '=');
	struct word *w = &words[n_words++];
	size_t i = 0;

	while (value && i < sizeof(names) / sizeof(*names) &&
	       (strlen(names[i].name) != (size_t)(value - arg) ||
		strncmp(names[i].name, arg, value - arg)))
		i++;
	if (!value || i == sizeof(names) / sizeof(*names) || n_words == WORDS_MAX)
		die(arg);
	w->attr = names[i].attr;
	value++;
	if (*value == '@')
		read_file(w, value + 1);
	else if (*value == '%')
		read_hex(w, value + 1);
	else
		read_text(w, &names[i], value);
}

static const struct word *word_for(int attr)
{
	const struct word *of[WORDS_MAX];
	unsigned int i, n = 0;

	for (i = 0; i < n_words; i++)
		if (words[i].attr == attr)
			of[n++] = &words[i];
	return n ? of[below(n)] : NULL;
}

/* ---- what the module asks an agent */

static struct nl_sock *questions;

static void hear(void)
{
	questions = nl_socket_alloc();
	if (!questions || genl_connect(questions) ||
	    nl_socket_add_membership(questions, genl_ctrl_resolve_grp(questions, DMK_GENL_NAME,
								      DMK_MCGRP_UPCALL)))
		die("the module's questions cannot be heard");
}

/* a question's number takes the place of another one */
static void learn_question(struct nlmsghdr *h)
{
	struct nlattr *id = nlmsg_find_attr(h, GENL_HDRLEN, DMK_A_UPCALL_ID);
	struct word *w = (struct word *)word_for(DMK_A_UPCALL_ID);

	if (id && w)
		memcpy(w->data, nla_data(id), sizeof(uint32_t));
}

static void learn_questions(void)
{
	static uint8_t buf[ROOM];
	ssize_t len;

	while ((len = recv(nl_socket_get_fd(questions), buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		if (nlmsg_ok((struct nlmsghdr *)buf, len))
			learn_question((struct nlmsghdr *)buf);
}

/* ---- attributes */

static uint64_t number_for(const struct attr_policy *a)
{
	if (wrong(3))
		return one_in(3) ? draw() : one_in(2) ? a->min - 1 : a->max + 1;
	if (one_in(4))
		return one_in(2) ? a->min : a->max;
	if (a->mask)
		return draw() & a->mask;
	return a->max - a->min == UINT64_MAX ? draw() : a->min + draw() % (a->max - a->min + 1);
}

static uint32_t length_for(const struct attr_policy *a)
{
	if (wrong(3))
		return one_in(3) ? below(ROOM / 16) :
		       one_in(2) ? a->min_len - !!a->min_len : a->max_len + 1;
	if (one_in(4))
		return one_in(2) ? a->min_len : a->max_len;
	return a->min_len + below(a->max_len - a->min_len + 1);
}

static void put_octets(struct nl_msg *m, int attr, const struct attr_policy *a, bool is_text)
{
	uint8_t data[ROOM / 16];
	uint32_t len = length_for(a), i;

	for (i = 0; i < len && i < sizeof(data); i++)
		data[i] = is_text ? 'a' + below(26) : below(256);
	if (is_text && i && !wrong(8))
		data[i - 1] = '\0';
	nla_put(m, attr, i, data);
}

static void put_entry(struct nl_msg *m, int policy);

static void put_list(struct nl_msg *m, int attr, int policy)
{
	uint32_t n = wrong(16) ? 300 : one_in(16) ? 20 : below(4), i;
	struct nlattr *list = nla_nest_start(m, attr), *entry;

	for (i = 0; list && i < n; i++) {
		entry = nla_nest_start(m, wrong(16) ? (int)below(256) : (int)i + 1);
		if (!entry)
			break;
		put_entry(m, policy);
		nla_nest_end(m, entry);
	}
	if (list)
		nla_nest_end(m, list);
}

static void put_number(struct nl_msg *m, int attr, const struct attr_policy *a, int len)
{
	uint64_t value = number_for(a);

	nla_put(m, attr, wrong(16) ? (int)below(9) : len, &value);
}

static void put_drawn(struct nl_msg *m, int attr, const struct attr_policy *a)
{
	switch (a->type) {
	case NL_ATTR_TYPE_FLAG:
		nla_put(m, attr, wrong(16) ? 4 : 0, "\1\2\3");
		return;
	case NL_ATTR_TYPE_U8:
	case NL_ATTR_TYPE_S8:
		put_number(m, attr, a, 1);
		return;
	case NL_ATTR_TYPE_U16:
	case NL_ATTR_TYPE_S16:
		put_number(m, attr, a, 2);
		return;
	case NL_ATTR_TYPE_U32:
	case NL_ATTR_TYPE_S32:
		put_number(m, attr, a, 4);
		return;
	case NL_ATTR_TYPE_U64:
	case NL_ATTR_TYPE_S64:
		put_number(m, attr, a, 8);
		return;
	case NL_ATTR_TYPE_NESTED:
	case NL_ATTR_TYPE_NESTED_ARRAY:
		if (a->nested != NO_POLICY && !wrong(16))
			return put_list(m, attr, a->nested);
	}
	put_octets(m, attr, a,
		   a->type == NL_ATTR_TYPE_STRING || a->type == NL_ATTR_TYPE_NUL_STRING);
}

static void put_attr(struct nl_msg *m, int attr, const struct attr_policy *a)
{
	const struct word *w = wrong(8) ? NULL : word_for(attr);

	if (w)
		nla_put(m, attr, w->len, w->data);
	else
		put_drawn(m, attr, a);
}

/* what does not fit any more: a message that is cut is a message too */
static void put_entry(struct nl_msg *m, int policy)
{
	int attr;

	for (attr = 1; attr <= DMK_A_MAX; attr++)
		if (policies.attrs[policy][attr].type && !one_in(8))
			put_attr(m, attr, &policies.attrs[policy][attr]);
}

/**
 * struct choice - of attributes for a command
 * @is_known: a request with these was carried out
 * @has: by attribute
 */
struct choice {
	bool is_known;
	bool has[DMK_A_MAX + 1];
};

static struct choice good[DMK_CMD_MAX + 1];

/* those of a request that was carried out, one of them changed; or any */
static struct choice choose(int cmd)
{
	const struct attr_policy *known = policies.attrs[policies.of_cmd[cmd]];
	struct choice c = good[cmd];
	bool few = one_in(2);
	int attr;

	if (c.is_known && !one_in(3)) {
		attr = 1 + below(DMK_A_MAX);
		c.has[attr] ^= known[attr].type && one_in(2);
		return c;
	}
	for (attr = 1; attr <= DMK_A_MAX; attr++)
		c.has[attr] = known[attr].type ? !one_in(few ? 2 : 8) : wrong(1024);
	return c;
}

static void put_chosen(struct nl_msg *m, int cmd, const struct choice *c)
{
	static const struct attr_policy foreign = { .type = NL_ATTR_TYPE_BINARY, .max_len = 64 };
	const struct attr_policy *a = policies.attrs[policies.of_cmd[cmd]];
	int attr;

	for (attr = 1; attr <= DMK_A_MAX; attr++) {
		if (c->has[attr])
			put_attr(m, attr, a[attr].type ? &a[attr] : &foreign);
		if (wrong(256))
			put_attr(m, attr, a[attr].type ? &a[attr] : &foreign);
	}
}

/* ---- a request and its answer */

/* @on_entry: sees each message that is not the end */
static int answer(uint32_t seq, bool *said_why, void (*on_entry)(struct nlmsghdr *h))
{
	static uint8_t buf[ROOM];
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1] = { 0 };
	struct nlmsgerr *e;
	struct nlmsghdr *h;
	ssize_t len;
	int left;

	for (;;) {
		len = recv(nl_socket_get_fd(sk), buf, sizeof(buf), 0);
		if (len < 0)
			die(strerror(errno));
		left = len;
		for (h = (struct nlmsghdr *)buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			if (h->nlmsg_seq != seq)
				die("an answer to another request");
			if (h->nlmsg_type == NLMSG_DONE)
				return *(int *)nlmsg_data(h);
			if (h->nlmsg_type != NLMSG_ERROR) {
				on_entry(h);
				continue;
			}
			e = nlmsg_data(h);
			if (h->nlmsg_flags & NLM_F_ACK_TLVS)
				nlmsg_parse(h, sizeof(*e), tb, NLMSGERR_ATTR_MAX, NULL);
			*said_why = tb[NLMSGERR_ATTR_MSG];
			return e->error;
		}
	}
}

static struct nl_msg *begin(int cmd, int flags)
{
	struct nl_msg *m = nlmsg_alloc_size(ROOM);

	if (!m || !genlmsg_put(m, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, cmd,
			       wrong(64) ? (int)below(256) : DMK_GENL_VERSION))
		die("no memory");
	return m;
}

static int ask(struct nl_msg *m, bool *said_why, void (*on_entry)(struct nlmsghdr *h))
{
	uint32_t seq;

	if (nl_send_auto(sk, m) < 0)
		die("it cannot be sent");
	seq = nlmsg_hdr(m)->nlmsg_seq;
	nlmsg_free(m);
	return answer(seq, said_why, on_entry);
}

/* ---- what the module holds */

static uint64_t sum;

/* what goes on by itself */
static bool is_volatile(int attr)
{
	return attr == DMK_A_IDLE || attr == DMK_A_HOST_STATE || attr == DMK_A_REASON ||
	       attr == DMK_A_SINCE || attr == DMK_A_PAD;
}

/* the order in which a table is listed says nothing: entries are added up */
static void add_entry(struct nlmsghdr *h)
{
	uint64_t hash = 0xcbf29ce484222325;
	struct nlattr *attr;
	int left, i;

	nla_for_each_attr(attr, genlmsg_attrdata(genlmsg_hdr(h), 0),
			  genlmsg_attrlen(genlmsg_hdr(h), 0), left) {
		if (is_volatile(nla_type(attr)))
			continue;
		for (i = 0; i < (int)sizeof(*attr) + nla_len(attr); i++)
			hash = (hash ^ ((uint8_t *)attr)[i]) * 0x100000001b3;
	}
	sum += hash * genlmsg_hdr(h)->cmd;
}

static uint64_t everything(void)
{
	static const int dumps[] = {
		DMK_CMD_LOCAL_GET, DMK_CMD_SENSOR_GET, DMK_CMD_PEER_GET, DMK_CMD_RULE_GET,
		DMK_CMD_SESSION_GET, DMK_CMD_HOST_GET,
	};
	bool said_why;
	size_t i;

	sum = 0;
	if (ask(begin(DMK_CMD_INSTANCE_GET, NLM_F_ACK), &said_why, add_entry))
		die("INSTANCE_GET is refused");
	for (i = 0; i < sizeof(dumps) / sizeof(*dumps); i++)
		if (ask(begin(dumps[i], NLM_F_DUMP), &said_why, add_entry))
			die("a dump is refused");
	return sum;
}

/* ---- */

static unsigned long done[DMK_CMD_MAX + 1], refused[DMK_CMD_MAX + 1], errors[ERRORS];

static void ignore(struct nlmsghdr *h)
{
	(void)h;
}

static bool is_dump(int cmd)
{
	switch (cmd) {
	case DMK_CMD_LOCAL_GET:
	case DMK_CMD_SENSOR_GET:
	case DMK_CMD_PEER_GET:
	case DMK_CMD_RULE_GET:
	case DMK_CMD_SESSION_GET:
	case DMK_CMD_STATS_GET:
	case DMK_CMD_HOST_GET:
		return true;
	}
	return false;
}

static int draw_cmd(void)
{
	int cmd;

	do
		cmd = 1 + below(DMK_CMD_MAX);
	while (policies.of_cmd[cmd] == NO_POLICY);
	return cmd;
}

/* some octets behind the header are others */
static void spoil(struct nl_msg *m)
{
	uint8_t *data = (uint8_t *)nlmsg_data(nlmsg_hdr(m)) + GENL_HDRLEN;
	int len = nlmsg_datalen(nlmsg_hdr(m)) - GENL_HDRLEN, n = 1 + below(4);

	while (len > 0 && n--)
		data[below(len)] = below(256);
}

static void one(void)
{
	int cmd = draw_cmd(), err;
	bool dump = is_dump(cmd) != one_in(64), said_why = false;
	uint64_t before = quiet ? everything() : 0;
	struct choice c;
	struct nl_msg *m;

	if (questions)
		learn_questions();
	is_sound = one_in(2);
	m = begin(cmd, dump ? NLM_F_DUMP : NLM_F_ACK);
	c = choose(cmd);
	put_chosen(m, cmd, &c);
	if (wrong(4))
		spoil(m);
	err = ask(m, &said_why, ignore);
	if (err > 0 || err <= -ERRORS)
		die("no error has that number");
	if (!err) {
		done[cmd]++;
		good[cmd] = c;
		good[cmd].is_known = true;
		return;
	}
	refused[cmd]++;
	errors[-err]++;
	/* netlink itself finds no words for these */
	if (!said_why && err != -EOPNOTSUPP && err != -EPERM) {
		fprintf(stderr, "requests: command %d, %s\n", cmd, strerror(-err));
		die("a refusal that does not say why");
	}
	if (quiet && everything() != before)
		die("what was refused has changed something");
}

static void open_family(void)
{
	struct timeval wait = { .tv_sec = WAIT_S };
	int on = 1, fd;

	sk = nl_socket_alloc();
	if (!sk || genl_connect(sk))
		die("no generic netlink");
	family = genl_ctrl_resolve(sk, DMK_GENL_NAME);
	if (family < 0 || !policies_read(sk, family, &policies))
		die("the kernel does not say what the module takes");
	fd = nl_socket_get_fd(sk);
	if (nl_socket_set_buffer_size(sk, 2 * ROOM, 2 * ROOM) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on)))
		die("setsockopt");
}

int main(int argc, char **argv)
{
	unsigned long count;
	bool agent = false;
	int i, opt;

	while ((opt = getopt(argc, argv, "qa")) != -1) {
		quiet |= opt == 'q';
		agent |= opt == 'a';
	}
	if (argc - optind < 2)
		die("requests [-q | -a] COUNT SEED NAME=VALUE..");
	count = strtoul(argv[optind], NULL, 10);
	seed = strtoul(argv[optind + 1], NULL, 10);
	chance_state = (seed + 1) * 0x9e3779b97f4a7c15;
	for (i = optind + 2; i < argc; i++)
		learn(argv[i]);
	open_family();
	if (agent)
		hear();
	for (number = 1; number <= count; number++)
		one();
	for (i = 1; i <= DMK_CMD_MAX; i++)
		if (policies.of_cmd[i] != NO_POLICY)
			printf("command %d %lu %lu\n", i, done[i], refused[i]);
	for (i = 1; i < ERRORS; i++)
		if (errors[i])
			printf("error %s %lu\n", strerror(i), errors[i]);
	return 0;
}
