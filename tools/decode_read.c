// SPDX-License-Identifier: GPL-2.0
/*
 * Messages from a capture, from text, or one message as it is:
 *
 *	hex, one message a line; spaces and colons are nothing, # begins a comment
 *	SDP or RTSP with base64: a=key-mgmt:mikey ..., KeyMgmt: prot=mikey; data="..."
 */
#include <ctype.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>

#include "decode.h"

#define DATAGRAM_MAX 65535

/**
 * struct reader - what is being read
 * @file: its name
 * @port: UDP port in captures
 * @give: gets each message
 * @arg: for it
 * @line: number of the line
 * @buf: a message
 */
struct reader {
	const char *file;
	uint16_t port;
	decode_give *give;
	void *arg;
	unsigned int line;
	u8 buf[DATAGRAM_MAX];
};

static void give(struct reader *r, u32 len)
{
	struct decode_input in = { .data = r->buf, .len = len };

	r->give(r->arg, &in);
}

/* ---- text */

static void bad_line(const struct reader *r, const char *why)
{
	ctl_fail(CTL_REFUSED, "%s: line %u: %s", r->file, r->line, why);
}

static int digit(char c)
{
	if (!isxdigit((u8)c))
		return -1;
	return isdigit((u8)c) ? c - '0' : tolower((u8)c) - 'a' + 10;
}

static void give_hex(struct reader *r, const char *text)
{
	u32 digits = 0;
	int d;

	for (; *text && *text != '#'; text++) {
		if (isspace((u8)*text) || *text == ':')
			continue;
		d = digit(*text);
		if (d < 0)
			bad_line(r, "neither hex nor key management of SDP or RTSP");
		if (digits / 2 == sizeof(r->buf))
			bad_line(r, "longer than any datagram");
		r->buf[digits / 2] = digits % 2 ? r->buf[digits / 2] << 4 | d : d;
		digits++;
	}
	if (digits % 2)
		bad_line(r, "an odd number of hex digits");
	if (digits)
		give(r, digits / 2);
}

static void give_base64(struct reader *r, const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789+/=");
	int n, pad = 0;

	if (!len || len % 4 || len / 4 * 3 > sizeof(r->buf))
		bad_line(r, "no base64");
	n = EVP_DecodeBlock(r->buf, (const u8 *)text, len);
	if (n < 0)
		bad_line(r, "no base64");
	while (pad < 2 && text[len - 1 - pad] == '=')	/* counted as zero bytes */
		pad++;
	give(r, n - pad);
}

/* a line of SDP or RTSP that says nothing to us: "m=audio ...", "CSeq: 6" */
static bool is_other(const char *line)
{
	size_t word = strcspn(line, ":= ");

	return strstr(line, "RTSP/") || line[word] == '=' ||
	       (line[word] == ':' && isalpha((u8)*line) &&
		word > strspn(line, "0123456789abcdefABCDEF"));
}

/* RFC 4567 3.1 and 3.2 */
static void give_line(struct reader *r, const char *line)
{
	const char *mikey = strcasestr(line, "mikey"), *data;

	r->line++;
	if (line[strspn(line, " \t")] == '#')
		return;
	if (mikey) {
		data = strcasestr(mikey, "data=\"");
		give_base64(r, data ? data + 6 : mikey + 5 + strspn(mikey + 5, " "));
	} else if (!is_other(line)) {
		give_hex(r, line);
	}
}

static void read_text(struct reader *r, FILE *in)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, in) >= 0)
		give_line(r, line);
	free(line);
}

/* ---- one message */

static void read_binary(struct reader *r, FILE *in)
{
	size_t len = fread(r->buf, 1, sizeof(r->buf), in);

	if (getc(in) != EOF)
		ctl_fail(CTL_REFUSED, "%s: neither text nor a capture, and longer than a message",
			 r->file);
	give(r, len);
}

/* ---- captures */

static void read_packets(struct reader *r, pcap_t *pcap)
{
	struct decode_packets *p = decode_packets_new(r->port, r->give, r->arg);
	struct pcap_pkthdr *head;
	const u8 *data;
	int link = pcap_datalink(pcap), status;

	if (!decode_packets_link(link))
		ctl_fail(CTL_REFUSED, "%s: captures of link type %s are not read", r->file,
			 pcap_datalink_val_to_name(link) ?: "unknown");
	while ((status = pcap_next_ex(pcap, &head, &data)) == 1) {
		struct decode_input in = { .captured = true, .time = head->ts.tv_sec,
					   .micro = head->ts.tv_usec };

		decode_packet(p, link, data, head->caplen, &in);
	}
	if (status == PCAP_ERROR)
		ctl_fail(CTL_REFUSED, "%s: %s", r->file, pcap_geterr(pcap));
	decode_packets_free(p);
}

/* libpcap closes @in */
static void read_capture(struct reader *r, FILE *in)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_fopen_offline(in, why);

	if (!pcap)
		ctl_fail(CTL_REFUSED, "%s: %s", r->file, why);
	read_packets(r, pcap);
	pcap_close(pcap);
}

/* ---- which of them */

enum form { TEXT, BINARY, CAPTURE };

static bool is_capture(const u8 head[4])
{
	static const u8 magics[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 },	/* pcap */
		{ 0xa1, 0xb2, 0x3c, 0x4d }, { 0x4d, 0x3c, 0xb2, 0xa1 },	/* with ns */
		{ 0x0a, 0x0d, 0x0d, 0x0a },				/* pcapng */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(magics); i++)
		if (!memcmp(magics[i], head, 4))
			return true;
	return false;
}

/* by the first four bytes, which are put back: that glibc can */
static enum form form_of(FILE *in)
{
	u8 head[4] = {};
	int c, n, i;
	bool text = true;

	for (n = 0; n < 4 && (c = getc(in)) != EOF; n++) {
		head[n] = c;
		text = text && (isprint(c) || isspace(c));
	}
	for (i = n; i-- > 0;)
		ungetc(head[i], in);
	if (n == 4 && is_capture(head))
		return CAPTURE;
	return text ? TEXT : BINARY;
}

void decode_read(const char *file, uint16_t port, decode_give *give, void *arg)
{
	bool standard = !strcmp(file, "-");
	static struct reader r;
	FILE *in = standard ? stdin : fopen(file, "re");

	r = (struct reader){ .file = standard ? "standard input" : file, .port = port,
			     .give = give, .arg = arg };
	if (!in)
		ctl_fail(CTL_REFUSED, "%s: %m", file);
	switch (form_of(in)) {
	case CAPTURE:
		read_capture(&r, in);
		return;
	case TEXT:
		read_text(&r, in);
		break;
	case BINARY:
		read_binary(&r, in);
		break;
	}
	if (ferror(in))
		ctl_fail(CTL_REFUSED, "%s: %m", r.file);
	fclose(in);
}
