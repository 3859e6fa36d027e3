/* SPDX-License-Identifier: GPL-2.0 */
/* How a driver ends: nothing in drv/ waits without a bound. */
#ifndef DRV_STATUS_H
#define DRV_STATUS_H

/**
 * enum drv_status - the end of a driver's function
 * @DRV_OK: done
 * @DRV_TIMEOUT: the peripheral did not get ready in time
 * @DRV_FAILED: the peripheral reported an error
 * @DRV_ABSENT: this chip does not have it
 */
enum drv_status {
	DRV_OK,
	DRV_TIMEOUT,
	DRV_FAILED,
	DRV_ABSENT,
};

#endif
