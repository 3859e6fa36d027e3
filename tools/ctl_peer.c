// SPDX-License-Identifier: GPL-2.0
/*
 * Peers: third parties at a responder, responders at a third party. The agent
 * adds them once it has validated their certificates; here they are believed.
 */
#include <string.h>

#include "ctl.h"

static const struct ctl_word id = { "identity", DMK_A_ID, ctl_put_id };

static struct nl_msg *request(enum dmk_cmd cmd, enum dmk_role_type type)
{
	struct nl_msg *msg = ctl_request(cmd);
	uint8_t role = type;

	ctl_put(msg, DMK_A_ROLE, &role, sizeof(role));
	return msg;
}

static int show(struct ctl *c, enum dmk_role_type role, int argc, char **argv)
{
	struct json_object *rows;
	size_t i;

	ctl_words_end(argc, argv);
	rows = ctl_netlink_rows(c, DMK_CMD_PEER_GET, role);
	for (i = 0; i < json_object_array_length(rows); i++)
		json_object_object_del(json_object_array_get_idx(rows, i), "role");
	ctl_print_rows(c, rows);
	json_object_put(rows);
	return CTL_OK;
}

static int del(struct ctl *c, enum dmk_role_type role, int argc, char **argv)
{
	static const struct ctl_word words[] = {
		{ "sha256", DMK_A_CERT_HASH, ctl_put_hash },
	};
	struct nl_msg *msg = request(DMK_CMD_PEER_DEL, role);

	if (argc && strcmp(argv[0], "sha256"))
		id.put(msg, &id, ctl_words_take(&argc, &argv, "the identity"));
	else if (!argc)
		ctl_fail(CTL_USAGE, "an identity, or sha256 and a certificate's hash, is missing");
	ctl_words_put(msg, words, ARRAY_SIZE(words), argc, argv);
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

static void put_certificate(struct nl_msg *msg, const struct ctl_word *w, const char *value)
{
	(void)w;
	ctl_certificate_put(msg, value, true);
}

/* ---- third parties */

static int thirdparty_show(struct ctl *c, int argc, char **argv)
{
	return show(c, DMK_ROLE_TP, argc, argv);
}

static int thirdparty_add(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word words[] = {
		{ "certificate", DMK_A_CERT, put_certificate, .required = true },
		{ "suites", DMK_A_SUITES, ctl_put_suites },
	};
	struct nl_msg *msg = request(DMK_CMD_PEER_NEW, DMK_ROLE_TP);

	ctl_words_put(msg, words, ARRAY_SIZE(words), argc, argv);
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

static int thirdparty_del(struct ctl *c, int argc, char **argv)
{
	return del(c, DMK_ROLE_TP, argc, argv);
}

int ctl_thirdparty(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = {
		{ "show", thirdparty_show },
		{ "add", thirdparty_add },
		{ "del", thirdparty_del },
	};

	return ctl_words_verb(c, verbs, ARRAY_SIZE(verbs), argc, argv);
}

/* ---- responders */

static int responder_show(struct ctl *c, int argc, char **argv)
{
	return show(c, DMK_ROLE_R, argc, argv);
}

/* the name that the administrator means has to be the certified one */
static void check_identity(struct nl_msg *msg, const char *text)
{
	struct nlattr *type = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN, DMK_A_ID_TYPE);
	struct nlattr *data = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN, DMK_A_ID);
	uint8_t wanted_type, wanted[DMK_ID_MAX];
	char certified[CTL_ID_TEXT];
	size_t len;

	if (!ctl_id_parse(text, &wanted_type, wanted, &len))
		ctl_fail(CTL_USAGE, "\"%s\" is no identity; write nai:NAME@REALM or uri:URI",
			 text);
	if (nla_get_u8(type) == wanted_type && nla_len(data) == (int)len &&
	    !memcmp(nla_data(data), wanted, len))
		return;
	ctl_id_text(nla_get_u8(type), nla_data(data), nla_len(data), certified);
	ctl_fail(CTL_REFUSED, "the certificate is for %s, not for %s", certified, text);
}

static int responder_add(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_word words[] = {
		{ "certificate", DMK_A_CERT, put_certificate, .required = true },
		{ "address", DMK_A_ADDR, ctl_put_address, .required = true },
		{ "port", DMK_A_ADDR_PORT, ctl_put_u16 },
		{ "suites", DMK_A_SUITES, ctl_put_suites },
		{ "by-hash", DMK_A_BY_HASH, ctl_put_flag, .flag = true },
	};
	struct nl_msg *msg = request(DMK_CMD_PEER_NEW, DMK_ROLE_R);
	const char *name = ctl_words_take(&argc, &argv, "the responder's identity");

	ctl_words_put(msg, words, ARRAY_SIZE(words), argc, argv);
	check_identity(msg, name);
	ctl_netlink_do(c, msg, NULL, NULL);
	return CTL_OK;
}

static int responder_del(struct ctl *c, int argc, char **argv)
{
	return del(c, DMK_ROLE_R, argc, argv);
}

int ctl_responder(struct ctl *c, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = {
		{ "show", responder_show },
		{ "add", responder_add },
		{ "del", responder_del },
	};

	return ctl_words_verb(c, verbs, ARRAY_SIZE(verbs), argc, argv);
}
