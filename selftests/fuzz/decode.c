// SPDX-License-Identifier: GPL-2.0
/*
 * dmikeyctl decode: a capture, hex, SDP or one message, shown as JSON and as text and
 * tried with some keys. Input: the file. What ends the program ends the run.
 */
#include <setjmp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "decode.h"
#include "fuzz.h"
#include "mutate.h"
#include "seeds/seeds.h"

static jmp_buf ended;
static FILE *opened;

const char *__asan_default_options(void);
FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);

/* who ends with the program frees nothing */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	return opened = __real_fopen(path, mode);
}

__attribute__((noreturn)) void __wrap_ctl_fail(enum ctl_status status, const char *fmt, ...);

void __wrap_ctl_fail(enum ctl_status status, const char *fmt, ...)
{
	(void)status;
	(void)fmt;
	longjmp(ended, 1);
}

/**
 * struct run - of a file
 * @keys: one of each kind of key with which a seed may be opened
 * @sessions: what was learned
 */
static struct run {
	struct decode_keys keys;
	struct decode_sessions *sessions;
	unsigned int n;
} run;

/* PSKs of the first session of the vectors; decode_keys.c reads them from files */
static void take_keys(struct decode_keys *k)
{
	static const char *const psk[] = { FUZZ_PSKS };
	unsigned int i, b, byte;

	k->crypto = fuzz_crypto();
	for (i = 0; i < ARRAY_SIZE(psk); i++) {
		for (b = 0; b < DMK_PSK_LEN && sscanf(psk[i] + 2 * b, "%2x", &byte) == 1; b++)
			k->psk[i].data[b] = byte;
		k->psk[i].len = DMK_PSK_LEN;
		k->psk[i].name = "vectors";
	}
	k->n_psk = ARRAY_SIZE(psk);
}

static void one(void *arg, const struct decode_input *in)
{
	struct json_object *m;
	struct decode_facts facts;

	(void)arg;
	if (++run.n > 64)	/* one file, many messages: as many as show something new */
		return;
	m = json_object_new_object();
	must(in->len <= 65535);
	decode_tree(m, in->data, in->len);
	decode_facts(&facts, in->data, in->len);
	decode_refuse(m, &facts, in->data, in->len);
	decode_check(m, &run.keys, run.sessions, in->data, in->len);
	must(json_object_to_json_string(m));
	decode_text(m);
	json_object_put(m);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	int fd = memfd_create("messages", MFD_CLOEXEC);
	char path[32];

	if (!run.keys.crypto)
		take_keys(&run.keys);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	run.n = 0;
	run.sessions = decode_sessions_new();
	if (!setjmp(ended))
		decode_read(path, 0, one, NULL);
	else
		fclose(opened);
	decode_sessions_free(run.sessions);
	close(fd);
	return 0;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max, unsigned int seed)
{
	return mutate_input(data, size, max, 0, seed);
}
