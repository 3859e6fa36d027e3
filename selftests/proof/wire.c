// SPDX-License-Identifier: GPL-2.0
/*
 * What the functions of core/wire.c require and promise, for Frama-C (prove.sh).
 * The loops' invariants stand in wire.c itself.
 *
 * No contract bounds the datagram's length: what is proved holds up to 2^32 - 1.
 */
#include "../../core/wire.h"

/*@ predicate bytes(u8 *p, integer n) = \valid_read(p + (0 .. n - 1));

    predicate cursor(struct dmk_cursor *c) =
	\valid(c) && c->at <= c->len && bytes(c->data, c->len);

    predicate inside(struct dmk_cursor *c, struct dmk_span s) =
	0 <= s.data - c->data && s.data - c->data + s.len <= c->len &&
	bytes(s.data, s.len);
 */

/*@ requires n <= 8 && bytes(p, n);
    terminates \true;
    assigns \nothing;
 */
static inline u64 dmk_get_be(const u8 *p, u32 n);

/*@ requires n <= 8 && \valid(p + (0 .. n - 1));
    terminates \true;
    assigns p[0 .. n - 1];
 */
static inline void dmk_put_be(u8 *p, u64 v, u32 n);

/*@ terminates \true;
    assigns \nothing;
    ensures \result == (alg == DMK_MAC_SHA1 ? 20 : alg == DMK_MAC_SHA256 ? 32 : 0);
 */
static inline u32 dmk_mac_len(u8 alg);

/*@ requires cursor(c);
    terminates \true;
    assigns c->at;
    ensures cursor(c);
    ensures n > \old(c->len - c->at) ?
	\result == \null && c->at == \old(c->at) :
	\result == \old(c->data + c->at) && c->at == \old(c->at) + n && bytes(\result, n);
 */
static const u8 *take(struct dmk_cursor *c, u32 n);

/*@ requires cursor(c) && \valid(s) && \separated(c, s);
    terminates \true;
    assigns c->at, *s;
    ensures cursor(c) && c->at >= \old(c->at);
    ensures \result ==> s->len == n && inside(c, *s) && c->at == \old(c->at) + n;
 */
static bool take_span(struct dmk_cursor *c, u32 n, struct dmk_span *s);

/*@ requires bytes(p, 2);
    terminates \true;
    assigns \nothing;
 */
static u16 get16(const u8 *p);

/*@ requires cursor(c) && \valid(cs) && \separated(c, cs);
    terminates \true;
    assigns c->at, *cs;
    ensures cursor(c) && c->at >= \old(c->at);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, cs->policies) &&
	inside(c, cs->session_data) && inside(c, cs->spi);
 */
enum dmk_reason dmk_parse_cs(struct dmk_cursor *c, struct dmk_cs *cs);

/*@ requires cursor(c) && \valid_read(hdr) && \separated(c, hdr);
    terminates \true;
    assigns c->at;
    ensures cursor(c) && c->at >= \old(c->at);
 */
static enum dmk_reason skip_map(struct dmk_cursor *c, const struct dmk_hdr *hdr);

/*@ terminates \true;
    assigns \nothing;
 */
static bool data_type_known(u8 type);

/*@ requires cursor(c) && \valid(hdr) && \separated(c, hdr);
    terminates \true;
    assigns c->at, *hdr;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, hdr->map);
 */
enum dmk_reason dmk_parse_hdr(struct dmk_cursor *c, struct dmk_hdr *hdr);

/*@ terminates \true;
    assigns \nothing;
 */
static bool suite_known(u8 encr_alg, u8 mac_alg);

/*@ requires cursor(c) && \valid(next) && \valid(kemac) && \separated(c, next, kemac);
    terminates \true;
    assigns c->at, *next, *kemac;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && kemac->at == \old(c->at) &&
	inside(c, kemac->data) && inside(c, kemac->mac);
 */
enum dmk_reason dmk_parse_kemac(struct dmk_cursor *c, u8 *next, struct dmk_kemac *kemac);

/*@ terminates \true;
    assigns \nothing;
    ensures \result <==> len \in { 256, 384, 512 };
 */
static bool rsa_len(u32 len);

/*@ requires cursor(c) && \valid(next) && \valid(pke) && \separated(c, next, pke);
    terminates \true;
    assigns c->at, *next, *pke;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, pke->data) &&
	pke->data.len \in { 256, 384, 512 };
 */
enum dmk_reason dmk_parse_pke(struct dmk_cursor *c, u8 *next, struct dmk_pke *pke);

/*@ requires cursor(c) && \valid(sign) && \separated(c, sign);
    terminates \true;
    assigns c->at, *sign;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, sign->signature) &&
	sign->signature.len \in { 256, 384, 512 };
 */
enum dmk_reason dmk_parse_sign(struct dmk_cursor *c, struct dmk_sign *sign);

/*@ requires cursor(c) && \valid(next) && \valid(t) && \separated(c, next, t);
    terminates \true;
    assigns c->at, *next, *t;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at);
 */
enum dmk_reason dmk_parse_t(struct dmk_cursor *c, u8 *next, struct dmk_ts *t);

/*@ requires cursor(c) && \valid(id) && \separated(c, id);
    terminates \true;
    assigns c->at, *id;
    ensures cursor(c) && c->at >= \old(c->at);
    ensures \result == DMK_OK ==> inside(c, id->data) && 1 <= id->data.len <= DMK_ID_MAX;
 */
static enum dmk_reason parse_identity(struct dmk_cursor *c, struct dmk_id *id);

/*@ requires cursor(c) && \valid(next) && \valid(id) && \separated(c, next, id);
    terminates \true;
    assigns c->at, *next, *id;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, id->data) &&
	1 <= id->data.len <= DMK_ID_MAX;
 */
enum dmk_reason dmk_parse_id(struct dmk_cursor *c, u8 *next, struct dmk_id *id);

/*@ requires cursor(c) && \valid(next) && \valid(role) && \valid(id) &&
	\separated(c, next, role, id);
    terminates \true;
    assigns c->at, *next, *role, *id;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, id->data) &&
	1 <= id->data.len <= DMK_ID_MAX;
 */
enum dmk_reason dmk_parse_idr(struct dmk_cursor *c, u8 *next, u8 *role, struct dmk_id *id);

/*@ requires cursor(c) && \valid(next) && \valid(cert) && \separated(c, next, cert);
    terminates \true;
    assigns c->at, *next, *cert;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, cert->data) &&
	1 <= cert->data.len <= DMK_CERT_MAX;
 */
enum dmk_reason dmk_parse_cert(struct dmk_cursor *c, u8 *next, struct dmk_cert *cert);

/*@ requires cursor(c) && \valid(next) && \valid(chash) && \separated(c, next, chash);
    terminates \true;
    assigns c->at, *next, *chash;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, chash->hash) &&
	chash->hash.len == DMK_HASH_LEN;
 */
enum dmk_reason dmk_parse_chash(struct dmk_cursor *c, u8 *next, struct dmk_chash *chash);

/*@ requires cursor(c) && \valid(next) && \valid(ver) && \separated(c, next, ver);
    terminates \true;
    assigns c->at, *next, *ver;
    ensures cursor(c);
    ensures \result == DMK_OK ==> \old(c->at) < ver->at < c->at && inside(c, ver->data) &&
	ver->data.len <= DMK_MAC_LEN;
 */
enum dmk_reason dmk_parse_ver(struct dmk_cursor *c, u8 *next, struct dmk_ver *ver);

/*@ requires cursor(c) && \valid(next) && \valid(sp) && \separated(c, next, sp);
    terminates \true;
    assigns c->at, *next, *sp;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, sp->param) &&
	inside(c, sp->raw);
 */
enum dmk_reason dmk_parse_sp(struct dmk_cursor *c, u8 *next, struct dmk_sp *sp);

/*@ requires cursor(c) && \valid(next) && \valid(rand) && \separated(c, next, rand);
    terminates \true;
    assigns c->at, *next, *rand;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, *rand) &&
	rand->len >= DMK_RAND_LEN;
 */
enum dmk_reason dmk_parse_rand(struct dmk_cursor *c, u8 *next, struct dmk_span *rand);

/*@ requires cursor(c) && \valid(next) && \valid(role) && \valid(rand) &&
	\separated(c, next, role, rand);
    terminates \true;
    assigns c->at, *next, *role, *rand;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, *rand) &&
	rand->len == DMK_RANDR_LEN;
 */
enum dmk_reason dmk_parse_randr(struct dmk_cursor *c, u8 *next, u8 *role, struct dmk_span *rand);

/*@ requires cursor(c) && \valid(next) && \valid(error) && \separated(c, next, error);
    terminates \true;
    assigns c->at, *next, *error;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at);
 */
enum dmk_reason dmk_parse_err(struct dmk_cursor *c, u8 *next, u8 *error);

/*@ requires cursor(c) && \valid(next) && \valid(ext) && \separated(c, next, ext);
    terminates \true;
    assigns c->at, *next, *ext;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at) && inside(c, ext->data);
 */
enum dmk_reason dmk_parse_ext(struct dmk_cursor *c, u8 *next, struct dmk_ext *ext);

/*@ requires cursor(c) && \valid(salt) && \separated(c, salt);
    terminates \true;
    assigns c->at, *salt;
    ensures cursor(c) && c->at >= \old(c->at);
    ensures \result ==> salt->len == 0 || inside(c, *salt);
 */
static bool take_salt(struct dmk_cursor *c, u8 type, struct dmk_span *salt);

/*@ requires cursor(c) && \valid(s) && \separated(c, s);
    terminates \true;
    assigns c->at, *s;
    ensures cursor(c) && c->at >= \old(c->at);
    ensures \result ==> inside(c, *s);
 */
static bool take_validity(struct dmk_cursor *c, u8 kv, struct dmk_span *s);

/*@ requires cursor(c) && \valid(next) && \valid(key) && \separated(c, next, key);
    terminates \true;
    assigns c->at, *next, *key;
    ensures cursor(c);
    ensures \result == DMK_OK ==> c->at > \old(c->at);
    ensures \result == DMK_OK ==> inside(c, key->key);
    ensures \result == DMK_OK ==> key->salt.len == 0 || inside(c, key->salt);
    ensures \result == DMK_OK ==> inside(c, key->validity);
 */
enum dmk_reason dmk_parse_key_data(struct dmk_cursor *c, u8 *next, struct dmk_key_data *key);

#include "../../core/wire.c"
