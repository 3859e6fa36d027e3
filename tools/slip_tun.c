// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <pwd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cap-ng.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>

#include "slip_tun.h"

static struct ifreq request(const struct slip_conf *c)
{
	struct ifreq r = { .ifr_flags = 0 };

	strcpy(r.ifr_name, c->ifname);
	return r;
}

static bool attach(int fd, const struct slip_conf *c)
{
	struct ifreq r = request(c);

	r.ifr_flags = IFF_TUN | IFF_NO_PI;
	if (!ioctl(fd, TUNSETIFF, &r))
		return true;
	if (errno == EBUSY)
		warnx("%s: another program has it", c->ifname);
	else if (errno == EINVAL)
		warnx("%s: there is one, but it is not TUN", c->ifname);
	else if (errno == EPERM)
		warnx("%s: needs CAP_NET_ADMIN, or an interface of ip-tuntap(8)", c->ifname);
	else
		warn("%s", c->ifname);
	return false;
}

static int open_tun(void)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
		warnx("no TUN in this kernel: modprobe tun");
	else if (fd < 0)
		warn("/dev/net/tun");
	return fd;
}

/* An interface that is as wanted needs no privilege. */
static bool set_up(int s, const struct slip_conf *c)
{
	struct ifreq r = request(c);

	if (ioctl(s, SIOCGIFMTU, &r))
		return false;
	if (r.ifr_mtu != (int)c->mtu) {
		r.ifr_mtu = c->mtu;
		if (ioctl(s, SIOCSIFMTU, &r))
			return false;
	}
	if (ioctl(s, SIOCGIFFLAGS, &r))
		return false;
	if (r.ifr_flags & IFF_UP)
		return true;
	r.ifr_flags |= IFF_UP;
	return !ioctl(s, SIOCSIFFLAGS, &r);
}

static bool add_address(int s, const struct slip_conf *c, int index)
{
	struct in6_ifreq a = {
		.ifr6_addr = c->address,
		.ifr6_prefixlen = c->prefix,
		.ifr6_ifindex = index,
	};

	return !c->prefix || !ioctl(s, SIOCSIFADDR, &a) || errno == EEXIST;
}

static bool add_route(int s, const struct slip_conf *c, int index)
{
	struct in6_rtmsg r = {
		.rtmsg_dst = c->peer,
		.rtmsg_dst_len = 128,
		.rtmsg_metric = 1024,
		.rtmsg_flags = RTF_UP | RTF_HOST,
		.rtmsg_ifindex = index,
	};

	return !c->has_peer || !ioctl(s, SIOCADDRT, &r) || errno == EEXIST;
}

static bool configure(const struct slip_conf *c)
{
	int s = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int index = if_nametoindex(c->ifname);
	bool good = false;

	if (s < 0)
		warn("IPv6");
	else if (!set_up(s, c))
		warn("%s: mtu %u, up", c->ifname, c->mtu);
	else if (!add_address(s, c, index))
		warn("%s: address", c->ifname);
	else if (!add_route(s, c, index))
		warn("%s: route to the sensor", c->ifname);
	else
		good = true;
	if (s >= 0)
		close(s);
	return good;
}

int slip_tun_open(const struct slip_conf *c)
{
	int fd = open_tun();

	if (fd < 0)
		return -1;
	if (attach(fd, c) && configure(c))
		return fd;
	close(fd);
	return -1;
}

static bool become(const char *name)
{
	const struct passwd *pw = getpwnam(name);
	int ret;

	if (!pw) {
		warnx("user %s: there is none", name);
		return false;
	}
	/* with its groups: one of them may own the tty */
	ret = capng_change_id(pw->pw_uid, pw->pw_gid, CAPNG_INIT_SUPP_GRP |
			      CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);
	if (ret)
		warnx("user %s: cannot become it (%d)", name, ret);
	return !ret;
}

bool slip_tun_drop_privileges(const struct slip_conf *c)
{
	capng_clear(CAPNG_SELECT_BOTH);
	if (c->user && !become(c->user))
		return false;
	if (!c->user && capng_apply(CAPNG_SELECT_CAPS)) {
		warnx("cannot drop capabilities");
		return false;
	}
	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
