// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sensor_fault.h"

/* of SHARE, protocol.md 6.2 */
enum { SHARE_X_AT = 4, EXT_HEAD = 4 };

struct opened_message {
	struct dmk_message m;
	struct dmk_msg_keys keys;
	u8 share[DMK_SHARE_LEN];
};

/* message 1 of this sensor's own making */
static bool open_message(struct sensor_fault *f, u8 party, const u8 *data, u32 len,
			 struct opened_message *o)
{
	const struct sensor_conf *c = f->conf;
	struct dmk_opened opened;
	bool good;

	if (dmk_message_parse(&o->m, DMK_AT_TP, data, len) || o->m.kind != DMK_I_TP)
		return false;
	if (dmk_msg_keys(f->crypto, c->suite.prf, dmk_suite_encr_len(&c->suite),
			 dmk_suite_auth_len(&c->suite),
			 DMK_SPAN(c->party[party].psk, DMK_PSK_LEN), o->m.hdr.csb_id,
			 o->m.rand, &o->keys))
		return false;
	good = !dmk_open_kemac(f->crypto, &o->m, &o->keys, &opened);
	if (good)
		memcpy(o->share, opened.key.data, sizeof(o->share));
	dmk_wipe(&opened, sizeof(opened));
	return good;
}

/* the same message around another share and position; the first form was never
 * sent, so that no nonce is used twice
 */
static u32 seal_message(struct sensor_fault *f, u8 *data, u32 len, struct opened_message *o,
			u8 x)
{
	u32 share_at = o->m.share_raw.data - data;
	struct dmk_writer w = {
		.data = data,
		.room = SENSOR_TX_ROOM,
		.len = o->m.kemac.at,
		.next = share_at - EXT_HEAD,
	};
	int err;

	data[share_at + SHARE_X_AT] = x;
	err = dmk_seal_kemac(f->crypto, &w, &f->conf->suite, &o->keys, o->m.hdr.csb_id, &o->m.t,
			     NULL, DMK_KEY_TGK_SHARE, DMK_SPAN(o->share, sizeof(o->share)),
			     false);
	return err || w.full ? len : w.len;
}

static u32 corrupt_share(struct sensor_fault *f, u8 party, u8 *data, u32 len)
{
	struct opened_message o;

	if (open_message(f, party, data, len, &o)) {
		o.share[0] ^= 1;
		len = seal_message(f, data, len, &o, o.m.share.x);
	}
	dmk_wipe(&o, sizeof(o));
	return len;
}

/* the second third party gets the first one's position, and its share */
static u32 same_x(struct sensor_fault *f, u8 party, u8 *data, u32 len)
{
	struct opened_message o;

	if (open_message(f, party, data, len, &o)) {
		if (o.m.share.x == 1)
			memcpy(f->share, o.share, sizeof(f->share));
		if (o.m.share.x == 2) {
			memcpy(o.share, f->share, sizeof(o.share));
			len = seal_message(f, data, len, &o, 1);
		}
	}
	dmk_wipe(&o, sizeof(o));
	return len;
}

/* COOKIE is outside of what is sealed: protocol.md 7.3 */
static u32 reseal(struct sensor_fault *f, u8 party, u8 *data, u32 len)
{
	u8 cookie[DMK_COOKIE_LEN];
	struct dmk_message m;
	bool has_cookie;

	if (dmk_message_parse(&m, DMK_AT_TP, data, len))
		return len;
	has_cookie = m.cookie.data;
	if (has_cookie)
		memcpy(cookie, m.cookie.data, sizeof(cookie));
	len = dmk_message_strip_cookie(data, len);
	if (f->conf->fault.corrupt_share >> party & 1)
		len = corrupt_share(f, party, data, len);
	if (f->conf->fault.same_x)
		len = same_x(f, party, data, len);
	return has_cookie ? dmk_message_add_cookie(data, len, SENSOR_TX_ROOM, cookie) : len;
}

u32 sensor_fault_send(struct sensor_fault *f, u8 party, u8 *data, u32 len)
{
	const struct sensor_faults *want = &f->conf->fault;

	if (party == DMK_RESPONDER) {	/* the others are for message 1 */
		if (want->update_flip >= 0 && (u32)want->update_flip < len)
			data[want->update_flip] ^= 1;
		return len;
	}
	if (want->drop >> party & 1)
		return 0;
	if (want->corrupt_share >> party & 1 || want->same_x)
		len = reseal(f, party, data, len);
	if (want->flip >= 0 && (u32)want->flip < len)
		data[want->flip] ^= 1;
	if (want->truncate >= 0 && (u32)want->truncate < len)
		len = want->truncate;
	return len;
}

void sensor_fault_dump(struct sensor_fault *f, const char *dir, int party, const u8 *data,
		       u32 len)
{
	const char *peer = party == DMK_RESPONDER ? "responder" :
			   party < 0 ? "elsewhere" : f->conf->party[party].name;
	char path[4096];
	int fd;

	if (!f->conf->fault.dump)
		return;
	snprintf(path, sizeof(path), "%s/%03u-%s-%s.bin", f->conf->fault.dump, f->dumped++, dir,
		 peer);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		perror(path);
	if (fd >= 0)
		close(fd);
}

/* a draw d stands for the SPI d + 256 */
void sensor_fault_spi(const struct sensor_fault *f, const struct dmk_initiator *i, u8 out[4])
{
	const u32 *spi = i->attempt.spi;
	unsigned int which = spi[0] ? 1 : 0;
	u32 want;

	if (i->state != DMK_I_ESTABLISHING || spi[1] || !f->conf->fault.spi[which])
		return;
	want = htonl(f->conf->fault.spi[which] - DMK_SPI_MIN);
	memcpy(out, &want, sizeof(want));
}
