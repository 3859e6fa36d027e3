// SPDX-License-Identifier: GPL-2.0
/* The board, or the file that stands for one. */
#include "provision.h"

const struct provision_board provision_boards[] = {
	{ "f405", "target/stm32f4x.cfg", 0x0800c000, 16384, 0x14000, 0x080e0000, 4096, 0x20000,
	  false },
	{ "f100", "target/stm32f1x.cfg", 0x0801f000, 1024, 0x800, 0x0801f800, 2048, 0x800, true },
	{ 0 }
};

/* ---- a file */

static u32 image_size(const struct provision_board *b)
{
	return 2 * b->log_size + b->keys_size;
}

static bool image_read(const struct provision_args *a, struct provision_flash *f)
{
	u8 image[sizeof(*f)];
	u32 log = 2 * a->board->log_size;
	size_t len;

	if (!provision_exists(NULL, a->image)) {
		memset(f, 0xff, sizeof(*f));
		return true;
	}
	if (!provision_read(NULL, a->image, image, sizeof(image), &len))
		return false;
	if (len != image_size(a->board)) {
		dmk_wipe(image, sizeof(image));
		return provision_wrong("%s has not the %u bytes of a %s", a->image,
				       image_size(a->board), a->board->name);
	}
	memcpy(f->log, image, log);
	memcpy(f->keys, image + log, a->board->keys_size);
	dmk_wipe(image, sizeof(image));
	return true;
}

static bool image_write(const struct provision_args *a, const struct provision_flash *f)
{
	u8 image[sizeof(*f)];
	u32 log = 2 * a->board->log_size;
	bool good;

	memcpy(image, f->log, log);
	memcpy(image + log, f->keys, a->board->keys_size);
	good = provision_write(NULL, a->image, image, image_size(a->board));
	dmk_wipe(image, sizeof(image));
	return good;
}

/* ---- either */

bool provision_target_open(struct provision_target *t, const struct provision_args *a,
			   bool restart)
{
	*t = (struct provision_target){ .args = a, .restart = restart };
	return a->image || provision_openocd_open(t);
}

bool provision_target_read(struct provision_target *t, struct provision_flash *f)
{
	return t->args->image ? image_read(t->args, f) : provision_openocd_read(t, f);
}

bool provision_target_write(struct provision_target *t, const struct provision_flash *f)
{
	return t->args->image ? image_write(t->args, f) : provision_openocd_write(t, f);
}

bool provision_target_erase(struct provision_target *t)
{
	struct provision_flash erased;

	memset(&erased, 0xff, sizeof(erased));
	return t->args->image ? image_write(t->args, &erased) : provision_openocd_erase(t);
}

bool provision_target_close(struct provision_target *t, bool go)
{
	return t->args->image || provision_openocd_close(t, go);
}
