/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an administrator can do about each reason of core/reason.h, in its order.
 * dmikeyctl why prints it, Documentation/reasons.md has it; selftests/host/reasons.sh
 * sees to it that none is left out.
 *
 * X(NAME, "what to do")
 */
#ifndef CTL_ADVICE_H
#define CTL_ADVICE_H

/* only software that is at fault, or no dmikey at all, sends such messages */
#define CTL_ADVICE_SOFTWARE \
	"the sender is no dmikey, another release, or at fault: look at a capture with dmikeyctl decode"

#define CTL_ADVICE(X) \
	X(TRUNCATED, CTL_ADVICE_SOFTWARE) \
	X(OVERSIZED, CTL_ADVICE_SOFTWARE) \
	X(TRAILING, CTL_ADVICE_SOFTWARE) \
	X(PAYLOAD_TYPE, CTL_ADVICE_SOFTWARE) \
	X(PAYLOAD_ORDER, CTL_ADVICE_SOFTWARE) \
	X(EXT_TYPE, CTL_ADVICE_SOFTWARE) \
	X(RAND_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(RAND_ROLE, CTL_ADVICE_SOFTWARE) \
	X(ID_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(COOKIE_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(ENVID_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(SHARE_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(PART_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(CERT_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(KEMAC_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(SIGN_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(PKE_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(VERSION, "the sender speaks another version of MIKEY: install the same release of dmikey on both") \
	X(DATA_TYPE, CTL_ADVICE_SOFTWARE) \
	X(PRF, "let the sender use PRF HMAC-SHA-256; dmikeyctl decode shows what it asks for") \
	X(V_FLAG, CTL_ADVICE_SOFTWARE) \
	X(MAP_TYPE, CTL_ADVICE_SOFTWARE) \
	X(CS_COUNT, CTL_ADVICE_SOFTWARE) \
	X(CS_ID, CTL_ADVICE_SOFTWARE) \
	X(PROT_TYPE, CTL_ADVICE_SOFTWARE) \
	X(S_FLAG, CTL_ADVICE_SOFTWARE) \
	X(POLICY_REF, CTL_ADVICE_SOFTWARE) \
	X(POLICY_NO, CTL_ADVICE_SOFTWARE) \
	X(SPI_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(SPI_VALUE, CTL_ADVICE_SOFTWARE) \
	X(SESSION_DATA, CTL_ADVICE_SOFTWARE) \
	X(TS_TYPE, "give the sensor the time stamp type that it uses: timestamp = ntp or counter in dmikey.conf") \
	X(ID_TYPE, CTL_ADVICE_SOFTWARE) \
	X(ID_ROLE, CTL_ADVICE_SOFTWARE) \
	X(CERT_TYPE, "let the third party send its X.509 certificate, or the SHA-256 hash of it") \
	X(HASH_FUNC, CTL_ADVICE_SOFTWARE) \
	X(S_TYPE, CTL_ADVICE_SOFTWARE) \
	X(PKE_CACHE, CTL_ADVICE_SOFTWARE) \
	X(AUTH_ALG, CTL_ADVICE_SOFTWARE) \
	X(ALGORITHMS, "let the sensor use one of the suites that dmikey.conf allows for it, or allow its own (suites)") \
	X(SHARE_VERSION, CTL_ADVICE_SOFTWARE) \
	X(SCHEME, CTL_ADVICE_SOFTWARE) \
	X(N_RANGE, CTL_ADVICE_SOFTWARE) \
	X(K_RANGE, CTL_ADVICE_SOFTWARE) \
	X(X_RANGE, CTL_ADVICE_SOFTWARE) \
	X(SHARE_FLAGS, CTL_ADVICE_SOFTWARE) \
	X(TGK_LEN, CTL_ADVICE_SOFTWARE) \
	X(SHARE_TS, CTL_ADVICE_SOFTWARE) \
	X(SHARE_TIME, "the third party's or the sensor's software is at fault: look at a capture with dmikeyctl decode") \
	X(PART_VERDICT, CTL_ADVICE_SOFTWARE) \
	X(UNKNOWN_IDR, "compare the responder's name at the sensor, in peer-responder of the gateway and in responder of the server; one that is there may have a certificate that is not valid: dmikeyctl show") \
	X(UNKNOWN_SENDER, "of a host: add it to dmikey.conf by the name that it uses (host), on both sides; else the agent answered for another identity: run dmikeyd --check, and look at its log") \
	X(UNKNOWN_CERTIFICATE, "nothing, if it passes: the third party sends the whole certificate next; else look at why that is refused") \
	X(UNKNOWN_ENVID, "nothing: the third party sends a new key next; if it goes on, compare envelope-life of both") \
	X(UNKNOWN_SESSION, "nothing: the sensor starts a new session; if it goes on, look at why that is refused") \
	X(COOKIE, "nothing, if it passes; if it goes on, find who sends so many messages: dmikeyctl monitor names addresses") \
	X(RATE_SOURCE, "find what sends from this address; many sensors behind one address need a higher rate in dmikey.conf (instance)") \
	X(RATE_IDENTITY, "this party repeats itself: restart it, look at its log, and deny it if it does not stop (deny in dmikey.conf)") \
	X(QUEUE_FULL, "find who sends so many messages (dmikeyctl monitor); a host that is too slow needs fewer sensors, or more CPUs") \
	X(REPEATED, "nothing, if it is rare: a repetition has its answer already; often means that answers do not get back: look at the firewall") \
	X(STALE, "compare the clocks (timedatectl) with the sender's; after a restart of the host wait for skew seconds; of a COUNTER that went back, restore the sensor's state or give it a new key") \
	X(REPLAY_FULL, "this sender starts too many sessions: look at its log") \
	X(UNEXPECTED, "the sender means another role: compare addresses in its configuration with this host's role (dmikeyctl local)") \
	X(NOT_LATEST_T, "nothing, if it is rare: an answer came too late; often means that the network is slow, or that somebody makes answers up") \
	X(MAP_MISMATCH, "the other side's software is at fault: look at a capture with dmikeyctl decode") \
	X(HINT, "nothing: anybody can send these, and none is believed") \
	X(MAC, "the keys differ: give both sides the same pre-shared key (psk-file and generation in dmikey.conf against the sensor's), for this sensor and this gateway") \
	X(SIGNATURE, "the third party's key does not belong to its certificate, or somebody plays it: run dmikeyd --check there") \
	X(CERTIFICATE, "look what is wrong with it in the agent's log here (journalctl -u dmikeyd); renew it, add its authority to ca, or leave a revoked one out") \
	X(CHASH, "give the third party this server's newest certificate (peer-responder in dmikey.conf), and reload the agent there") \
	X(KEY_DATA, CTL_ADVICE_SOFTWARE) \
	X(KEY_TYPE, CTL_ADVICE_SOFTWARE) \
	X(KEY_LENGTH, CTL_ADVICE_SOFTWARE) \
	X(KEY_BLOCKS, "make a new pre-shared key for the two hosts: openssl rand -hex 32") \
	X(KEY_VALIDITY, CTL_ADVICE_SOFTWARE) \
	X(IDTP_MISMATCH, "the third party does not call itself what its certificate says: run dmikeyd --check there") \
	X(NO_RULE, "add a rule for the sensor, or for its realm, to dmikey.conf of this server, and reload the agent") \
	X(AUTHORIZATION, "at a server add the gateway to thirdparties of the rule; at a gateway the server to responders of the sensor; if they are meant to do without, find who asks; a host and a sensor of one identity are kept apart: name one of them anew") \
	X(K_MINIMUM, "raise k at the sensor, or lower min-k of the rule, if fewer right shares are to be enough") \
	X(ADDRESS, "correct the sensor's address, or add its prefix to addresses (of the rule at a server, of the sensor at a gateway)") \
	X(SP_PARAM, CTL_ADVICE_SOFTWARE) \
	X(SP_UNSUPPORTED, "compare the policy at the sensor with that of the rule (dmikeyctl rule), and load the kernel's algorithm if it is missing") \
	X(DUPLICATE_TP, "let the sensor list each gateway once, and give each gateway a certificate with a name of its own") \
	X(SHARE_LIMIT, "the server does not answer in time: look whether it is reachable, and at its counters") \
	X(GROUP_LIMIT, "shares come for too many sessions that never complete: look at which gateways are down, and who sends so many") \
	X(GROUP_EXPIRED, "look why the other gateways' shares do not come: dmikeyctl why at each of them; each has to be up, and to know sensor and server") \
	X(NO_SESSION, "a gateway sent a wrong share: dmikeyctl monitor names it in a verdict if others suffice; compare pre-shared keys and n, k at the sensor") \
	X(ESTABLISHED, "nothing: a late share of a session that is up") \
	X(UNCONFIRMED, "the sensor did not get the answer, or ESP does not get through: let UDP from the server to the sensor and IP protocol 50 pass the firewalls") \
	X(ADDRESS_IN_USE, "give each sensor an address of its own; if the other session is a dead one, end it: dmikeyctl session del ID") \
	X(SPI2_IN_USE, "nothing: the sensor draws another SPI with its next session") \
	X(SENSOR_DENIED, "add the sensor to dmikey.conf of this gateway, or register it: dmikey-registry add; if it is denied on purpose, find where it still runs") \
	X(UPCALL_TIMEOUT, "the agent hangs or has too much to do: look at journalctl -u dmikeyd, then systemctl restart dmikeyd") \
	X(NO_AGENT, "start the agent: systemctl enable --now dmikeyd; dmikeyd --check says what keeps it from running") \
	X(NO_ROLE, "configure thirdparty or responder in dmikey.conf, or correct the address at the sender; a role with a certificate that is not valid is left out: dmikeyctl show") \
	X(NO_ANSWER, "the server does not answer: look whether it runs, at UDP port 2269 in the firewalls between, and at dmikeyctl why there") \
	X(SA, "look at the kernel's algorithms (modprobe xfrm_algo esp4 esp6) and at ip xfrm state; the route to the sensor has to exist") \
	X(MEMORY, "the host lacks memory: free some, or serve fewer sensors") \
	X(INTERNAL, "look whether the key of the sensor or of this host is still there (keyctl show), restart the agent; report it if it goes on")

#endif
