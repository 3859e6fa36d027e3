// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "agent.h"
#include "keys.h"
#include "options.h"
#include "sensor.h"

static enum dmk_sensor_answer no(const char **why, const char *text)
{
	*why = text;
	return DMK_SENSOR_NO;
}

static enum dmk_sensor_answer from_config(const struct dmk_sensor_conf *c,
					  const struct dmk_identity *id, struct dmk_sensor *s,
					  const char **why)
{
	memset(s, 0, sizeof(*s));
	s->row.id = *id;
	s->row.generation = c->generation;
	s->row.ts_type = c->ts_type;
	s->row.suites = c->suites;
	s->serial = c->serial;
	s->derived = c->derived;
	return s->serial > 0 ? DMK_SENSOR_YES : no(why, "its key could not be loaded");
}

/* @s: its row is read */
static enum dmk_sensor_answer from_registry(struct dmk_agent *a, struct dmk_sensor *s,
					    const char **why)
{
	const struct dmk_master_conf *m;
	char path[DMK_OPTIONS_PATH];

	s->derived = s->row.master[0];
	if (s->derived) {
		m = dmk_config_master(a->config, s->row.master);
		if (!m)
			return no(why, "its master key is not configured");
		s->serial = m->serial;
	} else {
		s->serial = dmk_keys_registered(&s->row.id, dmk_options_path(s->row.psk, path));
	}
	return s->serial > 0 ? DMK_SENSOR_YES : no(why, "its key could not be loaded");
}

enum dmk_sensor_answer dmk_sensor_find(struct dmk_agent *a, const struct dmk_identity *id,
				       struct dmk_sensor *s, const char **why)
{
	const struct dmk_sensor_conf *c = dmk_config_sensor(a->config, id);
	enum dmk_registry_answer answer;

	if (dmk_config_denies(a->config, id))
		return no(why, "it is denied");
	answer = dmk_registry_find(a->registry, id, &s->row);
	switch (answer) {
	case DMK_REGISTRY_DENIED:
		return no(why, "it is denied in the registry");
	case DMK_REGISTRY_BROKEN:
		*why = "the registry cannot be read";
		return DMK_SENSOR_UNSURE;
	case DMK_REGISTRY_KNOWN:
	case DMK_REGISTRY_UNKNOWN:
		break;
	}
	if (answer == DMK_REGISTRY_KNOWN && (!c || c->realm))
		return from_registry(a, s, why);
	return c ? from_config(c, id, s, why) : no(why, "it is not configured, nor registered");
}
