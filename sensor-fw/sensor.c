// SPDX-License-Identifier: GPL-2.0
#include "app.h"
#include "blob.h"
#include "console.h"
#include "crypto_mbedtls.h"
#include "drv/flash.h"
#include "drv/reset.h"
#include "drv/rng.h"
#include "drv/systick.h"
#include "entropy.h"
#include "initiator.h"
#include "net/link.h"
#include "net/mikey.h"
#include "net/secure.h"
#include "report.h"
#include "sensor.h"
#include "stamp.h"
#include "store.h"

enum {
	RENEW_PERCENT = 80,	/* of a lifetime, protocol.md 9 */
	OWN_COAP_PORT = 5683,
	AGAIN_MS = 60000,	/* until the randomness is tried again */
	BUF = 512,		/* messages 1 and readings are built here, one at a time */
};

#define NEVER (~0ULL)

static struct dmk_blob blob;
static struct dmk_party party[DMK_BLOB_PARTIES_MAX];
static struct dmk_standing standing[DMK_BLOB_PARTIES_MAX];
static u8 session_data[64];
static u8 buf[BUF];
static struct store store;
static struct dmk_stamp stamp;
static struct dmk_initiator_conf conf;
static struct dmk_initiator initiator;
static struct app app;
static u64 renew_at, expire_at, entropy_at;	/* NEVER, or ms */

/* ---- what the state machine wants */

static int on_random(void *ctx, u8 *out, size_t len)
{
	int err = entropy_bytes(out, len);

	(void)ctx;
	if (err && entropy_at == NEVER)
		entropy_at = systick_ms();
	return err;
}

static int on_next_t(void *ctx, u64 *t)
{
	(void)ctx;
	return dmk_stamp_next(&stamp, 0, UINT32_MAX, DMK_STAMP_AHEAD_COUNTER,
			      store_put_bound, &store, t);
}

static bool on_spi_used(void *ctx, u32 spi)
{
	(void)ctx;
	return secure_has_spi(spi);
}

static void on_send(void *ctx, u8 to, const u8 *data, u32 len)
{
	(void)ctx;
	mikey_send(to, data, len);
}

static int on_install(void *ctx, const struct dmk_sa_pair *sa)
{
	(void)ctx;
	if (!secure_install(sa))
		return -1;
	expire_at = systick_ms() + sa->policy.life_seconds * 1000ULL;
	renew_at = systick_ms() + sa->policy.life_seconds * (10ULL * RENEW_PERCENT);
	report_session(sa);
	return 0;
}

static void on_event(void *ctx, const struct dmk_event *e)
{
	(void)ctx;
	report_event(&blob, &conf, e);
}

static const struct dmk_initiator_ops initiator_ops = {
	.random = on_random,
	.next_t = on_next_t,
	.spi_used = on_spi_used,
	.send = on_send,
	.install = on_install,
	.event = on_event,
};

/* ---- what the application wants */

static bool on_reading(void *ctx, u8 *data, u32 len)
{
	(void)ctx;
	return secure_send(data, len);
}

/* readings get nowhere: the responder may have lost the session */
static void responder_silent(void)
{
	if (initiator.state == DMK_I_ESTABLISHED || initiator.state == DMK_I_UPDATING)
		dmk_initiator_start(&initiator, systick_ms());
}

static void on_app_event(void *ctx, enum app_event e, u32 count)
{
	(void)ctx;
	report_app(e, count);
	if (e == APP_ACKNOWLEDGED) {
		reset_all_well();
		report_stack();
	}
	if (e == APP_SILENT)
		responder_silent();
}

static const struct app_ops app_ops = {
	.send = on_reading,
	.random = on_random,
	.event = on_app_event,
};

/* ---- what comes over the network */

/* what an initiator may find wrong; all else is structure */
static const char *reason_name(enum dmk_reason r)
{
	switch (r) {
	case DMK_REASON_MAC:
		return "wrong MAC";
	case DMK_REASON_NOT_LATEST_T:
		return "no answer to the latest message";
	case DMK_REASON_UNEXPECTED:
		return "not expected";
	case DMK_REASON_UNKNOWN_SENDER:
		return "from none of the third parties asked";
	case DMK_REASON_REPEATED:
		return "too many cookies";
	case DMK_REASON_UNKNOWN_IDR:
		return "of another responder";
	case DMK_REASON_MAP_MISMATCH:
		return "another SPI than proposed";
	case DMK_REASON_SA:
	case DMK_REASON_INTERNAL:
		return "this sensor failed";
	default:
		return "malformed";
	}
}

static void on_mikey(int from, u8 *data, u32 len)
{
	bool was_up = initiator.state == DMK_I_ESTABLISHED ||
		      initiator.state == DMK_I_UPDATING;
	enum dmk_reason r;

	r = dmk_initiator_receive(&initiator, from, data, len, systick_ms());
	if (r && r != DMK_REASON_HINT)
		report_refused("message", reason_name(r));
	if (was_up || initiator.state != DMK_I_ESTABLISHED)
		return;
	report_stack();
	app_up(&app, systick_ms());
}

static void on_coap(const u8 *data, u32 len)
{
	app_receive(&app, data, len, systick_ms());
}

static void on_esp_refused(const char *why)
{
	report_refused("ESP packet", why);
}

/* ---- starting */

static u32 make_session_data(void)
{
	struct dmk_session_data sd = {
		.family = 6,
		.port = blob.port,
		.proto = 17,
		.r_port = blob.coap_port,
	};

	memcpy(sd.addr, blob.addr, sizeof(sd.addr));
	return dmk_session_data_emit(&sd, session_data);
}

static void make_conf(void)
{
	struct dmk_blob_party p;
	u8 i;

	for (i = 0; dmk_blob_party(&blob, i, &p); i++)
		party[i] = (struct dmk_party){ .id = p.id.data, .psk = p.psk };
	conf.ops = &initiator_ops;
	conf.crypto = crypto_context();
	conf.idi = blob.idi;
	conf.idr = blob.idr;
	conf.party = party;
	conf.standing = standing;
	conf.m = blob.m;
	conf.n = blob.n;
	conf.k = blob.k;
	conf.scheme = blob.scheme;
	conf.suite.prf = DMK_PRF_SHA256;
	conf.suite.encr_alg = blob.encr_alg;
	conf.suite.mac_alg = blob.mac_alg;
	conf.ts_type = DMK_TS_COUNTER;
	conf.relay = blob.relay;
	conf.verify = blob.verify;
	conf.session_data = DMK_SPAN(session_data, make_session_data());
	conf.sp_param = blob.sp_param;
	conf.buf = buf;
	conf.room = sizeof(buf);
}

static enum dmk_blob_status parse_keys(void)
{
	const u8 *keys;
	u32 len;

	keys = flash_keys(&len);
	return dmk_blob_parse(crypto_context(), keys, len, &blob);
}

bool sensor_is_dev(void)
{
	return !parse_keys() && blob.dev;
}

static enum sensor_state read_keys(void)
{
	enum dmk_blob_status s = parse_keys();

	if (s) {
		console_line("keys: ", dmk_blob_name(s));
		return SENSOR_NEVER;
	}
	report_keys(&blob);
	return SENSOR_RUNS;
}

static enum sensor_state open_store(void)
{
	enum store_status s = store_open(&store);

	if (s) {
		console_line("store: ", store_name(s));
		return s == STORE_FLASH ? SENSOR_LATER : SENSOR_NEVER;
	}
	dmk_stamp_init(&stamp, store.bound);
	console_begin("store: ok, T above ");
	console_number(store.bound);
	console_end();
	return SENSOR_RUNS;
}

static enum sensor_state start_entropy(void)
{
	enum entropy_status e;
	enum store_status s = STORE_NO_SEED;
	u8 seed[32];

	if (store.has_seed)
		s = store_seed(&store, crypto_context(), seed);
	if (s && s != STORE_NO_SEED) {
		console_line("store: ", store_name(s));
		return SENSOR_LATER;
	}
	e = entropy_start(s ? NULL : seed);
	dmk_wipe(seed, sizeof(seed));
	console_begin("entropy: ");
	console_text(rng_name());
	console_text(", ");
	console_text(e ? entropy_name(e) : "tested");
	console_end();
	if (e)
		console_line("entropy: ", "no keys without it, nothing is sent");
	return e ? SENSOR_LATER : SENSOR_RUNS;
}

static enum sensor_state start_network(void)
{
	static struct secure_conf secure;

	secure = (struct secure_conf){
		.peer = blob.r_addr,
		.peer_port = blob.coap_port,
		.own_port = OWN_COAP_PORT,
		.receive = on_coap,
		.refused = on_esp_refused,
		.buf = buf,
		.room = sizeof(buf),
	};
	link_start(blob.addr);
	if (mikey_start(&blob, on_mikey) && secure_start(&secure))
		return SENSOR_RUNS;
	console_line("network: ", "no room for its ports");
	return SENSOR_NEVER;
}

static enum sensor_state start_session(u64 now)
{
	struct dmk_esp_policy policy;

	make_conf();
	if (dmk_initiator_init(&initiator, &conf) ||
	    dmk_esp_policy_parse(blob.sp_param, &policy) || !esp_has(&policy) ||
	    blob.idi.data.len > APP_NAME_MAX) {
		console_line("keys: ", "values that do not fit together");
		return SENSOR_NEVER;
	}
	app.ops = &app_ops;
	app.path.data = blob.path.data;
	app.path.len = blob.path.len;
	app.name.data = blob.idi.data.data;
	app.name.len = blob.idi.data.len;
	app.period = blob.period;
	app_init(&app, now);
	renew_at = expire_at = entropy_at = NEVER;
	dmk_initiator_start(&initiator, now);
	return SENSOR_RUNS;
}

enum sensor_state sensor_start(u64 now)
{
	enum sensor_state s = read_keys();

	if (s == SENSOR_RUNS)
		s = open_store();
	if (s == SENSOR_RUNS)
		s = start_entropy();
	if (s == SENSOR_RUNS)
		s = start_network();
	if (s == SENSOR_RUNS)
		s = start_session(now);
	return s;
}

/* ---- running */

static void expire(u64 now)
{
	if (now < expire_at)
		return;
	expire_at = NEVER;
	secure_forget();
	console_line("session: ", "its lifetime is over");
}

static void renew(u64 now)
{
	if (initiator.state != DMK_I_ESTABLISHED)
		return;
	if (now < renew_at && secure_used() < RENEW_PERCENT)
		return;
	dmk_initiator_update(&initiator, now);
}

/* a source that failed may come back; until then nothing new is sent */
static void restart_entropy(u64 now)
{
	if (now >= entropy_at)
		entropy_at = start_entropy() == SENSOR_RUNS ? NEVER : now + AGAIN_MS;
}

static void watch_line(void)
{
	static bool hung;

	if (link_hangs() == hung)
		return;
	hung = !hung;
	console_line("network: ", hung ? "the serial line does not take anything" :
					 "the serial line works again");
}

bool sensor_poll(u64 now)
{
	bool more = link_poll();

	dmk_initiator_tick(&initiator, now);
	app_tick(&app, secure_payload(), now);
	expire(now);
	renew(now);
	watch_line();
	restart_entropy(now);
	return more;
}
