/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Vital signs. A real product reads them from its front ends (an AFE4404 on I2C,
 * say) in vitals_read(); here a deterministic generator stands in.
 */
#ifndef VITALS_H
#define VITALS_H

#include "port.h"

/**
 * struct vitals - one set of readings
 * @at: when they were taken: monotonic clock, ms, its low 32 bits
 * @heart_rate: 1/min
 * @spo2: percent
 * @systolic: mmHg
 * @diastolic: mmHg
 * @temperature: 0.1 degree Celsius
 * @glucose: mg/dl
 */
struct vitals {
	u32 at;
	u16 heart_rate;
	u16 systolic;
	u16 diastolic;
	u16 temperature;
	u16 glucose;
	u8 spo2;
};

/**
 * vitals_name() - for the console: where readings come from
 */
const char *vitals_name(void);

/**
 * vitals_read() - take readings
 * @v: the result
 * @now: monotonic clock, ms
 */
void vitals_read(struct vitals *v, u64 now);

#endif
