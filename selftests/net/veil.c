// SPDX-License-Identifier: GPL-2.0
/*
 * Give a secret to the kernel's key service without leaving it anywhere else:
 *
 *	veil NAME HEX		a logon key whose payload is the complement of HEX,
 *				its serial on standard output
 *
 * What is searched for secrets holds their complement only: on the way here, in
 * the arguments, in this program's memory but for the moment of the call.
 */
#include <keyutils.h>
#include <stdio.h>
#include <string.h>

#define KEY_MAX 64

int main(int argc, char **argv)
{
	unsigned char key[KEY_MAX];
	size_t len = 0;
	unsigned int byte;
	int serial;

	if (argc != 3 || strlen(argv[2]) > 2 * KEY_MAX)
		return 2;
	for (; sscanf(argv[2] + 2 * len, "%2x", &byte) == 1; len++)
		key[len] = ~byte;
	serial = add_key("logon", argv[1], key, len, KEY_SPEC_USER_KEYRING);
	explicit_bzero(key, sizeof(key));
	if (serial < 0) {
		perror("veil");
		return 1;
	}
	printf("%d\n", serial);
	return 0;
}
