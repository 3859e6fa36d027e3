// SPDX-License-Identifier: GPL-2.0
/* doctor: the module, and what it needs of this kernel. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/if_alg.h>

#include "ctl_doctor.h"

static const char *release(void)
{
	static struct utsname name;

	uname(&name);
	return name.release;
}

/* the first line of a small file; "" if it cannot be read */
static void read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "re");

	line[0] = '\0';
	if (!f)
		return;
	if (!fgets(line, size, f))
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(f);
}

/* ---- modules of this kernel */

/* "kernel/crypto/ccm.ko.xz: ..." is ccm; '-' and '_' are one */
static bool names(const char *line, const char *name)
{
	const char *end = line + strcspn(line, ":\n"), *base = line, *p;
	size_t n = strlen(name);

	for (p = line; p < end; p++)
		if (*p == '/')
			base = p + 1;
	if ((size_t)(end - base) < n + 3 || strncmp(base + n, ".ko", 3))
		return false;
	while (n-- && (base[n] == name[n] || (base[n] == '-' && name[n] == '_')))
		;
	return n == SIZE_MAX;
}

/* a line of an index in /lib/modules; @path: gets the file's name there, or NULL */
static bool is_listed(const char *index, const char *rel, const char *name, char *path,
		      size_t size)
{
	char file[512], line[8192];
	bool found = false;
	FILE *f;

	snprintf(file, sizeof(file), "/lib/modules/%s/%s", rel, index);
	f = fopen(file, "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = names(line, name);
	fclose(f);
	if (found && path)
		snprintf(path, size, "/lib/modules/%.100s/%.*s", rel,
			 (int)strcspn(line, ":\n"), line);
	return found;
}

static bool is_loaded(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

/* the kernel calls modprobe by itself */
static bool loads(void)
{
	char helper[256], disabled[8];

	read_line("/proc/sys/kernel/modprobe", helper, sizeof(helper));
	read_line("/proc/sys/kernel/modules_disabled", disabled, sizeof(disabled));
	return strcmp(disabled, "1") && *helper && strcmp(helper, "/bin/false") &&
	       !access(helper, X_OK);
}

/* without it a module that is built in looks like one that is not there */
static bool has_index(void)
{
	char path[128];

	snprintf(path, sizeof(path), "/lib/modules/%.80s/modules.builtin", release());
	return !access(path, R_OK);
}

enum doctor_kmod doctor_kmod(const char *name)
{
	if (is_loaded(name) || is_listed("modules.builtin", release(), name, NULL, 0))
		return DOCTOR_KMOD_THERE;
	if (!has_index())
		return DOCTOR_KMOD_UNKNOWN;
	if (!is_listed("modules.dep", release(), name, NULL, 0))
		return DOCTOR_KMOD_ABSENT;
	return loads() ? DOCTOR_KMOD_COMES : DOCTOR_KMOD_WAITS;
}

/* ---- dmikey.ko */

/* this kernel takes signed modules only */
static bool wants_signature(void)
{
	char lockdown[128], enforce[8];

	read_line("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown));
	read_line("/sys/module/module/parameters/sig_enforce", enforce, sizeof(enforce));
	return enforce[0] == 'Y' ||
	       (strstr(lockdown, "[") && !strstr(lockdown, "[none]"));
}

/* false also if it is compressed: then it cannot be seen */
static bool is_unsigned(const char *path)
{
	static const char magic[] = "~Module signature appended~\n";
	size_t len = strlen(path), n = sizeof(magic) - 1;
	char end[sizeof(magic)];
	bool answer = false;
	FILE *f;

	if (len < 3 || strcmp(path + len - 3, ".ko"))
		return false;
	f = fopen(path, "re");
	if (f && !fseek(f, -(long)n, SEEK_END) && fread(end, 1, n, f) == n)
		answer = memcmp(end, magic, n);
	if (f)
		fclose(f);
	return answer;
}

/* the kernels for which there is a dmikey.ko: "6.1.0-47-amd64, ..." */
static void built_for(char *text, size_t size)
{
	DIR *dir = opendir("/lib/modules");
	struct dirent *e;
	size_t n = 0;

	text[0] = '\0';
	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && n < size &&
		    is_listed("modules.dep", e->d_name, "dmikey", NULL, 0))
			n += snprintf(text + n, size - n, "%s%s", n ? ", " : "", e->d_name);
	if (dir)
		closedir(dir);
}

static void not_built(struct doctor *d)
{
	char others[256], cure[128];

	built_for(others, sizeof(others));
	snprintf(cure, sizeof(cure), "dkms autoinstall -k %.80s", release());
	doctor_say(d, "module", DOCTOR_FAULT, cure, NULL,
		   "there is no dmikey.ko for kernel %s%s%s", release(),
		   *others ? ", only for " : "", others);
}

void doctor_module(struct doctor *d)
{
	char path[512];

	if (d->loaded)
		doctor_say(d, "module", DOCTOR_OK, NULL, NULL, "loaded, in kernel %s", release());
	else if (!is_listed("modules.dep", release(), "dmikey", path, sizeof(path)))
		not_built(d);
	else if (wants_signature() && is_unsigned(path))
		doctor_say(d, "module", DOCTOR_FAULT, "mokutil --import /var/lib/dkms/mok.pub",
			   "sign modules with that key, reboot, and enroll it when asked",
			   "Secure Boot: this kernel takes signed modules only, and %s is not signed",
			   path);
	else
		doctor_say(d, "module", DOCTOR_FAULT, "modprobe dmikey",
			   wants_signature() ?
			   "if it says \"Key was rejected\": mokutil --import /var/lib/dkms/mok.pub" :
			   NULL, "not loaded");
}

/* ---- algorithms */

/**
 * struct algorithm - something that the module asks the crypto API for
 * @name: there
 * @type: of AF_ALG, or NULL if it knows none
 * @kmod: the module of the kernel that brings it
 * @cipher: enum dmk_esp_cipher that needs it; 0: dmikey itself
 */
struct algorithm {
	const char *name, *type, *kmod;
	uint16_t cipher;
};

static const struct algorithm algorithms[] = {
	{ "hmac(sha1)", "hash", "hmac" },
	{ "hmac(sha256)", "hash", "sha256_generic" },
	{ "ctr(aes)", "skcipher", "ctr" },
	{ "ccm(aes)", "aead", "ccm" },
	{ "rsa", NULL, "rsa_generic" },
	{ "rfc4309(ccm(aes))", "aead", "ccm", DMK_ESP_AES_CCM_8 },
	{ "rfc4309(ccm(aes))", "aead", "ccm", DMK_ESP_AES_CCM_16 },
	{ "rfc4106(gcm(aes))", "aead", "gcm", DMK_ESP_AES_GCM_8 },
	{ "rfc4106(gcm(aes))", "aead", "gcm", DMK_ESP_AES_GCM_16 },
	{ "authenc(hmac(sha256),cbc(aes))", "aead", "authenc", DMK_ESP_AES_CBC },
	{ "rfc7539esp(chacha20,poly1305)", "aead", "chacha20poly1305",
	  DMK_ESP_CHACHA20_POLY1305 },
};

static bool is_in_proc(const char *name)
{
	FILE *f = fopen("/proc/crypto", "re");
	char line[256], wanted[128];
	bool found = false;

	snprintf(wanted, sizeof(wanted), "name         : %s\n", name);
	while (f && !found && fgets(line, sizeof(line), f))
		found = !strcmp(line, wanted);
	if (f)
		fclose(f);
	return found;
}

/* 1 the kernel makes it, 0 it cannot, -1 it cannot be asked */
static int bind_algorithm(const struct algorithm *a)
{
	struct sockaddr_alg addr = { .salg_family = AF_ALG };
	int fd, ret;

	if (!a->type)
		return -1;
	fd = socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	strcpy((char *)addr.salg_type, a->type);
	strcpy((char *)addr.salg_name, a->name);
	ret = bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0;
	close(fd);
	if (ret && ret != -ENOENT)
		return -1;
	return !ret;
}

/*
 * AF_ALG says no also where it lacks its own half (algif_*); only together with
 * a module that is not there, or not loaded, that is a fault.
 */
static enum doctor_verdict judge(const struct algorithm *a)
{
	enum doctor_kmod kmod;
	int bound;

	if (is_in_proc(a->name))
		return DOCTOR_OK;
	bound = bind_algorithm(a);
	if (bound == 1)
		return DOCTOR_OK;
	kmod = doctor_kmod(a->kmod);
	return !bound && (kmod == DOCTOR_KMOD_WAITS || kmod == DOCTOR_KMOD_ABSENT) ?
		DOCTOR_FAULT : DOCTOR_UNCHECKED;
}

static bool allows(struct json_object *rule, uint16_t cipher)
{
	struct json_object *list = json_object_object_get(rule, "policies");
	struct dmk_esp_policy p;
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(list, i));

		if (ctl_policy_parse(text, &p) && p.cipher == cipher)
			return true;
	}
	return !list;
}

static bool any_allows(struct json_object *rows, uint16_t cipher)
{
	size_t i;

	for (i = 0; i < doctor_count(rows); i++)
		if (allows(json_object_array_get_idx(rows, i), cipher))
			return true;
	return false;
}

/* dmikey needs it, or a rule or a host may get it */
static bool is_needed(struct doctor *d, const struct algorithm *a)
{
	return !a->cipher || any_allows(d->rules, a->cipher) || any_allows(d->hosts, a->cipher);
}

static void bad_algorithm(struct doctor *d, const struct algorithm *a)
{
	bool absent = doctor_kmod(a->kmod) == DOCTOR_KMOD_ABSENT;
	char cure[64];

	snprintf(cure, sizeof(cure), "modprobe %s", a->kmod);
	doctor_say(d, "algorithms", DOCTOR_FAULT, absent ? NULL : cure,
		   absent ? "install a kernel that has it, such as Debian's own" : NULL,
		   "%s: the kernel cannot make it: %s is not %s", a->name, a->kmod,
		   absent ? "installed" : "loaded");
}

void doctor_algorithms(struct doctor *d)
{
	unsigned int i, good = 0, unseen = 0;
	const struct algorithm *a;

	for (i = 0; i < ARRAY_SIZE(algorithms); i++) {
		enum doctor_verdict v;

		a = &algorithms[i];
		if (!is_needed(d, a))
			continue;
		v = judge(a);
		good += v == DOCTOR_OK;
		unseen += v == DOCTOR_UNCHECKED;
		if (v == DOCTOR_FAULT)
			bad_algorithm(d, a);
	}
	if (good)
		doctor_say(d, "algorithms", DOCTOR_OK, NULL, NULL,
			   "%u are there for dmikey%s", good, d->rules ? " and its rules" : "");
	if (unseen)
		doctor_say(d, "algorithms", DOCTOR_UNCHECKED, NULL, NULL,
			   "%u that the kernel was not asked for: it makes them on their first use",
			   unseen);
	if (!d->rules)
		doctor_say(d, "algorithms", DOCTOR_UNCHECKED, NULL, NULL,
			   "nobody told us of rules: what they need was not looked at");
}

/* ---- ESP */

static void one_esp(struct doctor *d, const char *kmod, const char *what)
{
	char cure[64];

	snprintf(cure, sizeof(cure), "modprobe %s", kmod);
	switch (doctor_kmod(kmod)) {
	case DOCTOR_KMOD_THERE:
		doctor_say(d, "esp", DOCTOR_OK, NULL, NULL, "%s: %s is there", what, kmod);
		break;
	case DOCTOR_KMOD_COMES:
		/* modprobe.d may forbid it */
		doctor_say(d, "esp", DOCTOR_UNCHECKED, NULL, "modprobe loads it, or says why not",
			   "%s: %s is not loaded; nobody looked whether it may be", what, kmod);
		break;
	case DOCTOR_KMOD_WAITS:
		doctor_say(d, "esp", DOCTOR_FAULT, cure, NULL,
			   "%s: %s is not loaded, and the kernel loads nothing by itself", what,
			   kmod);
		break;
	case DOCTOR_KMOD_ABSENT:
		doctor_say(d, "esp", DOCTOR_FAULT, NULL,
			   "install a kernel that has it, such as Debian's own",
			   "%s: this kernel has no %s", what, kmod);
		break;
	case DOCTOR_KMOD_UNKNOWN:
		doctor_say(d, "esp", DOCTOR_UNCHECKED, NULL, NULL,
			   "%s: /lib/modules says nothing of this kernel", what);
	}
}

void doctor_esp(struct doctor *d)
{
	one_esp(d, "esp4", "ESP over IPv4");
	one_esp(d, "esp6", "ESP over IPv6");
	one_esp(d, "xfrm_user", "policies by ip-xfrm(8)");
}
