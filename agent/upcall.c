// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "known.h"
#include "log.h"
#include "refusals.h"
#include "request.h"
#include "seen.h"
#include "upcall.h"

static void put_upcall(struct nl_msg *msg, uint32_t upcall)
{
	if (nla_put_u32(msg, DMK_A_UPCALL_ID, upcall))
		abort();
}

static void refuse(struct dmk_agent *a, uint32_t upcall, const char *what, const char *why)
{
	struct nl_msg *msg = dmk_netlink_request(a->nl, DMK_CMD_UPCALL_REFUSE);
	char answer[DMK_NETLINK_WHY];

	put_upcall(msg, upcall);
	if (dmk_netlink_send(a->nl, msg, answer))
		dmk_log(LOG_INFO, "%s: refusing: %s", what, answer);
	dmk_log_refusal(what, "%s: refused: %s", what, why);
}

static int tell_sensor(struct dmk_agent *a, uint32_t upcall, const struct dmk_identity *id,
		       const struct dmk_sensor *s, char why[DMK_NETLINK_WHY])
{
	uint32_t counter;
	int kept = s->row.ts_type ? dmk_state_counter_of(a->state, id, &counter) : 0;
	struct nl_msg *msg;

	if (kept < 0) {
		snprintf(why, DMK_NETLINK_WHY, "its COUNTER cannot be read");
		return -EIO;
	}
	msg = dmk_netlink_request(a->nl, DMK_CMD_SENSOR_NEW);
	dmk_request_sensor(msg, s, id, kept ? &counter : NULL);
	put_upcall(msg, upcall);
	return dmk_netlink_send(a->nl, msg, why);
}

/* NULL, or why not */
static const char *give_sensor(struct dmk_agent *a, uint32_t upcall,
			       const struct dmk_identity *id, char why[DMK_NETLINK_WHY])
{
	struct dmk_sensor s;
	const char *no;
	int err;

	if (dmk_sensor_find(a, id, &s, &no) != DMK_SENSOR_YES)
		return no;
	err = tell_sensor(a, upcall, id, &s, why);
	/* somebody else has told the module of sensors as well */
	if (err == -ENOSPC) {
		dmk_known_sweep(a);
		err = tell_sensor(a, upcall, id, &s, why);
	}
	if (!err && !dmk_known_count(a))
		dmk_known_sweep(a);
	return err ? why : NULL;
}

static void answer_sensor(struct dmk_agent *a, uint32_t upcall, const struct dmk_identity *id)
{
	char text[DMK_IDENTITY_TEXT], what[DMK_IDENTITY_TEXT + 8], why[DMK_NETLINK_WHY];
	const char *no = give_sensor(a, upcall, id, why);

	snprintf(what, sizeof(what), "sensor %s", dmk_identity_text(id, text));
	if (no)
		refuse(a, upcall, what, no);
	else
		dmk_log(LOG_INFO, "%s: known", what);
}

/* The certificate's own name is not to be believed before it is valid: what
 * the log says of an invalid one is its hash.
 */
static void name_certificate(const struct dmk_certificate *cert, bool valid, char *what,
			     size_t size)
{
	const uint8_t *h = cert->hash;

	if (valid)
		snprintf(what, size, "third party %s", cert->id);
	else
		snprintf(what, size, "certificate %02x%02x%02x%02x%02x%02x%02x%02x", h[0], h[1],
			 h[2], h[3], h[4], h[5], h[6], h[7]);
}

static bool give_thirdparty(struct dmk_agent *a, uint32_t upcall,
			    const struct dmk_certificate *cert, char why[DMK_NETLINK_WHY])
{
	struct nl_msg *msg = dmk_netlink_request(a->nl, DMK_CMD_PEER_NEW);

	dmk_request_thirdparty(msg, cert);
	put_upcall(msg, upcall);
	return !dmk_netlink_send(a->nl, msg, why);
}

static void answer_certificate(struct dmk_agent *a, uint32_t upcall, const uint8_t *der,
			       size_t len)
{
	char what[DMK_IDENTITY_TEXT + 16], why[DMK_NETLINK_WHY];
	struct dmk_certificate cert;
	bool valid;

	valid = dmk_cert_check(a->config->trust, der, len, DMK_ROLE_TP, &cert, why);
	name_certificate(&cert, valid, what, sizeof(what));
	if (!valid || !give_thirdparty(a, upcall, &cert, why)) {
		refuse(a, upcall, what, why);
		dmk_refusals_certificate(a, der, len, why);
		return;
	}
	dmk_seen_add(a, der, len, &cert);
	dmk_log(LOG_INFO, "%s: valid%s", what,
		cert.revocation_checked ? "" : ", revocation not checked");
}

static bool read_identity(struct nlattr **attrs, struct dmk_identity *id)
{
	return attrs[DMK_A_ID_TYPE] && attrs[DMK_A_ID] &&
	       dmk_identity_set(id, nla_get_u8(attrs[DMK_A_ID_TYPE]), nla_data(attrs[DMK_A_ID]),
				nla_len(attrs[DMK_A_ID]));
}

static void answer(struct dmk_agent *a, struct nlattr **attrs)
{
	struct dmk_identity id;
	uint32_t upcall;

	if (!attrs[DMK_A_UPCALL_ID] || !attrs[DMK_A_UPCALL_TYPE])
		return;
	upcall = nla_get_u32(attrs[DMK_A_UPCALL_ID]);
	if (nla_get_u8(attrs[DMK_A_UPCALL_TYPE]) == DMK_UPCALL_CERT && attrs[DMK_A_CERT])
		answer_certificate(a, upcall, nla_data(attrs[DMK_A_CERT]),
				   nla_len(attrs[DMK_A_CERT]));
	else if (nla_get_u8(attrs[DMK_A_UPCALL_TYPE]) == DMK_UPCALL_SENSOR &&
		 read_identity(attrs, &id))
		answer_sensor(a, upcall, &id);
	else
		refuse(a, upcall, "a question", "it cannot be read");
}

static void keep_counter(struct dmk_agent *a, struct nlattr **attrs)
{
	struct dmk_identity id;

	if (attrs[DMK_A_HIGHEST_T])
		dmk_state_highest_t(a->state, nla_get_u64(attrs[DMK_A_HIGHEST_T]));
	if (attrs[DMK_A_COUNTER] && read_identity(attrs, &id))
		dmk_state_counter(a->state, &id, nla_get_u32(attrs[DMK_A_COUNTER]));
}

static void keep(struct dmk_agent *a, struct nlattr **attrs)
{
	if (!attrs[DMK_A_EVENT])
		return;
	switch (nla_get_u8(attrs[DMK_A_EVENT])) {
	case DMK_EVENT_COUNTER:
		keep_counter(a, attrs);
		break;
	case DMK_EVENT_REFUSED:
		dmk_refusals_event(a, attrs);
		break;
	}
}

void dmk_upcall_handle(uint8_t cmd, struct nlattr **attrs, void *agent)
{
	if (cmd == DMK_CMD_UPCALL_NTF)
		answer(agent, attrs);
	else if (cmd == DMK_CMD_EVENT_NTF)
		keep(agent, attrs);
}
