# SPDX-License-Identifier: GPL-2.0
"""What Documentation/messages.md says beside the bytes; messages.py puts it there."""

INTRO = """\
<!-- SPDX-License-Identifier: GPL-2.0 -->
<!-- made by scripts/messages.py: change scripts/messages_text.py -->
# One session, byte by byte

All messages of one session with n = 3 third parties, k = 2 of which suffice, under
AES-CCM with Shamir's sharing, and of its first update: session `update-ccm-ntp` of
`selftests/vectors/dmikey.json`. Two messages that it does not have are from other
sessions there: TP_I (`tp_i-ccm`) and message 3 under a cached key (`cached-ccm`).
[protocol.md](protocol.md) is the specification; this page is the example.

Each line has the offset, the bytes in hex, and the field's name and value. Two fields in
one byte stand below each other. Names and clauses are those of `dmikeyctl decode`; a
clause like "protocol.md 6.2" is the number in brackets there. The keys are the vectors'
and published. Each derivation is computed for this page and compared with the vectors
and with `dmikeyctl decode`, so with three programs.

| | |
|---|---|
| sensor I | `nai:sensor07@net.example` at 2001:db8::7 |
| third parties | `uri:dmikey:t01.gw.ex.net`, `t02`, `t03` |
| responder R | `uri:dmikey:r.example.net` |
| begun | 15 January 2027, 12:00:00.035 UTC |

See it yourself: put a message's bytes on one line of a file, and the key beside it:

    dmikeyctl decode --psk psk message.hex

![the exchange](pictures/exchange.svg)
"""

MESSAGES = {
    "I_TP": ("Message 1, I_TP, from the sensor to third party 1",
             "The sensor has drawn CSB ID, SPIs, RAND and the two coefficients of the polynomial. "
             "The same message but for x and the share goes to each third party."),
    "TP_I": ("Message 2, TP_I, from third party 1 to the sensor",
             "Sent only if the V bit of message 1 is set (`verify` of dmikey-sensor(8)). It says "
             "that the third party has accepted message 1, not that the responder has got anything. "
             "This one is of another session, `tp_i-ccm`."),
    "TP_R": ("Message 3, TP_R, from third party 1 to the responder",
             "The third party has decrypted the share and encrypts it for the responder, under a "
             "fresh envelope key. What it copies from message 1 it copies byte for byte."),
    "cached": ("Message 3 under a cached envelope key",
               "Of another session, `cached-ccm`. An earlier message 3 with C = 1 brought the "
               "envelope key; since then shares of all sensors go without certificate, RSA and "
               "signature, in a sixth of the bytes."),
    "R_TP": ("Message 4, R_TP, from the responder to third party 1",
             "The share has arrived and was authorized. The third party ends its repetitions."),
    "R_I": ("Message 5, R_I, from the responder to the sensor",
            "Two shares fit the commitment, and all three that came were judged. The responder has "
            "installed both SAs. This goes from UDP port 2269 to the address and port in Session Data."),
    "U_R": ("Message 6, U_R, from the sensor to the responder",
            "At 80 % of the lifetime (here, after a minute) the sensor asks the responder itself for "
            "new keys. The session's CSB ID stays, the SPIs are new. Without Session Data and SP, address "
            "and policy stay as they are."),
    "R_U": ("Message 7, R_U, from the responder to the sensor",
            "The new SAs are there beside the old ones, which go with the first packet through "
            "the new inbound one."),
}

DIFFERS = "To or from %s, everything is the same but for this:"

SAME = "As in message 1."

PAYLOADS = {
    ("I_TP", "HDR"): "Two crypto sessions: CS 1 is the SA from sensor to server, CS 2 the one "
    "back. Session Data of CS 1 say where R_I is to go, and what the SAs' selector is. The SPI of "
    "CS 1 is a proposal, which the responder may replace; that of CS 2 is the sensor's choice.",
    ("I_TP", "T"): "The sensor's clock. T of all that it sends strictly ascends, over "
    "restarts too: it is what a nonce is made of, and what tells an old message from a new one.",
    ("I_TP", "RAND"): "In every label from which a key of this session is derived.",
    ("I_TP", "ID"): "IDi, the sensor. It is in clear, so that the third party can find the PSK.",
    ("I_TP", "ID 2"): "IDr, the responder.",
    ("I_TP", "SP"): "The ESP policy. No parameters: all are at their defaults, that is AES-CCM "
    "with 128 bits and a tag of 8, transport mode, 24 hours.",
    ("I_TP", "SHARE"): "Which share this is. T_I is T above, so that it is still known behind "
    "message 3, which has the third party's own T. The commitment binds all of this to the polynomial.",
    ("I_TP", "KEMAC"): "The share under keys from the PSK. The last 16 bytes of Encr data are "
    "the tag over everything up to Encr data. So MAC alg is 0, and there is no MAC.",
    ("I_TP", "in KEMAC: Key data"): "The share itself.",

    ("TP_I", "HDR"): "No crypto sessions: CSB ID says which message 1 this answers.",
    ("TP_I", "T"): "T of message 1.",
    ("TP_I", "ID"): "IDr of message 1.",
    ("TP_I", "V"): "HMAC under auth_key of message 1, over this message, IDi, IDr and T. Message 4 "
    "shows how.",

    ("TP_R", "HDR"): "Data type 2, signed; V asks for R_TP. CSB ID and CS map are message 1's.",
    ("TP_R", "T"): "T', the third party's own clock. It strictly ascends over all that this third "
    "party sends to anybody.",
    ("TP_R", "RAND"): SAME,
    ("TP_R", "ID"): SAME,
    ("TP_R", "CERT"): "The third party's certificate, with exactly one name: whose share this is. It "
    "may be its SHA-256 alone (type 241) where the responder has the certificate.",
    ("TP_R", "ID 2"): SAME,
    ("TP_R", "SP"): SAME,
    ("TP_R", "SHARE"): SAME + " These bytes, with those of HDR's map, RAND, IDi, IDr and SP, "
    "are what shares of one session have in common, but for x.",
    ("TP_R", "KEMAC"): "The share under keys from the envelope key. The tag covers HDR and KEMAC up to "
    "Encr data; SIGN covers the rest.",
    ("TP_R", "CHASH"): "Which certificate of the responder's the envelope key is encrypted to.",
    ("TP_R", "PKE"): "The envelope key under the responder's RSA key. C = 1: the responder may keep "
    "it, and shares of all sensors may come under it for an hour.",
    ("TP_R", "SIGN"): "RSA with SHA-256 over everything before the signature. The responder verifies it "
    "before it decrypts anything.",
    ("TP_R", "in KEMAC: ID"): "The third party's name once more. It must be the certified one, so "
    "that nobody can sign a share that another one has encrypted.",
    ("TP_R", "in KEMAC: Key data"): "The share of message 1.",

    ("cached", "HDR"): "Data type 0: nothing here is signed.",
    ("cached", "T"): "T', as above.",
    ("cached", "RAND"): SAME,
    ("cached", "ID"): SAME,
    ("cached", "IDR"): "The third party's name in the place of its certificate. With ENVID it finds "
    "the key.",
    ("cached", "ID 2"): SAME,
    ("cached", "SP"): SAME,
    ("cached", "SHARE"): SAME,
    ("cached", "ENVID"): "Which envelope key: the first 8 bytes of SHA-256 over PKE's data in the "
    "message that brought it. A responder that does not know it answers error 242.",
    ("cached", "KEMAC"): "The tag covers the whole message up to Encr data.",
    ("cached", "in KEMAC: ID"): "As in the signed form.",
    ("cached", "in KEMAC: Key data"): "The share.",

    ("R_TP", "HDR"): "Data type 3 answers the signed form; the cached one is answered with 1.",
    ("R_TP", "T"): "T' of message 3.",
    ("R_TP", "ID"): "IDr.",
    ("R_TP", "V"): "Only who has decrypted the envelope key can make it.",

    ("R_I", "HDR"): "The SPIs as they are now. Here the responder has kept the one that was proposed.",
    ("R_I", "T"): "T of message 1, so that the sensor knows what this answers.",
    ("R_I", "ID"): "IDr.",
    ("R_I", "RANDR"): "The responder's random number. It goes into the ESP keys, so that a "
    "message 1 that is repeated later never makes the same keys again.",
    ("R_I", "PART"): "The verdict on each third party whose share has come, by x: the first 8 bytes "
    "of SHA-256 of its name, x, right or wrong.",
    ("R_I", "V"): "Only who has the TGK can make it. With it the sensor knows that the responder had k "
    "right shares.",

    ("U_R", "HDR"): "V asks for R_U. SPIs of the new pair of SAs.",
    ("U_R", "T"): "Above that of message 1.",
    ("U_R", "ID"): "IDi. With CSB ID it finds the session.",
    ("U_R", "ID 2"): "IDr, as in message 1.",
    ("U_R", "KEMAC"): "The new TGK under keys from K_update.",
    ("U_R", "in KEMAC: Key data"): "Type 0, a TGK, drawn by the sensor.",

    ("R_U", "HDR"): "The SPIs as they are now.",
    ("R_U", "T"): "T of message 6.",
    ("R_U", "ID"): "IDr.",
    ("R_U", "RANDR"): "New, as in every answer that makes keys.",
    ("R_U", "V"): "Under auth_key of message 6, so from K_update.",
}

TOPICS = {
    "share": """\
### The shares

For each of the 16 bytes, the share of x is c_0 + c_1 x in GF(2^8), where + is XOR. Shares 1
and 2 give both coefficients back; any other two do too, with other factors. One share
alone fits every c_0.
""",
    "commitment": """\
### The commitment

K_commit = PRF(TGK, 0x197a9e97, 0xff, CSB ID, RAND). Who has the polynomial can check that the
sensor meant every one of these values; who has not can do nothing with it.
""",
    "psk": """\
### From the PSK to the nonce

PRF(key, label) is RFC 3830 4.1.2 with HMAC-SHA-256: A_1 = HMAC(key, label), and the first 32
bytes are HMAC(key, A_1 || label). A label is a constant, 0xff or the CS, CSB ID and RAND.
The nonce is the last 13 bytes of salt XOR (0x0000 || CSB ID || T).
""",
    "envelope": """\
### The envelope
""",
    "transport": """\
The keys of KEMAC are made as above, from the envelope key and with the same CSB ID and RAND;
the nonce has T':
""",
    "cached": """\
The keys, with CSB ID and RAND of the session `cached-ccm`:
""",
    "v4": """\
### V of message 4
""",
    "v5": """\
### V of message 5

auth_key = PRF(TGK, 0x2d22ac75, 0xff, CSB ID, RAND); T is that of message 1.
""",
    "esp": """\
### The session's keys

Their labels end with RANDR. CS is 1 and 2 for the SAs, 0xff for K_update. After this, the
sensor erases TGK, coefficients and shares.
""",
    "u_r": """\
The keys of KEMAC, from the K_update above:
""",
    "v7": """\
### V of message 7
""",
    "new": """\
### The keys after the update

TGK is that of message 6, RANDR that of message 7, RAND still that of message 1. K_update is
good for the next update.
""",
}

AFTER = """\
## What is not here

Cookies, errors, RELAY, COUNTER time stamps, AES-CM with HMAC and Reed-Solomon sharing have
vectors too. They are hex strings in `selftests/vectors/dmikey.json`: give those to
`dmikeyctl decode`.
"""
