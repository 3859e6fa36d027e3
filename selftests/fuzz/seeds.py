#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Write the seeds of the fuzz targets, out of the vectors and the examples.

usage: seeds.py OUTDIR

makes OUTDIR/TARGET/NUMBER-NAME, each an input as the head of TARGET.c wants it, and
OUTDIR/seeds.h: with which keys and for which CA.
"""
import base64
import json
import pathlib
import re
import struct
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
AT_I, AT_TP, AT_R, AT_HOST = 1, 2, 4, 8


def vectors(name):
    return json.loads((HERE / '../vectors' / (name + '.json')).read_text())


class Seeds:
    def __init__(self, out):
        self.out = out
        self.known = {}

    def add(self, target, name, data):
        """one file for each different input"""
        known = self.known.setdefault(target, set())
        if data in known:
            return
        known.add(data)
        where = self.out / target
        where.mkdir(parents=True, exist_ok=True)
        name = re.sub(r'[^a-z0-9]+', '-', name.lower())[:40]
        (where / f'{len(known):03}-{name}').write_bytes(data)


def message(seeds, name, roles, msg, key='', rand=''):
    """a datagram is for everybody who reads messages"""
    raw = bytes.fromhex(msg)
    head = bytes([roles]) + bytes.fromhex(key)[:32].ljust(32, b'\0')
    head += bytes.fromhex(rand)[:16].ljust(16, b'\0')
    seeds.add('message', name, bytes([roles]) + raw)
    seeds.add('describe', name, b'\0' + raw)
    seeds.add('seal', name, head + raw)
    seeds.add('decode', name, raw)


def dmikey(seeds):
    v = vectors('dmikey')
    for s in v['sessions']:
        rand = s['session']['rand']
        for tp in s['third_parties']:
            signed = tp['tp_r'].get('env_key', '') if 'tp_r' in tp else ''
            for what, roles, key in (('i_tp', AT_TP, tp['psk']), ('tp_i', AT_I, tp['psk']),
                                     ('tp_r', AT_R, signed), ('r_tp', AT_TP, signed)):
                if tp.get(what):
                    message(seeds, f'{s["name"]} {what}', roles, tp[what]['message'], key, rand)
            if tp.get('cookie_i_tp'):
                message(seeds, s['name'] + ' cookie', AT_TP, tp['cookie_i_tp']['message'],
                        tp['psk'], rand)
            plain = tp['i_tp'].get('kemac_plain')
            if plain:
                seeds.add('describe', 'plain i_tp', b'\1' + bytes.fromhex(plain))
        message(seeds, s['name'] + ' r_i', AT_I, s['r_i']['message'], s['auth_key_msg5'])
        for u in s.get('updates', []):
            message(seeds, 'u_r', AT_R, u['u_r']['message'], u['psk_k_update'], rand)
            message(seeds, 'r_u', AT_I, u['r_u']['message'], u['u_r']['auth_key'])
        seeds.add('esp', 'session data', b'\1' + bytes.fromhex(s['session_data']))
        seeds.add('esp', 'policy', b'\0' + bytes.fromhex(s['session']['sp_body'])[4:])
        share(seeds, s['session'])
    for e in v['errors']:
        message(seeds, e['name'], AT_I, e['message'])
    for n, cert in v['pki'].items():
        if 'cert' in cert:
            seeds.add('netlink', 'certificate ' + n, upcall_certificate(cert['cert']))


def share(seeds, s):
    coeffs = bytes.fromhex(''.join(s['coeffs']))
    for tail in (b'', b'\0\1\0\0', b'\1\x80\5\1'):
        seeds.add('share', f'{s["n"]} {s["k"]}',
                  bytes([s['n'] - 1, s['k'] - 1]) + coeffs + tail)


def others(seeds):
    readers = {'TP': AT_TP, 'R': AT_R, 'R (U_R)': AT_R, 'TP (R_TP)': AT_TP}
    for n, v in enumerate(vectors('dmikey-negative')['vectors']):
        if not n % 3:
            message(seeds, v['name'], readers.get(v['at'], AT_I), v['message'][:8192])
    for v in vectors('mikey-others')['messages']:
        message(seeds, v['name'], AT_HOST, v['message'])
        seeds.add('decode', v['name'], v.get('text', '').encode())
    v = vectors('rfc3830')
    for m in v['psk_messages'] + v['pk_messages']:
        key = m.get('psk') or m.get('envelope_key')
        for what in ('i_message', 'r_message_no_ids', 'r_message_with_ids'):
            if m.get(what):
                message(seeds, f'{m["name"]} {what}', AT_HOST, m[what], key, m['rand'])
        if m.get('kemac_plain'):
            seeds.add('describe', 'plain', b'\1' + bytes.fromhex(m['kemac_plain']))


# ---- payloads by themselves: the order is that of wire.c

ORDER = [None, None, 1, 2, 4, 5, 6, 14, 7, 8, 9, 10, 11, 15, 12, 21, 20]


def hdr_len(m):
    n = 10
    if m[9] == 0:
        return n + 9 * m[8]
    for _ in range(m[8] if m[9] == 2 else 0):
        n += 3 + (m[n + 2] & 127)
        n += 2 + int.from_bytes(m[n:n + 2], 'big')
        n += 1 + m[n]
    return n


def wire(seeds):
    """every payload stands first in what is left of a message"""
    lens = {1: (2, 0xffff), 2: (1, 0x3fff), 6: (2, 0xffff), 7: (2, 0xffff), 10: (3, 0xffff),
            14: (3, 0xffff), 21: (2, 0xffff)}
    fixed = {8: 34, 9: 34, 12: 4}
    for f in sorted((seeds.out / 'message').iterdir()):
        m = f.read_bytes()[1:]
        if len(m) < 30 or len(m) > 2000:
            continue
        try:
            at, kind = hdr_len(m), m[2]
            seeds.add('wire', 'hdr', b'\0' + m[:at])
            if m[9] == 2 and m[8]:
                seeds.add('wire', 'cs', b'\1' + m[10:at])
            while kind and kind in ORDER:
                end = {5: at + (6 if m[at + 1] == 2 else 10), 11: at + 2 + m[at + 1],
                       15: at + 3 + m[at + 2], 4: len(m)}.get(kind)
                if kind in lens:
                    off, mask = lens[kind]
                    end = at + off + 2 + (int.from_bytes(m[at + off:at + off + 2], 'big') & mask)
                    if kind == 1:
                        end += 1 + {0: 0, 1: 20, 2: 32}[m[end]]
                end = end or at + fixed[kind]
                seeds.add('wire', f'payload {kind}',
                          bytes([ORDER.index(kind)]) + m[at:end])
                kind, at = (0 if kind == 4 else m[at]), end
        except (IndexError, KeyError):
            continue
    for kv, tail in ((0, b''), (1, b'\4abcd'), (2, b'\4abcd\4efgh'), (0x10, b'\0\2xy')):
        seeds.add('wire', 'key data', bytes([16, 0, kv, 0, 16]) + b'k' * 16 + tail)


# ---- a serial line, a log, a key sector

def board(seeds):
    seeds.add('slip', 'frames', b'\xff\2' + b'hello\xdb\xdc\xdb\xdd\xc0\xc0bad\xdb\1\xc0')
    for kind, data in ((1, b'\0' * 7 + b'\5'), (2, b'seed' * 8)):
        r = b'L\1' + bytes([kind, len(data)]) + b'\0\0\0\1' + data
        r += struct.pack('>I', zlib.crc32(r))
        seeds.add('slip', f'record {kind}', b'\x20\1' + r + b'\xff' * 8)
        seeds.add('provision', f'log {kind}', b'\1' + r)

    def item(kind, value):
        return struct.pack('>BH', kind, len(value)) + value

    def party(n):
        name, ident = b'gw%d' % n, b'dmikey:gw%d.example' % n
        return item(8, bytes([n]) * 32 + b'\xfd' + b'\0' * 14 + bytes([n]) + b'\1' +
                    bytes([len(name)]) + name + ident)

    body = item(1, b'\0sensor1@example') + item(2, b'\1dmikey:r1.example')
    body += item(3, b'\xfd' + b'\0' * 14 + b'\2' + b'\xfd\1' + b'\0' * 13 + b'\1' +
                 struct.pack('>HHH', 2269, 2269, 5683))
    for method in (b'\2\2\2\0\xf1\0', b'\2\2\1\3\1\2'):
        whole = body + item(4, method) + item(5, b'\0\2\0\x10') + item(6, b'ward/7')
        whole += item(7, struct.pack('>II', 500, 1)) + party(1) + party(2)
        seeds.add('blob', 'sector', b'\1DMKY\1\0\0\0' + whole + b'\0' * 32)
    seeds.add('blob', 'erased', b'\0' + b'\xff' * 64)


# ---- what the kernel tells the agent; as netlink.c's head has it

def attribute(kind, value):
    return struct.pack('=HH', 4 + len(value), kind) + value + b'\0' * (-len(value) % 4)


def uapi(name):
    """the value of a constant of the netlink interface"""
    value, text = -1, (TOP / 'kmod/uapi/dmikey.h').read_text()
    for enum in re.findall(r'enum[^{]*\{(.*?)\}', text, re.S):
        value = -1
        for line in re.sub(r'/\*.*?\*/', '', enum, flags=re.S).split(','):
            part = [p.strip() for p in line.split('=')]
            value = int(part[1], 0) if len(part) == 2 and part[1].isdigit() else value + 1
            if part[0] == name:
                return value
    raise KeyError(name)


def netlink(kind, cmd, attrs):
    body = struct.pack('=BBH', cmd, 1, 0) + b''.join(attrs)
    return bytes([kind]) + struct.pack('=H', len(body)) + body


def upcall_certificate(cert):
    return netlink(0, uapi('DMK_CMD_UPCALL_NTF'), [
        attribute(uapi('DMK_A_UPCALL_ID'), b'\1\0\0\0'),
        attribute(uapi('DMK_A_UPCALL_TYPE'), bytes([uapi('DMK_UPCALL_CERT')])),
        attribute(uapi('DMK_A_CERT'), base64.b64decode(cert))])


def events(seeds):
    ident = [attribute(uapi('DMK_A_ID_TYPE'), b'\0'), attribute(uapi('DMK_A_ID'), b's1@example')]
    seeds.add('netlink', 'sensor', netlink(0, uapi('DMK_CMD_UPCALL_NTF'), ident + [
        attribute(uapi('DMK_A_UPCALL_ID'), b'\2\0\0\0'),
        attribute(uapi('DMK_A_UPCALL_TYPE'), bytes([uapi('DMK_UPCALL_SENSOR')]))]))
    event = uapi('DMK_CMD_EVENT_NTF')
    seeds.add('netlink', 'counter', netlink(0, event, ident + [
        attribute(uapi('DMK_A_EVENT'), bytes([uapi('DMK_EVENT_COUNTER')])),
        attribute(uapi('DMK_A_COUNTER'), b'\7\0\0\0')]))
    seeds.add('netlink', 'highest t', netlink(0, event, [
        attribute(uapi('DMK_A_EVENT'), bytes([uapi('DMK_EVENT_COUNTER')])),
        attribute(uapi('DMK_A_HIGHEST_T'), b'\7' * 8)]))
    seeds.add('netlink', 'refused', netlink(0, event, ident + [
        attribute(uapi('DMK_A_EVENT'), bytes([uapi('DMK_EVENT_REFUSED')])),
        attribute(uapi('DMK_A_REASON'), b'mac\0')]))
    seeds.add('netlink', 'controller', netlink(1, 1, [attribute(2, b'dmikey\0')]))
    seeds.add('netlink', 'gone', netlink(1, 2, [attribute(2, b'dmikey\0')]))
    seeds.add('netlink', 'no', netlink(2, 0, [attribute(1, b'there is no such sensor\0')]))


# ---- files that people write

SENSOR = '''identity = "nai:sensor1@example"
responder {
  identity = "uri:dmikey:r1.example"
  address = "fd01::1"
  coap-path = "ward/7"
}
thirdparty gw1 {
  identity = "uri:dmikey:gw1.example"
  address = "fd00::11"
  psk-file = "gw1.psk"
}
thirdparty gw2 {
  identity = "uri:dmikey:gw2.example"
  address = "fd00::12"
  psk-file = "gw2.psk"
}
n = 2
k = 2
timestamp = "counter"
address = "fd00::2"
period = 500
esp { cipher = "aes-ccm-8" }
'''

CSV = '''identity,psk,master,generation,timestamp,suites,responders,addresses
sensor1@example,/etc/dmikey/s1,,,ntp,ccm,,
nai:sensor2@example,,ward,3,counter,ccm cm,uri:dmikey:r1.example,2001:db8::/48 192.0.2.0/24
"uri:with ""quotes"",comma",s3,,,,,,
'''


def files(seeds):
    seeds.add('provision', 'sensor', b'\0' + SENSOR.encode())
    seeds.add('provision', 'gcm', b'\0' + SENSOR.replace('ccm-8', 'gcm-16').encode())
    seeds.add('registry', 'whole', CSV.encode())
    seeds.add('registry', 'short', b'identity,psk\na@b,c\na@b,d\n')
    example = (TOP / 'agent/dmikey.conf.example').read_text()
    seeds.add('config', 'example', re.sub(r'(?m)^#(?=\S)', '', example).encode())
    seeds.add('config', 'comments', example.encode())
    tutorial = (TOP / 'Documentation/tutorial.md').read_text()
    tutorial += (TOP / 'README.md').read_text()
    for text in re.findall(r'(?m)(?:^    .*\n(?:^\s*\n)?)+', tutorial):
        if '{' in text and '= ' in text:
            seeds.add('config', 'documentation', re.sub(r'(?m)^    ', '', text).encode())


# ---- a script is anything: see initiator.c

def initiator(seeds):
    for n in range(64):
        conf = bytes([n % 5, n % 3, n % 4, (n * 37) & 255])
        # R_I under R's key with n % 3 + 1 verdicts; R_U; ERR
        r_i = bytes([6, 2, 0b1110010, 1, n % 3]) + bytes([n & 1] * (n % 3 + 1)) + b'\0\xff'
        r_u = bytes([6, 2, 0b0110010, 1, 0, 255])
        err = bytes([6, 1 + n % 2, 0b0001001, 1, n, 0, n])
        first = (r_i, err, b'\3\3', b'')[n % 4]
        seeds.add('initiator', 'script', conf + first + b'\1' + r_u + err +
                  bytes([n, n * 5 & 255, n * 11 & 255]) * (n % 7))


def captures(seeds):
    """the same datagrams, in IPv6 and UDP, in a capture; and in hex"""
    v = vectors('dmikey')['sessions'][0]
    msgs = [bytes.fromhex(t[w]['message']) for t in v['third_parties'] for w in ('i_tp', 'tp_r')]
    msgs.append(bytes.fromhex(v['r_i']['message']))
    pcap = struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)
    for m in msgs:
        udp = struct.pack('>HHHH', 2269, 2269, 8 + len(m), 0) + m
        packet = struct.pack('>IHBB', 6 << 28, len(udp), 17, 64) + b'\xfd' * 32 + udp
        pcap += struct.pack('<IIII', 1, 2, len(packet), len(packet)) + packet
    seeds.add('decode', 'capture', pcap)
    seeds.add('decode', 'hex', b'\n'.join(m.hex().encode() for m in msgs) + b'\n')


def header(seeds):
    """what the targets have to know of the vectors"""
    v = vectors('dmikey')
    ca = base64.b64decode(v['pki']['ca']['cert'])
    psks = [t['psk'] for t in v['sessions'][0]['third_parties']]
    (seeds.out / 'seeds.h').write_text(
        '/* SPDX-License-Identifier: GPL-2.0 */\n'
        f'#define FUZZ_NOW {int(v["sessions"][0]["time_unix"])}\n'
        f'#define FUZZ_PSKS {", ".join(chr(34) + p + chr(34) for p in psks)}\n'
        f'#define FUZZ_CA {", ".join(map(str, ca))}\n')


def main():
    seeds = Seeds(pathlib.Path(sys.argv[1]))
    for fill in (dmikey, others, wire, board, events, files, initiator, captures,
                 header):
        fill(seeds)


if __name__ == '__main__':
    main()
