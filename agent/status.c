// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json.h>

#include "file.h"
#include "item.h"
#include "log.h"
#include "registry.h"
#include "status.h"

#define VERSION	1
#define DAY	86400

static void put_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, json_object_new_string(text));
}

static void put_number(struct json_object *o, const char *name, int64_t value)
{
	json_object_object_add(o, name, json_object_new_int64(value));
}

static void put_hash(struct json_object *o, const uint8_t hash[DMK_HASH_LEN])
{
	char text[2 * DMK_HASH_LEN + 1];
	int i;

	for (i = 0; i < DMK_HASH_LEN; i++)
		sprintf(text + 2 * i, "%02x", hash[i]);
	put_text(o, "sha256", text);
}

/* what is asked of a list is only when it ends */
static void put_item(const struct dmk_item *item, void *arg)
{
	struct json_object *o = json_object_new_object();

	put_text(o, "kind", dmk_item_kinds[item->kind]);
	if (item->role)
		put_text(o, "role", item->role == DMK_ROLE_TP ? "thirdparty" : "responder");
	put_text(o, "name", item->cert.name);
	if (item->where)
		put_text(o, "where", item->where);
	put_hash(o, item->cert.hash);
	if (item->cert.expires) {
		put_number(o, "expires", item->cert.expires);
		put_number(o, "days", (item->cert.expires - time(NULL)) / DAY);
	}
	if (item->kind != DMK_ITEM_CRL)
		put_text(o, "revocation", item->cert.checked ? "crl" : "not checked");
	json_object_object_add(o, "valid", json_object_new_boolean(item->valid));
	if (!item->valid)
		put_text(o, "why", item->why);
	json_object_array_add(arg, o);
}

static struct json_object *build(struct dmk_agent *a)
{
	struct json_object *o = json_object_new_object(), *items = json_object_new_array();

	put_number(o, "version", VERSION);
	put_number(o, "pid", getpid());
	put_number(o, "netns", dmk_status_netns());
	put_text(o, "configuration", a->path);
	put_number(o, "loaded", a->loaded);
	json_object_object_add(o, "refused", json_object_new_boolean(a->refused));
	json_object_object_add(o, "module", json_object_new_boolean(dmk_netlink_ready(a->nl)));
	put_number(o, "sensors", a->config->n_sensors);
	put_text(o, "registry", dmk_registry_state(a->registry));
	dmk_item_each(a->config, a->seen, put_item, items);
	json_object_object_add(o, "certificates", items);
	return o;
}

int64_t dmk_status_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : (int64_t)st.st_ino;
}

void dmk_status_write(struct dmk_agent *a)
{
	struct json_object *o;
	const char *text;

	if (!a->status)
		return;
	o = build(a);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);
	if (!a->status_text || strcmp(a->status_text, text)) {
		if (!dmk_file_replace(a->status, text, 0644) && !a->status_text)
			dmk_log(LOG_WARNING, "%s: %s: dmikeyctl will not see it", a->status,
				strerror(errno));
		free(a->status_text);
		a->status_text = strdup(text);
	}
	json_object_put(o);
}

void dmk_status_remove(struct dmk_agent *a)
{
	if (a->status && a->status_text)
		unlink(a->status);
	free(a->status_text);
}
