// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <unistd.h>

#include "provision.h"

/* known to everybody, and another one for each third party */
static bool development_psk(struct provision *p, const struct sensor_party *party,
			    u8 psk[DMK_PSK_LEN])
{
	static const char label[] = "dmikey development key: not a secret";
	const struct dmk_span in[] = { DMK_SPAN(label, strlen(label)), party->id.data };

	return !dmk_sha256(p->crypto, in, ARRAY_SIZE(in), psk);
}

static bool draw_psk(struct provision *p, const struct sensor_party *party, u8 psk[DMK_PSK_LEN])
{
	const struct provision_master *m = provision_master_of(p, party);

	if (m)
		return provision_derive(p, m, party, psk);
	if (p->args.dev)
		return development_psk(p, party, psk);
	return RAND_priv_bytes(psk, DMK_PSK_LEN) == 1;
}

/* 64 hex digits and a newline */
static bool write_psk(int fd, const u8 psk[DMK_PSK_LEN])
{
	char text[2 * DMK_PSK_LEN + 2];
	bool good;
	int i;

	for (i = 0; i < DMK_PSK_LEN; i++)
		sprintf(text + 2 * i, "%02x", psk[i]);
	text[2 * DMK_PSK_LEN] = '\n';
	good = write(fd, text, sizeof(text) - 1) == sizeof(text) - 1 && !fsync(fd);
	explicit_bzero(text, sizeof(text));
	return good;
}

/* a PSK that is there already stays */
static bool make_psk(struct provision *p, struct sensor_party *party)
{
	bool good;
	int fd;

	fd = open(party->psk_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return true;
	if (fd < 0)
		return provision_wrong("%s: %s", party->psk_file, strerror(errno));
	good = draw_psk(p, party, party->psk) && write_psk(fd, party->psk);
	good = !close(fd) && good;
	if (good) {
		printf("PSK made: %s\n", party->psk_file);
		return true;
	}
	unlink(party->psk_file);
	return provision_wrong("%s: no key could be made", party->psk_file);
}

/* a development key is one if, and only if, it was asked for */
static bool check_psk(struct provision *p, const struct sensor_party *party)
{
	u8 known[DMK_PSK_LEN];
	bool is_known;

	if (!development_psk(p, party, known))
		return provision_wrong("SHA-256 failed");
	is_known = dmk_equal(known, party->psk, sizeof(known));
	if (is_known && !p->args.dev)
		return provision_wrong("%s holds the development key, which everybody knows: "
				       "remove it, or say --dev", party->psk_file);
	if (!is_known && p->args.dev)
		return provision_wrong("%s holds a key of its own: go without --dev",
				       party->psk_file);
	return true;
}

/* a file of an earlier generation is not taken for one of this */
static bool check_derived(struct provision *p, const struct sensor_party *party)
{
	const struct provision_master *m = provision_master_of(p, party);
	u8 psk[DMK_PSK_LEN];
	bool same;

	if (!m)
		return true;
	same = provision_derive(p, m, party, psk);
	if (same && !dmk_equal(psk, party->psk, sizeof(psk)))
		same = provision_wrong("%s holds another key than %s gives with generation %u",
				       party->psk_file, m->file, p->args.generation);
	dmk_wipe(psk, sizeof(psk));
	return same;
}

bool provision_psks(struct provision *p)
{
	unsigned int i;

	if (!provision_masters(p))
		return false;
	for (i = 0; i < p->conf.m; i++)
		if (!make_psk(p, &p->conf.party[i]))
			return false;
	if (!sensor_conf_load_psks(&p->conf))
		return false;
	for (i = 0; i < p->conf.m; i++)
		if (!check_psk(p, &p->conf.party[i]) || !check_derived(p, &p->conf.party[i]))
			return false;
	return true;
}
