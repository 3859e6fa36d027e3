# SPDX-License-Identifier: GPL-2.0
"""Messages and captures for decode_cases.py, made from the texts of the RFCs."""
import hashlib
import hmac
import struct
import subprocess

TIME = bytes.fromhex("eef488c0c55fa378")
CSB_ID = 0x5c2f1d07
RAND = bytes(range(16))
PSK_INIT, DH_INIT, DHHMAC_INIT, DHHMAC_RESP, RSA_R_I, RSA_R_R = 0, 4, 7, 8, 9, 10
KEMAC, DH, SIGN, T, ID, SP, RAND_, EXT = 1, 3, 4, 5, 6, 10, 11, 21
SEEN_AT = 1800014400.25
HOSTS = {4: ("192.0.2.7:2269", "192.0.2.1:2269"),
         6: ("[2001:db8::7]:2269", "[2001:db8::1]:2269")}


# ---- payloads, RFC 3830 6

def hdr(data_type, first, prf=0):
    return struct.pack(">BBBBIBB", 1, data_type, first, prf, CSB_ID, 0, 0)


def t(following):
    return bytes([following, 0]) + TIME


def rand(following):
    return bytes([following, len(RAND)]) + RAND


def identity(following, text):
    return struct.pack(">BBH", following, 1, len(text)) + text


def dh(following):
    """Group 0, Oakley 5: 1536 bits; KV is SPI."""
    return bytes([following, 0]) + bytes(range(192)) + bytes([1, 4]) + b"\xde\xad\xbe\xef"


def ext(following, kind, data):
    return struct.pack(">BBH", following, kind, len(data)) + data


def signed(message, key):
    """SIGN of 2048 bits with SHA-1, as RFC 3830 has it with MIKEY-1."""
    covered = message + struct.pack(">H", 256)
    made = subprocess.run(["openssl", "dgst", "-sha1", "-sign", key], input=covered,
                          capture_output=True, check=True)
    return (covered + made.stdout).hex()


def dh_signed(key):
    """RFC 3830 3.3: HDR, T, RAND, IDi, DHi, SIGNi."""
    return signed(hdr(DH_INIT, T) + t(RAND_) + rand(ID) + identity(DH, b"sip:i@example.org") +
                  dh(SIGN), key)


def rsa_r(key):
    """RFC 4738 3: I_MSG with SIGN; R_MSG with CSB_ID, here without keys."""
    first = signed(hdr(RSA_R_I, T) + t(ID) + identity(SIGN, b"sip:i@example.org"), key)
    second = signed(hdr(RSA_R_R, EXT) + ext(T, 4, struct.pack(">I", CSB_ID)) + t(RAND_) +
                    rand(SIGN), key)
    return [first, second]


# ---- RFC 4650: KEMAC without keys

def prf(hash_name, key, constant, length):
    """RFC 3830 4.1.2 for keys of up to 256 bits, 4.1.4's label."""
    label = struct.pack(">IBI", constant, 0xff, CSB_ID) + RAND
    a, out = label, b""
    while len(out) < length:
        a = hmac.new(key, a, hash_name).digest()
        out += hmac.new(key, a + label, hash_name).digest()
    return out[:length]


def dh_hmac(psk, prf_func, mac_alg):
    hash_name = "sha256" if prf_func else "sha1"
    mac_name, mac_len = (("sha1", 20), ("sha256", 32))[mac_alg - 1]
    auth_key = prf(hash_name, psk, 0x2D22AC75, mac_len)
    both = []
    for data_type, middle in ((DHHMAC_INIT, t(RAND_) + rand(DH)), (DHHMAC_RESP, t(DH))):
        m = hdr(data_type, T, prf_func) + middle + dh(KEMAC) + bytes([0, 0, 0, 0, mac_alg])
        both.append((m + hmac.new(auth_key, m, mac_name).digest()).hex())
    assert len(hashlib.new(mac_name).digest()) == mac_len
    return both


def tlv_message(next_payload=SP, prot=0, ext=None):
    """A message with something in it that nobody knows."""
    if ext is not None:
        return (hdr(PSK_INIT, EXT) + struct.pack(">BBH", 0, ext, 3) + b"abc").hex()
    return (hdr(PSK_INIT, next_payload) + struct.pack(">BBBH", 0, 0, prot, 6) +
            bytes([0, 1, 1, 99, 1, 7])).hex()


def in_clear(data_type):
    """KEMAC without encryption; its first sub-payload could be ID or Key data."""
    first = struct.pack(">BBH", 20, 0, 16) + bytes(16)
    second = struct.pack(">BBH", 0, 0, 16) + bytes(16)
    keys = first + second
    return (hdr(data_type, KEMAC) + struct.pack(">BBH", 0, 0, len(keys)) + keys + b"\0").hex()


def short_rand():
    """RAND of 15 bytes; RFC 3830 6.11 wants 16 or more."""
    return (hdr(PSK_INIT, RAND_) + bytes([0, 15]) + RAND[:15]).hex()


# ---- captures

LINKS = {"ethernet": 1, "vlan": 1, "raw": 101, "ipv4": 228, "ipv6": 229, "sll": 113, "sll2": 276}


def udp(data, port=2269):
    return struct.pack(">HHHH", port, port, 8 + len(data), 0) + data


def ip(family, payload, more=0, offset=0, number=0):
    """A packet; a fragment of one if more or offset say so."""
    if family == 4:
        flags = (0x2000 if more else 0) | offset // 8
        return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), number, flags, 64, 17, 0) + \
            bytes([192, 0, 2, 7, 192, 0, 2, 1]) + payload
    kind = 17
    if more or offset:
        payload = struct.pack(">BBHI", 17, 0, offset | bool(more), number) + payload
        kind = 44
    net = bytes.fromhex("20010db8") + bytes(11)
    return struct.pack(">IHBB", 6 << 28, len(payload), kind, 64) + net + b"\7" + net + b"\1" + \
        payload


def framed(link, family, packet):
    kind = b"\x08\x00" if family == 4 else b"\x86\xdd"
    if link == "ethernet":
        return bytes(12) + kind + packet + bytes(6)	# padding
    if link == "vlan":
        return bytes(12) + b"\x81\x00\x00\x07" + kind + packet
    if link == "sll":
        return bytes(14) + kind + packet
    if link == "sll2":
        return kind + bytes(18) + packet
    return packet


def pcap(link, frames):
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, LINKS[link])
    for f in frames:
        out += struct.pack("<IIII", int(SEEN_AT), int(SEEN_AT % 1 * 1e6), len(f), len(f)) + f
    return out


def capture(link, family, messages, port=2269):
    return pcap(link, [framed(link, family, ip(family, udp(m, port))) for m in messages])


def fragments(family, messages, order):
    """Each message in pieces of 64 bytes, in their order or against it, each twice."""
    frames = []
    for number, m in enumerate(messages):
        whole = udp(m)
        pieces = [(at, whole[at:at + 64]) for at in range(0, len(whole), 64)]
        for at, piece in pieces[::order]:
            frames += 2 * [framed("ethernet", family,
                                  ip(family, piece, at + 64 < len(whole), at, number))]
    return pcap("ethernet", frames)
