// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cap-ng.h>

#include "log.h"
#include "privilege.h"

static bool become(const char *user)
{
	const struct passwd *pw = getpwnam(user);
	int err;

	if (!pw) {
		dmk_log(LOG_ERR, "user %s: there is none", user);
		return false;
	}
	err = capng_change_id(pw->pw_uid, pw->pw_gid,
			      CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT);
	if (err)
		dmk_log(LOG_ERR, "user %s: cannot become it (%d)", user, err);
	return !err;
}

bool dmk_privilege_drop(const char *user)
{
	bool bounding;

	capng_get_caps_process();
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN))
		dmk_log(LOG_WARNING, "without CAP_NET_ADMIN the module will refuse all requests");
	bounding = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	if (capng_have_capability(CAPNG_PERMITTED, CAP_NET_ADMIN)) {
		capng_clear(CAPNG_SELECT_BOTH);
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_ADMIN);
	} else {
		capng_clear(CAPNG_SELECT_BOTH);
	}
	if (user ? !become(user) : capng_apply(bounding ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS)) {
		dmk_log(LOG_ERR, "cannot drop privileges: %s", strerror(errno));
		return false;
	}
	/* after the change of identity, which would undo it */
	return !prctl(PR_SET_DUMPABLE, 0) && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
