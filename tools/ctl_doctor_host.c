// SPDX-License-Identifier: GPL-2.0
/* doctor: this host's port, clock and links. */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "ctl_doctor.h"

#define MTU_MIN 1280		/* IPv6; and what a sensor's 1232 bytes want */
#define NTP_TO_UNIX 2208988800LL

/* ---- the port */

/* the inode of the socket that has a UDP port; 0: nobody has it */
static unsigned long socket_of(const char *table, unsigned int port)
{
	FILE *f = fopen(table, "re");
	unsigned long inode = 0, i;
	unsigned int p;
	char line[512];

	while (f && !inode && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*d: %*[0-9A-F]:%x %*s %*s %*s %*s %*s %*s %*s %lu", &p,
			   &i) == 2 && p == port)
			inode = i ?: 1;
	if (f)
		fclose(f);
	return inode;
}

static bool has_socket(const char *pid, unsigned long inode)
{
	char path[300], wanted[64], link[64];
	bool found = false;
	struct dirent *e;
	ssize_t n;
	DIR *dir;

	snprintf(wanted, sizeof(wanted), "socket:[%lu]", inode);
	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir && !found && (e = readdir(dir))) {
		n = readlinkat(dirfd(dir), e->d_name, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		found = !strcmp(link, wanted);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* the program that has a socket: "unbound (pid 77)"; another user's is not seen */
static void owner_of(unsigned long inode, char *text, size_t size)
{
	DIR *proc = opendir("/proc");
	char path[300], comm[64];
	struct dirent *e;
	FILE *f;

	snprintf(text, size, "another program");
	while (proc && (e = readdir(proc))) {
		if (!isdigit((uint8_t)e->d_name[0]) || !has_socket(e->d_name, inode))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		f = fopen(path, "re");
		if (f && fgets(comm, sizeof(comm), f))
			snprintf(text, size, "%.*s (pid %.16s)", (int)strcspn(comm, "\n"), comm,
				 e->d_name);
		if (f)
			fclose(f);
		break;
	}
	if (proc)
		closedir(proc);
}

static void not_listening(struct doctor *d)
{
	unsigned long inode = socket_of("/proc/net/udp", DOCTOR_PORT);
	char owner[128];

	if (!inode)
		inode = socket_of("/proc/net/udp6", DOCTOR_PORT);
	if (!inode) {
		doctor_say(d, "port", DOCTOR_FAULT,
			   doctor_here(d, "dmikeyctl instance set port 2269"), NULL,
			   "dmikey does not listen here");
		return;
	}
	owner_of(inode, owner, sizeof(owner));
	doctor_say(d, "port", DOCTOR_FAULT, NULL,
		   "stop it, or give dmikey another port: dmikeyctl instance set port P",
		   "dmikey does not listen, and %s has UDP port %d", owner, DOCTOR_PORT);
}

void doctor_port(struct doctor *d)
{
	struct json_object *i = d->instance ? json_object_array_get_idx(d->instance, 0) : NULL;
	long long port;

	if (!i) {
		doctor_say(d, "port", DOCTOR_UNCHECKED, NULL, NULL,
			   "without the module there is nothing to look at");
		return;
	}
	port = ctl_json_number(i, "port");
	if (!port)
		not_listening(d);
	else
		doctor_say(d, "port", DOCTOR_OK, NULL, NULL, "dmikey listens on UDP port %lld",
			   port);
	doctor_say(d, "firewall", DOCTOR_UNCHECKED, NULL, NULL,
		   "nobody looked whether a firewall lets UDP port %lld and ESP through",
		   port ?: DOCTOR_PORT);
}

/* ---- the clock */

void doctor_clock(struct doctor *d)
{
	struct timex t = { .modes = 0 };

	if (adjtimex(&t) < 0)
		doctor_say(d, "clock", DOCTOR_UNCHECKED, NULL, NULL, "the kernel does not say: %m");
	else if (t.status & STA_UNSYNC)
		doctor_say(d, "clock", DOCTOR_WARNING, "timedatectl set-ntp true", NULL,
			   "not synchronised: beyond the allowed skew all messages are refused");
	else
		doctor_say(d, "clock", DOCTOR_OK, NULL, NULL, "synchronised");
}

static int64_t from_ntp(uint64_t t)
{
	return (int64_t)(t >> 32) - NTP_TO_UNIX;
}

/* After a start, messages from before it are refused: replay is not known yet. */
void doctor_replay(struct doctor *d)
{
	struct json_object *i = d->instance ? json_object_array_get_idx(d->instance, 0) : NULL;
	int64_t started = ctl_json_number(i, "started"), now = time(NULL);
	int64_t skew = ctl_json_number(i, "skew"), ready = started + skew;
	uint64_t highest = json_object_get_uint64(json_object_object_get(i, "highest_t"));
	char text[CTL_TIME_TEXT];

	if (!i || !ctl_json_number(i, "port")) {
		doctor_say(d, "replay", DOCTOR_UNCHECKED, NULL, NULL, "nothing listens");
	} else if (started > now) {
		doctor_say(d, "replay", DOCTOR_FAULT, NULL,
			   "set the clock right; if it is, a third party, or a host, loads the module anew",
			   "the clock was set back: until %s hosts, and sensors with a clock, are refused",
			   ctl_print_time(started, text));
	} else if (now < ready && highest && from_ntp(highest) > now + skew) {
		doctor_say(d, "replay", DOCTOR_FAULT, NULL, "set the clock right",
			   "the newest message before the restart is from the future: %s",
			   ctl_print_time(from_ntp(highest), text));
	} else if (highest && from_ntp(highest) > now + skew) {
		doctor_say(d, "replay", DOCTOR_WARNING, NULL,
			   "set the clock right; if it is, a third party, or a host, loads the module anew",
			   "the newest message that was accepted is from the future: until %s hosts, and sensors with a clock, may be refused",
			   ctl_print_time(from_ntp(highest), text));
	} else if (now < ready && !highest) {
		doctor_say(d, "replay", DOCTOR_WARNING, NULL,
			   "nothing to do: the replay cache is empty after a start",
			   "hosts, and sensors with a clock, are refused until %s",
			   ctl_print_time(ready, text));
	} else {
		doctor_say(d, "replay", DOCTOR_OK, NULL, NULL, "messages of now are taken");
	}
}

/* ---- links */

static int mtu_of(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), mtu = 0;
	struct ifreq r = {};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (fd >= 0 && !ioctl(fd, SIOCGIFMTU, &r))
		mtu = r.ifr_mtu;
	if (fd >= 0)
		close(fd);
	return mtu;
}

static bool is_up(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = {};
	bool up;

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	up = fd >= 0 && !ioctl(fd, SIOCGIFFLAGS, &r) && (r.ifr_flags & IFF_UP) &&
	     !(r.ifr_flags & IFF_LOOPBACK);
	if (fd >= 0)
		close(fd);
	return up;
}

void doctor_mtu(struct doctor *d)
{
	struct if_nameindex *all = if_nameindex(), *i;
	unsigned int good = 0, bad = 0;
	char cure[96];

	for (i = all; i && i->if_name; i++) {
		int mtu = is_up(i->if_name) ? mtu_of(i->if_name) : 0;

		good += mtu >= MTU_MIN;
		if (!mtu || mtu >= MTU_MIN)
			continue;
		bad++;
		snprintf(cure, sizeof(cure), "ip link set dev %s mtu %d", i->if_name, MTU_MIN);
		doctor_say(d, "mtu", DOCTOR_FAULT,
			   doctor_is_plain(i->if_name) ? doctor_here(d, cure) : NULL, NULL,
			   "%s has an MTU of %d: messages of sensors are up to 1232 bytes, and IPv6 wants %d",
			   i->if_name, mtu, MTU_MIN);
	}
	if_freenameindex(all);
	if (good)
		doctor_say(d, "mtu", DOCTOR_OK, NULL, NULL, "%u links carry %d bytes and more",
			   good, MTU_MIN);
	if (!good && !bad)
		doctor_say(d, "mtu", DOCTOR_UNCHECKED, NULL, NULL, "there is no link that is up");
}

/* the path MTU as the kernel knows it now; -1: there is no way */
static int path_mtu(const char *address)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(DOCTOR_PORT) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(DOCTOR_PORT) };
	bool v6 = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), mtu = -1;
	socklen_t len = sizeof(mtu);

	inet_pton(AF_INET, address, &four.sin_addr);
	if (fd < 0 || connect(fd, v6 ? (void *)&six : (void *)&four,
			      v6 ? sizeof(six) : sizeof(four)) ||
	    getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_MTU : IP_MTU, &mtu, &len))
		mtu = -1;
	if (fd >= 0)
		close(fd);
	return mtu;
}

static void one_route(struct doctor *d, struct json_object *peer)
{
	const char *id = ctl_json_string(peer, "id"), *to = ctl_json_string(peer, "address");
	int mtu = path_mtu(to);

	if (mtu < 0)
		doctor_say(d, "route", DOCTOR_FAULT, NULL, "ip route get shows what is missing",
			   "there is no route to responder %s at %s", id, to);
	else if (mtu < MTU_MIN)
		doctor_say(d, "route", DOCTOR_FAULT, NULL,
			   "raise the MTU of the link that ip route get shows",
			   "the path to responder %s carries %d bytes: TP_R goes in fragments", id,
			   mtu);
	else
		doctor_say(d, "route", DOCTOR_OK, NULL, NULL,
			   "the path to responder %s carries %d bytes", id, mtu);
}

/* No packet is sent. */
void doctor_routes(struct doctor *d)
{
	size_t i, n = doctor_count(d->responders);

	for (i = 0; i < n; i++)
		one_route(d, json_object_array_get_idx(d->responders, i));
	if (!d->responders && d->loaded)
		doctor_say(d, "route", DOCTOR_UNCHECKED, NULL, NULL, "only root is told of peers");
}
