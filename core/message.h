/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The messages of protocol.md 2 as structs over views into the datagram.
 * Structure and code points only: no cryptography, no state, no clock.
 */
#ifndef DMK_MESSAGE_H
#define DMK_MESSAGE_H

#include "wire.h"
#include "esp.h"

/**
 * enum dmk_kind - the messages of protocol.md 2
 * @DMK_I_TP: 1, I to a third party
 * @DMK_TP_I: 2
 * @DMK_TP_R: 3, signed
 * @DMK_TP_R_CACHED: 3, under a cached envelope key
 * @DMK_R_TP: 4
 * @DMK_R_I: 5
 * @DMK_U_R: 6
 * @DMK_R_U: 7
 * @DMK_ERR: an error message
 * @DMK_PSK: plain RFC 3830 3.1, request
 * @DMK_PSK_VER: plain RFC 3830 3.1, answer
 * @DMK_PK: plain RFC 3830 3.2, request
 * @DMK_PK_VER: plain RFC 3830 3.2, answer
 */
enum dmk_kind {
	DMK_I_TP,
	DMK_TP_I,
	DMK_TP_R,
	DMK_TP_R_CACHED,
	DMK_R_TP,
	DMK_R_I,
	DMK_U_R,
	DMK_R_U,
	DMK_ERR,
	DMK_PSK,
	DMK_PSK_VER,
	DMK_PK,
	DMK_PK_VER,
};

/**
 * enum dmk_role - who reads a message; bits, several may be set
 * @DMK_AT_I: the initiator: TP_I, R_I, R_U, ERR
 * @DMK_AT_TP: a third party: I_TP, R_TP, ERR
 * @DMK_AT_R: the responder: TP_R, U_R
 * @DMK_AT_HOST: a plain RFC 3830 peer
 *
 * The kinds that are none of the reader's are DMK_REASON_UNEXPECTED, unless their
 * structure already is wrong.
 */
enum dmk_role {
	DMK_AT_I = 1,
	DMK_AT_TP = 2,
	DMK_AT_R = 4,
	DMK_AT_HOST = 8,
};

/**
 * struct dmk_share_ext - SHARE, protocol.md 6.2
 * @scheme: 1 Reed-Solomon, 2 Shamir
 * @n: third parties of the session
 * @k: threshold
 * @x: position of this third party
 * @flags: DMK_SHARE_RELAY or 0
 * @tgk_len: bytes
 * @t_i: I's time stamp
 * @commitment: 16 bytes
 */
struct dmk_share_ext {
	u8 scheme;
	u8 n;
	u8 k;
	u8 x;
	u8 flags;
	u16 tgk_len;
	struct dmk_ts t_i;
	const u8 *commitment;
};

#define DMK_SHARE_VERSION	1
#define DMK_SHARE_RELAY		1	/* flags bit 0 */
#define DMK_SCHEME_RS		1
#define DMK_SCHEME_SHAMIR	2

/**
 * struct dmk_part_entry - one verdict of PART, protocol.md 7.4
 * @hash: first 8 bytes of SHA-256 over ID(TP_i) Data octets
 * @x: x_i
 * @verdict: 0 right, 1 wrong
 */
struct dmk_part_entry {
	u8 hash[8];
	u8 x;
	u8 verdict;
};

/**
 * struct dmk_message - a parsed message
 * @kind: which of the messages it is; says which of the fields below are set
 * @raw: the datagram as it was parsed
 * @hdr: common header
 * @spi: SPIs of CS 1 and 2 (where #CS is 2 and the map is GENERIC-ID)
 * @session_data: Session Data of CS 1
 * @cookie: COOKIE of 16 bytes; data is NULL without one
 * @t: T
 * @rand: RAND
 * @randr: RANDR
 * @idi: IDi
 * @idr: IDr
 * @idtp: IDtp of the cached message 3
 * @cert: CERT (the first of a chain in plain exchanges)
 * @sp: SP payloads
 * @n_sp: their number
 * @share: SHARE, parsed
 * @share_raw: SHARE's 33 bytes
 * @chash: CHASH
 * @pke: PKE
 * @envid: ENVID
 * @kemac: KEMAC
 * @sign: SIGN
 * @ver: V; data.data is NULL without one
 * @relay: the R_I inside RELAY; data is NULL without one
 * @part: PART, n times 10 bytes
 * @error: Error no
 */
struct dmk_message {
	enum dmk_kind kind;
	struct dmk_span raw;
	struct dmk_hdr hdr;
	u32 spi[2];
	struct dmk_span session_data;
	struct dmk_span cookie;
	struct dmk_ts t;
	struct dmk_span rand;
	struct dmk_span randr;
	struct dmk_id idi;
	struct dmk_id idr;
	struct dmk_id idtp;
	struct dmk_cert cert;
	struct dmk_sp sp[DMK_SP_MAX];
	u8 n_sp;
	struct dmk_share_ext share;
	struct dmk_span share_raw;
	struct dmk_chash chash;
	struct dmk_pke pke;
	struct dmk_span envid;
	struct dmk_kemac kemac;
	struct dmk_sign sign;
	struct dmk_ver ver;
	struct dmk_span relay;
	struct dmk_span part;
	u8 error;
};

/**
 * dmk_message_parse() - read a datagram and check all that needs no key
 * @m: the result; its views point into @data
 * @roles: who reads it, bits of enum dmk_role
 * @data: the datagram, a COOKIE included
 * @len: its length in bytes
 *
 * Checks length, structure, order and code points as protocol.md 2, 3, 4, 6.2
 * and 11 want them, in the order of 7. Which algorithms, policies and times
 * are allowed is the caller's business, but NULL encryption and
 * authentication are refused here.
 *
 * Return: DMK_OK, or why the message is refused (@m is then of no use, but
 * hdr.csb_id, hdr.prf and t hold what was read so far, or zero).
 */
enum dmk_reason dmk_message_parse(struct dmk_message *m, unsigned int roles,
				  const u8 *data, u32 len);

/**
 * dmk_message_check_host() - whether a plain message is one between hosts
 * @m: a parsed message of kind DMK_PSK, DMK_PK or an answer to one; its @spi and
 *	@session_data are set
 *
 * RFC 3830 leaves more open than two hosts need. Between them there are two
 * crypto sessions of ESP as protocol.md 4 has them, both identities, one SP,
 * a RAND of 16 bytes and an answer (protocol.md 12).
 *
 * Return: DMK_OK, or why the message is refused.
 */
enum dmk_reason dmk_message_check_host(struct dmk_message *m);

/**
 * dmk_message_strip_cookie() - the message without COOKIE, protocol.md 7.3
 * @data: a datagram that dmk_message_parse() has accepted; changed in place
 * @len: its length
 *
 * All authentication is over this form. To be parsed again afterwards.
 *
 * Return: the length without COOKIE; @len if there was none.
 */
u32 dmk_message_strip_cookie(u8 *data, u32 len);

/**
 * dmk_message_add_cookie() - the reverse, for the sender that was asked for it
 * @data: a message without COOKIE; changed in place
 * @len: its length
 * @room: the memory's size
 * @cookie: 16 bytes
 *
 * Return: the new length, or 0 if it does not fit or is no message.
 */
u32 dmk_message_add_cookie(u8 *data, u32 len, u32 room, const u8 *cookie);

/**
 * dmk_part_entry() - read entry @i of @m->part
 * @m: a parsed R_I
 * @i: below @m->part.len / DMK_PART_ENTRY_LEN
 * @e: the entry
 */
void dmk_part_entry(const struct dmk_message *m, unsigned int i,
		    struct dmk_part_entry *e);

/* ---- building; each writes from HDR up to where the cryptography starts */

/**
 * dmk_build_hdr_2cs() - HDR with the two crypto sessions of protocol.md 4
 * @w: the writer, empty
 * @data_type: Data type
 * @v: V flag
 * @csb_id: CSB ID
 * @spi: SPIs of CS 1 and CS 2
 * @session_data: Session Data of CS 1; empty in answers
 */
void dmk_build_hdr_2cs(struct dmk_writer *w, u8 data_type, bool v, u32 csb_id,
		       const u32 spi[2], struct dmk_span session_data);

/* the same for plain exchanges, which may have another PRF func */
void dmk_build_hdr_host(struct dmk_writer *w, u8 data_type, bool v, u8 prf, u32 csb_id,
			const u32 spi[2], struct dmk_span session_data);

/**
 * dmk_build_hdr_0cs() - HDR of messages 2 and 4 and of ERR
 * @w: the writer, empty
 * @data_type: Data type
 * @prf: PRF func of the request
 * @csb_id: CSB ID of the request
 */
void dmk_build_hdr_0cs(struct dmk_writer *w, u8 data_type, u8 prf, u32 csb_id);

/**
 * dmk_build_share() - append SHARE
 * @w: the writer
 * @share: its fields
 */
void dmk_build_share(struct dmk_writer *w, const struct dmk_share_ext *share);

/**
 * dmk_build_tp_r_head() - message 3 from HDR to CERT or IDtp and on to SHARE
 * @w: the writer, empty
 * @i_tp: the message 1 that is passed on
 * @t: T'
 * @cert: CERT of the signed form, or NULL
 * @idtp: IDtp of the cached form, or NULL
 *
 * What protocol.md 6.2 wants copied is copied byte for byte. CHASH and PKE,
 * or ENVID, and KEMAC are to follow.
 */
void dmk_build_tp_r_head(struct dmk_writer *w, const struct dmk_message *i_tp,
			 const struct dmk_ts *t, const struct dmk_cert *cert,
			 const struct dmk_id *idtp);

/**
 * dmk_build_part() - append PART
 * @w: the writer
 * @e: the verdicts, sorted as protocol.md 7.4 wants
 * @n: their number, 1 to 16
 */
void dmk_build_part(struct dmk_writer *w, const struct dmk_part_entry *e,
		    unsigned int n);

#endif
