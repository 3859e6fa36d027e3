/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of dmk_bench.ko. */
#ifndef BENCH_H
#define BENCH_H

#include <linux/seq_file.h>

#define BENCH_ROUNDS 101

/**
 * struct bench_rounds - times of the rounds of one measurement
 * @n: rounds so far
 * @ns: their times
 */
struct bench_rounds {
	unsigned int n;
	u64 ns[BENCH_ROUNDS];
};

/* the median; sorts the rounds */
u64 bench_median(struct bench_rounds *r);

/**
 * bench_time() - the time of one call
 * @call: what to call; negative ends the measurement
 * @arg: its argument
 * @rounds: rounds, up to BENCH_ROUNDS
 * @batch: calls a round: as many as make the clock's own cost nothing
 * @ns: the median of the rounds for one call
 *
 * One round goes before, uncounted. Return: 0, or what @call returned.
 */
int bench_time(int (*call)(void *arg), void *arg, unsigned int rounds,
	       unsigned int batch, u64 *ns);

/* Each measures and prints lines `result NAME VALUE UNIT` and `note TEXT`, or one
 * number; process context, one at a time. Return: 0 or -errno.
 */
int bench_parse(struct seq_file *out);
int bench_crypto(struct seq_file *out);
int bench_rsa(struct seq_file *out);
int bench_xfrm(struct seq_file *out);
int bench_datagram(struct seq_file *out);
int bench_echo(struct seq_file *out);

/* ESP pairs that are there: how many there are to be, "NUMBER SUITE" (gcm, ccm) */
int bench_pairs_set(char *text);
int bench_pairs(struct seq_file *out);
void bench_pairs_exit(void);

/* Datagrams go to a port of ADDRESS, three at a time, which have so many ANSWERS:
 * "ADDRESS BYTES ANSWERS". Three take so long.
 */
int bench_datagram_set(char *text);
/* A port that answers with so many bytes, and every third datagram with EXTRA bytes
 * once more: "PORT BYTES EXTRA"; port 0 ends it.
 */
int bench_echo_set(char *text);
void bench_datagram_exit(void);

#endif
