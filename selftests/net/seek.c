// SPDX-License-Identifier: GPL-2.0
/*
 * Look for secrets in a dump of memory:
 *
 *	seek SECRETS DUMP	SECRETS: a line each, "LABEL HEX"
 *	seek -p PID SECRETS	in what this process can write to
 *
 * Eight bytes in a row of one count as found: what is left of a key that was
 * overwritten in part is worth as much as a shorter key. Each secret is also looked
 * for as cryptography keeps it: under HMAC's two pads, and all of that with the
 * bytes of each word in the machine's order, as SHA-256 loads it. A line for each
 * place: "LABEL FORM BYTES at OFFSET"; the last line is "N places, M secrets looked
 * for".
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW		8
#define SECRET_MAX	64
#define SECRETS_MAX	512
#define FORMS		6
#define FILTER		(1u << 24)

static const char *const form_names[FORMS] = {
	"plain", "ipad", "opad", "plain-words", "ipad-words", "opad-words",
};

/**
 * struct pattern - one secret in one form
 * @label: what it is
 * @form: of form_names
 * @data: its bytes
 * @len: their number
 * @next: where the search expects the window behind the one it found last
 * @run: bytes found in a row up to there
 * @start: offset of the first of them
 */
struct pattern {
	char label[64];
	unsigned int form;
	uint8_t data[SECRET_MAX];
	unsigned int len;
	uint64_t next;
	unsigned int run;
	uint64_t start;
};

static struct pattern patterns[SECRETS_MAX * FORMS];
static unsigned int n_patterns, n_places;
static uint8_t filter[FILTER / 8];

static void die(const char *what)
{
	fprintf(stderr, "seek: %s\n", what);
	exit(2);
}

static uint64_t window_at(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t hash(uint64_t v)
{
	return (v * 0x9e3779b97f4a7c15ull) >> 40;
}

/* ---- what is looked for */

static void add(const char *label, unsigned int form, const uint8_t *data, unsigned int len)
{
	static const uint8_t pad[3] = { 0, 0x36, 0x5c };
	struct pattern *p = &patterns[n_patterns++];
	unsigned int i, at;
	uint32_t h;

	snprintf(p->label, sizeof(p->label), "%s", label);
	p->form = form;
	p->len = form < 3 ? len : len & ~3u;
	for (i = 0; i < p->len; i++) {
		at = form < 3 ? i : i ^ 3;
		p->data[i] = data[at] ^ pad[form % 3];
	}
	for (i = 0; i + WINDOW <= p->len; i++) {
		h = hash(window_at(p->data + i));
		filter[h / 8] |= 1 << h % 8;
	}
}

static unsigned int from_hex(const char *hex, uint8_t *out)
{
	unsigned int len = 0, byte;

	while (len < SECRET_MAX && isxdigit(hex[0]) && sscanf(hex, "%2x", &byte) == 1) {
		out[len++] = byte;
		hex += 2;
	}
	return len;
}

static unsigned int read_secrets(const char *file)
{
	char label[64], hex[2 * SECRET_MAX + 1];
	unsigned int n = 0, form, len;
	uint8_t data[SECRET_MAX];
	FILE *f = fopen(file, "r");

	if (!f)
		die(file);
	while (fscanf(f, "%63s %128s", label, hex) == 2) {
		len = from_hex(hex, data);
		if (len < WINDOW || n++ == SECRETS_MAX)
			die("a secret is too short, or there are too many");
		for (form = 0; form < FORMS; form++)
			add(label, form, data, len);
	}
	fclose(f);
	return n;
}

/* ---- the search */

static void report(struct pattern *p)
{
	if (!p->run)
		return;
	printf("%s %s %u of %u bytes at 0x%llx\n", p->label, form_names[p->form], p->run, p->len,
	       (unsigned long long)p->start);
	n_places++;
	p->run = 0;
}

static void found(struct pattern *p, uint64_t at)
{
	if (p->run && p->next == at) {
		p->run++;
	} else {
		report(p);
		p->run = WINDOW;
		p->start = at;
	}
	p->next = at + 1;
}

static void look_closer(uint64_t v, uint64_t at)
{
	unsigned int i, k;

	for (i = 0; i < n_patterns; i++)
		for (k = 0; k + WINDOW <= patterns[i].len; k++)
			if (window_at(patterns[i].data + k) == v)
				found(&patterns[i], at);
}

static void seek(const uint8_t *p, size_t len, uint64_t base)
{
	unsigned int i;
	uint64_t v;
	uint32_t h;
	size_t at;

	for (at = 0; at + WINDOW <= len; at++) {
		v = window_at(p + at);
		if (!v)
			continue;
		h = hash(v);
		if (filter[h / 8] >> h % 8 & 1)
			look_closer(v, base + at);
	}
	for (i = 0; i < n_patterns; i++)
		report(&patterns[i]);
}

static void seek_file(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *p;

	if (fd < 0 || fstat(fd, &st) || !st.st_size)
		die(name);
	p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		die("mmap");
	seek(p, st.st_size, 0);
	close(fd);
}

static void seek_area(int mem, uint64_t from, uint64_t to)
{
	uint8_t *p = malloc(to - from);
	ssize_t len;

	if (!p)
		die("no memory");
	len = pread(mem, p, to - from, from);
	if (len > 0)
		seek(p, len, from);
	free(p);
}

static void seek_process(const char *pid)
{
	unsigned long long from, to;
	char path[64], line[512];
	FILE *maps;
	int mem;

	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "re");
	if (mem < 0 || !maps)
		die(path);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%llx-%llx rw", &from, &to) == 2 && strstr(line, " rw"))
			seek_area(mem, from, to);
	fclose(maps);
	close(mem);
}

int main(int argc, char **argv)
{
	bool process = argc == 4 && !strcmp(argv[1], "-p");
	unsigned int n;

	if (!process && argc != 3)
		die("seek [-p PID] SECRETS [DUMP]");
	n = read_secrets(argv[process ? 3 : 1]);
	if (process)
		seek_process(argv[2]);
	else
		seek_file(argv[2]);
	printf("%u places, %u secrets looked for\n", n_places, n);
	return 0;
}
