/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* Names of values; each list ends with an entry without a name. */
#ifndef DMK_DESCRIBE_NAMES_H
#define DMK_DESCRIBE_NAMES_H

#include "describe_walk.h"

extern const struct dmk_name dmk_names_payload[];
extern const struct dmk_name dmk_names_version[];
extern const struct dmk_name dmk_names_data_type[];
extern const struct dmk_name dmk_names_prf[];
extern const struct dmk_name dmk_names_map[];
extern const struct dmk_name dmk_names_prot[];
extern const struct dmk_name dmk_names_encr[];
extern const struct dmk_name dmk_names_mac[];
extern const struct dmk_name dmk_names_cache[];
extern const struct dmk_name dmk_names_dh[];
extern const struct dmk_name dmk_names_kv[];
extern const struct dmk_name dmk_names_s_type[];
extern const struct dmk_name dmk_names_ts[];
extern const struct dmk_name dmk_names_ts_role[];
extern const struct dmk_name dmk_names_id[];
extern const struct dmk_name dmk_names_id_role[];
extern const struct dmk_name dmk_names_rand_role[];
extern const struct dmk_name dmk_names_cert[];
extern const struct dmk_name dmk_names_hash[];
extern const struct dmk_name dmk_names_error[];
extern const struct dmk_name dmk_names_key[];
extern const struct dmk_name dmk_names_ext[];
extern const struct dmk_name dmk_names_off_on[];
extern const struct dmk_name dmk_names_srtp_encr[];
extern const struct dmk_name dmk_names_srtp_auth[];
extern const struct dmk_name dmk_names_srtp_prf[];
extern const struct dmk_name dmk_names_srtp_fec[];
extern const struct dmk_name dmk_names_esp_cipher[];
extern const struct dmk_name dmk_names_esp_integ[];
extern const struct dmk_name dmk_names_esp_mode[];
extern const struct dmk_name dmk_names_scheme[];
extern const struct dmk_name dmk_names_share_flags[];
extern const struct dmk_name dmk_names_verdict[];

#endif
