/* SPDX-License-Identifier: GPL-2.0 */
/* What the configuration says, as attributes of netlink requests. */
#ifndef DMK_AGENT_REQUEST_H
#define DMK_AGENT_REQUEST_H

#include <netlink/msg.h>

#include "config.h"
#include "sensor.h"

/* attributes alone, to compare or for a request later; at most @room bytes. Never NULL. */
struct nl_msg *dmk_request_attributes(size_t room);

void dmk_request_identity(struct nl_msg *msg, const struct dmk_identity *id);

/* DMK_CMD_LOCAL_NEW; @l: with a valid certificate and a key */
void dmk_request_local(struct nl_msg *msg, const struct dmk_local_conf *l);
/* DMK_CMD_LOCAL_DEL */
void dmk_request_local_key(struct nl_msg *msg, uint8_t role, const struct dmk_identity *id);

/* DMK_CMD_PEER_NEW; @p: with a valid certificate */
void dmk_request_peer(struct nl_msg *msg, const struct dmk_peer_conf *p);
/* the same for a third party whose certificate came in a message */
void dmk_request_thirdparty(struct nl_msg *msg, const struct dmk_certificate *cert);
/* DMK_CMD_PEER_DEL */
void dmk_request_peer_key(struct nl_msg *msg, const uint8_t hash[DMK_HASH_LEN]);

/* DMK_CMD_SENSOR_NEW; @counter: NULL for none */
void dmk_request_sensor(struct nl_msg *msg, const struct dmk_sensor *s,
			const struct dmk_identity *id, const uint32_t *counter);
/* of it, whom the sensor may ask for and which addresses it may use */
void dmk_request_limits(struct nl_msg *msg, const struct dmk_sensor *s);
/* DMK_CMD_SENSOR_DEL, if the COUNTER is that; NULL: whatever it is */
void dmk_request_sensor_key(struct nl_msg *msg, const struct dmk_identity *id,
			    const uint32_t *counter);

/* DMK_CMD_RULE_NEW */
void dmk_request_rule(struct nl_msg *msg, const struct dmk_rule_conf *r);
/* DMK_CMD_RULE_DEL */
void dmk_request_rule_key(struct nl_msg *msg, const char *name);

/* DMK_CMD_HOST_NEW; DMK_CMD_HOST_DEL takes its identity */
void dmk_request_host(struct nl_msg *msg, const struct dmk_host_conf *h);

/* DMK_CMD_INSTANCE_SET; @highest_t: 0 for none */
void dmk_request_instance(struct nl_msg *msg, const struct dmk_config *c,
			  uint64_t highest_t);

#endif
