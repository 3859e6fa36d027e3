/* SPDX-License-Identifier: GPL-2.0 */
/* Known-answer tests at every start, and the checksum of the image. */
#ifndef SELFCHECK_H
#define SELFCHECK_H

/**
 * selfcheck() - test what the protocol rests on
 *
 * The image's CRC-32, SHA-256 under HMAC, AES-CCM, AES-GCM, CTR_DRBG, sharing, PRF.
 *
 * Return: NULL, or the name of the first that is wrong.
 */
const char *selfcheck(void);

#endif
