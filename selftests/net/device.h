/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module in the lab's namespace: configured over generic netlink, with
 * this program in the agent's place.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "../../kmod/uapi/dmikey.h"
#include "lab.h"
#include "reason.h"
#include "wire.h"

#define DEVICE_SESSIONS	8
#define DEVICE_REQID	7

/**
 * struct device_counters - what the module has counted
 * @refused: by side and reason
 * @received: datagrams
 * @sent: datagrams
 * @repeated_answered, @rsa_private, ...: as the module names them; signing
 *	and decrypting in one number
 */
struct device_counters {
	u64 refused[__DMK_SIDE_COUNT][DMK_REASON_COUNT];
	u64 received;
	u64 sent;
	u64 repeated_answered;
	u64 rsa_private;
	u64 forwarded;
	u64 acknowledged;
	u64 accepted;
	u64 late;
	u64 established;
	u64 updated;
};

struct device_verdict {
	struct dmk_id tp;
	u8 id[DMK_ID_MAX];
	u8 x;
	u8 verdict;
};

struct device_session {
	u32 csb_id;
	u32 spi_in;
	u32 spi_out;
	u8 n;
	u8 k;
	u8 state;
	unsigned int n_verdicts;
	struct device_verdict verdicts[DMK_CANDIDATES_MAX];
};

extern const char *const device_reasons[DMK_REASON_COUNT];	/* [0] is "ok" */
enum dmk_reason device_reason(const char *name);

/* "nai:..." or "uri:..." */
struct dmk_id device_id(const char *text);

/* the instance of a new namespace, at its role's addresses; the old one is gone */
void device_new(enum dmk_role_type role);

void device_listen(void);

/* kept from before the start: what is newer may be accepted soon after it */
void device_highest_t(u64 t);
void device_highest_time(s64 unix_s);

/* @pki: name in the vectors */
void device_local(enum dmk_role_type role, const char *pki);

/* a third party's sensor: @key is its PSK, or the master key of @generation */
struct device_sensor {
	struct dmk_id id;
	struct dmk_span key;
	bool derived;
	u32 generation;
	u8 ts_type;
	u32 suites;
};

void device_sensor(const struct device_sensor *s);

/* a third party's responder at 192.0.2.100 */
void device_responder(const char *pki);

/* at a responder: a third party whose certificate is known before it is asked for */
void device_thirdparty(const char *pki);

/* the agent's answer to questions about certificates, from now on: those that
 * are valid at @now may use @suites; 0: all are refused
 */
void device_agent(s64 now, u32 suites);

/* a rule; @tps: NULL is any; @cipher: 0 is any policy */
struct device_rule {
	const char *name;
	struct dmk_id sensor;
	const char *const *tps;
	unsigned int n_tps;
	u8 min_k;
	u16 cipher;
};

void device_rule(const struct device_rule *r);

void device_counters(struct device_counters *c);

/* the module's counters in this namespace, which lives on until they are forgotten */
struct device_parked;
struct device_parked *device_park(void);
void device_parked_counters(struct device_parked *p, struct device_counters *c);
void device_forget(struct device_parked *p);

/* how many datagrams have come to an end, whatever it was */
u64 device_handled(const struct device_counters *c);
u64 device_refused(const struct device_counters *c);

/* answers questions until so many datagrams are handled; false after @ms */
bool device_wait(u64 handled, int ms, struct device_counters *c);
/* the same until so many shares were accepted, or sessions established */
bool device_wait_accepted(u64 accepted, int ms);
bool device_wait_established(u64 established, int ms);

/* ends all sessions of a sensor */
void device_end_sessions(const struct dmk_id *sensor);

unsigned int device_sessions(struct device_session s[DEVICE_SESSIONS]);

#endif
