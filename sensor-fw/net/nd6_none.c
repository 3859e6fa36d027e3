// SPDX-License-Identifier: GPL-2.0
/*
 * In the place of lwIP's nd6.c: a point-to-point line has no neighbours to
 * discover, no addresses to resolve and one way out. lwIP has no option for that, and
 * its own takes flash and RAM for tables of neighbours and routers.
 */
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"

/* neighbour and router messages are dropped */
void nd6_input(struct pbuf *p, struct netif *inp)
{
	(void)inp;
	pbuf_free(p);
}

/* no route but the default one */
struct netif *nd6_find_route(const ip6_addr_t *to)
{
	(void)to;
	return NULL;
}

void nd6_restart_netif(struct netif *netif)
{
	(void)netif;
}

void nd6_cleanup_netif(struct netif *netif)
{
	(void)netif;
}
