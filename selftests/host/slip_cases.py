#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
What slip.sh tries of dmikey-slip, each case in a network namespace of its own:

    slip_cases.py               lists the cases, "NAME what must hold"
    slip_cases.py TOOL NAME     runs one; an exception is a failure

The sensor is played by this program.
"""
import atexit
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import tty

from slip_wire import (HOST, OTHER, PORT, SENSOR, TIMEOUT, Line, echo_request, encode, open_pty,
                       udp)

UP = ["-a", HOST + "/64", "-p", SENSOR]
TOOL = WORK = None


def until(what, condition):
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, what + ": not in time"
        time.sleep(0.02)


# ---- who takes part

class Tool:
    """dmikey-slip; its line's name is read if it is a pty"""

    def __init__(self, *args, before=()):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([*before, TOOL, *args], stdout=subprocess.PIPE,
                                        stderr=self.log)
        atexit.register(self.process.kill)
        self.pty = self.read_line() if args[-1:] == ("pty",) else None

    def read_line(self):
        return self.process.stdout.readline().decode().strip()

    def counters(self):
        self.process.send_signal(signal.SIGUSR1)
        found = {}
        while "line lost" not in found:
            name, value = self.read_line().rsplit(" ", 1)
            found[name] = int(value)
        return found

    def wait_for(self, **counters):
        """each keyword is a counter: to_packets=3"""
        wanted = {k.replace("to_", "to-sensor ").replace("from_", "from-sensor ")
                  .replace("line_", "line ").replace("_", "-"): v
                  for k, v in counters.items()}
        try:
            until("", lambda: wanted.items() <= self.counters().items())
        except AssertionError:
            raise AssertionError("wanted %s, got %s" % (wanted, self.counters())) from None

    def said(self):
        self.log.seek(0)
        return self.log.read().decode()

    def wait_said(self, text, times=1):
        until("'%s' in: %s" % (text, self.said()), lambda: self.said().count(text) >= times)

    def ends(self, status, said=""):
        try:
            got = self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("does not end: " + self.said()) from None
        assert got == status, "status %d, wanted %d: %s" % (got, status, self.said())
        assert said in self.said(), "'%s' is not in: %s" % (said, self.said())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.ends(0)


def host_socket():
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.settimeout(TIMEOUT)
    # the kernel lets a new address rest for a moment, also without DAD
    until("address", lambda: bound(s))
    return s


def bound(s):
    try:
        s.bind((HOST, PORT))
    except OSError:
        return False
    return True


def start(*args):
    tool = Tool(*UP, *args, "pty")
    return tool, open_pty(tool.pty), host_socket()


def to_sensor(host, line, data):
    host.sendto(data, (SENSOR, PORT))
    got = line.frame()
    assert got[48:] == data and len(got) == 48 + len(data), "to the sensor: %r" % got


def from_sensor(host, line, data):
    line.send(encode(udp(data)))
    got = host.recv(2000)
    assert got == data, "from the sensor: %r" % got


def both_ways(host, line, data=b"reading"):
    to_sensor(host, line, data)
    from_sensor(host, line, data)


def ip(*args):
    subprocess.run(["ip", *args], check=True)


# ---- cases

def case_udp():
    """pty: datagrams of all lengths and bytes pass, both ways"""
    tool, line, host = start()
    everything = bytes(range(256)) * 5
    lengths = [*range(0, 80), 255, 256, 500, 1000, 1231, 1232]
    for length in lengths:
        both_ways(host, line, everything[:length])
    both_ways(host, line, b"\xc0" * 1232)
    size = sum(48 + n for n in lengths) + 1280
    tool.wait_for(to_packets=len(lengths) + 1, from_packets=len(lengths) + 1,
                  to_bytes=size, from_bytes=size, from_dropped_frame=0,
                  from_dropped_length=0, from_dropped_not_ipv6=0)
    tool.stop()


def case_ping():
    """pty: the gateway answers the sensor's ping"""
    tool, line, _ = start()
    for n in (0, 56, 1232):
        line.send(encode(echo_request(b"p" * n)))
        answer = line.frame()
        assert answer[40] == 129 and answer[48:] == b"p" * n, answer
    tool.stop()


def case_pieces():
    """pty: a frame that comes byte by byte is one, two that come at once are two"""
    tool, line, host = start()
    for byte in encode(udp(b"slow \xdb\xc0")):
        line.send(bytes([byte]))
        time.sleep(0.001)
    assert host.recv(2000) == b"slow \xdb\xc0"
    line.send(encode(udp(b"one")) + encode(udp(b"two"))[1:])
    assert [host.recv(2000), host.recv(2000)] == [b"one", b"two"]
    tool.stop()


def case_junk():
    """junk on the line is dropped and counted, what follows passes"""
    tool, line, host = start()
    line.send(b"boot: 3 lines of text\r\n")
    both_ways(host, line)
    tool.wait_for(from_dropped_not_ipv6=1)
    line.send(b"\xdb")
    both_ways(host, line)
    line.send(b"abc\xdbdef")
    both_ways(host, line)
    tool.wait_for(from_dropped_not_ipv6=1, from_dropped_frame=2)
    line.send(b"U" * 200000)
    both_ways(host, line)
    tool.wait_for(from_dropped_frame=3, from_packets=4)
    random.seed(1)
    line.send(random.randbytes(200000))
    line.send(b"\xc0")
    both_ways(host, line)
    assert tool.counters()["from-sensor dropped-not-ipv6"] > 100
    tool.wait_for(from_packets=5)
    tool.stop()


def case_length():
    """a packet whose length is not what it says, or above the MTU, is dropped"""
    tool, line, host = start()
    good = udp(b"x" * 100)
    for bad in (good[:-1], good + b"x", good[:39], udp(b"x" * 1233)):
        line.send(encode(bad))
    both_ways(host, line)
    tool.wait_for(from_dropped_length=2, from_dropped_not_ipv6=1, from_dropped_frame=1,
                  from_packets=1)
    ip("link", "set", "sensor0", "mtu", "4000")
    host.sendto(b"x" * 1233, (SENSOR, PORT))
    host.sendto(b"x" * 3000, (SENSOR, PORT))
    both_ways(host, line)
    tool.wait_for(to_dropped_length=2, to_packets=2)
    tool.stop()


def mtu():
    return subprocess.check_output(["ip", "link", "show", "sensor0"]).decode().split()[4]


def case_mtu():
    """--mtu 1400: a packet of 1400 bytes passes, both ways; without it the MTU is 1280"""
    tool, line, host = start()
    assert mtu() == "1280", mtu()
    host.close()
    tool.stop()
    tool, line, host = start("--mtu", "1400")
    assert mtu() == "1400", mtu()
    both_ways(host, line, b"m" * 1352)
    line.send(encode(udp(b"m" * 1353)))
    tool.wait_for(from_dropped_frame=1, from_packets=1, to_packets=1)
    tool.stop()


def case_ipv4():
    """IPv4 passes in neither direction"""
    tool, line, host = start()
    ip("addr", "add", "192.0.2.1/24", "dev", "sensor0")
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(b"old", ("192.0.2.2", PORT))
    both_ways(host, line)
    tool.wait_for(to_dropped_not_ipv6=1, to_packets=1)
    line.send(encode(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 17, 0,
                                 bytes([192, 0, 2, 2]), bytes([192, 0, 2, 1])) + b"x" * 20))
    both_ways(host, line)
    tool.wait_for(from_dropped_not_ipv6=1, from_packets=2)
    tool.stop()


def send_multicast(host):
    host.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF,
                    socket.if_nametoindex("sensor0"))
    host.sendto(b"to all", ("ff02::1", PORT))


def case_multicast():
    """multicast is not passed to the sensor"""
    tool, line, host = start()
    before = tool.counters()["to-sensor dropped-multicast"]
    send_multicast(host)
    to_sensor(host, line, b"only this")
    assert tool.counters()["to-sensor dropped-multicast"] > before
    tool.stop()


def case_all():
    """--all: multicast is passed"""
    tool, line, host = start("--all")
    send_multicast(host)
    while b"to all" not in line.frame():
        pass
    tool.wait_for(to_dropped_multicast=0)
    tool.stop()


def case_peer():
    """--peer: from and to nobody else; without it from and to all"""
    tool, line, host = start()
    ip("route", "add", OTHER, "dev", "sensor0")
    # HOST: the gateway's own address, which its kernel would drop only by luck
    for source in (OTHER, HOST, "::1", "::"):
        line.send(encode(udp(b"forged", source)))
    host.sendto(b"to another", (OTHER, PORT))
    both_ways(host, line)
    tool.wait_for(from_dropped_not_peer=4, from_packets=1, to_dropped_not_peer=1, to_packets=1)
    host.close()
    tool.stop()
    tool = Tool("-a", HOST + "/64", "pty")
    line, host = open_pty(tool.pty), host_socket()
    for addr in (OTHER, SENSOR):
        ip("route", "add", addr, "dev", "sensor0")
        line.send(encode(udp(b"from any", addr)))
        data, sender = host.recvfrom(2000)
        assert data == b"from any" and sender[0] == addr, sender
        host.sendto(b"to any", (addr, PORT))
        assert line.frame()[48:] == b"to any"
    tool.wait_for(from_dropped_not_peer=0, to_dropped_not_peer=0)
    tool.stop()


def fill_up(tool, host):
    """until a packet is dropped; all but the 16 that wait are counted then; how many"""
    names, sent = ("to-sensor packets", "to-sensor dropped-queue-full"), 0
    while not tool.counters()["to-sensor dropped-queue-full"]:
        host.sendto(b"%04d" % sent * 300, (SENSOR, PORT))
        sent += 1
    until("all are counted", lambda: sum(map(tool.counters().get, names)) == sent - 16)
    return sent


def case_stuck():
    """a line that takes nothing: packets are dropped, the tool lives, nothing is torn"""
    tool, line, host = start()
    sent = fill_up(tool, host)
    from_sensor(host, line, b"still heard")
    for n in range(sent - tool.counters()["to-sensor dropped-queue-full"]):
        assert line.frame()[48:] == b"%04d" % n * 300, "frame %d" % n
    to_sensor(host, line, b"and on")
    tool.stop()


def case_stuck_stop():
    """a line that takes nothing does not hold up the end"""
    tool, _, host = start()
    fill_up(tool, host)
    began = time.monotonic()
    tool.stop()
    assert time.monotonic() - began < 2, "took too long"


def case_peer_leaves():
    """pty: the peer leaves and another one comes"""
    tool, line, host = start()
    both_ways(host, line)
    os.close(line.fd)
    time.sleep(0.1)
    both_ways(host, open_pty(tool.pty))
    tool.wait_for(line_opened=1, line_lost=0)
    tool.stop()


def listen(path):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.bind(path)
    s.listen(1)
    s.settimeout(TIMEOUT)
    return s


def case_socket():
    """socket: waits for it, and connects again; no frame is sewn together from two lives"""
    path = WORK + "/qemu"
    tool = Tool(*UP, "unix:" + path)
    tool.wait_said("No such file or directory; waiting")
    time.sleep(1.2)     # longer than between two tries
    host = host_socket()
    host.sendto(b"nobody there", (SENSOR, PORT))
    tool.wait_for(to_dropped_no_line=1)
    server = listen(path)
    for life in range(1, 4):
        peer = server.accept()[0]
        both_ways(host, Line(peer.fileno()))
        tool.wait_for(line_opened=life, line_lost=life - 1)
        peer.send(encode(udp(b"torn"))[:30])
        peer.close()
    peer = server.accept()[0]
    peer.send(encode(udp(b"torn"))[30:])
    both_ways(host, Line(peer.fileno()))
    assert tool.said().count("waiting") == 1, "says the same again: " + tool.said()
    tool.stop()


def case_socket_stuck():
    """socket: what waited for a peer that left is dropped, the next one gets none of it"""
    path = WORK + "/qemu"
    server = listen(path)
    tool = Tool(*UP, "unix:" + path)
    host = host_socket()
    peer = server.accept()[0]
    tool.wait_for(line_opened=1)
    sent = fill_up(tool, host)
    lost = 16 + tool.counters()["to-sensor dropped-queue-full"]
    peer.close()
    tool.wait_for(line_lost=1, to_dropped_no_line=16)
    both_ways(host, Line(server.accept()[0].detach()))
    tool.wait_for(to_packets=sent - lost + 1)
    tool.stop()


def case_socket_flaps():
    """socket: one that closes at once is tried twice a second, not more"""
    path = WORK + "/qemu"
    server = listen(path)
    tool = Tool(*UP, "unix:" + path)
    end, times = time.monotonic() + 2, 0
    server.settimeout(2)
    while time.monotonic() < end:
        server.accept()[0].close()
        times += 1
    assert 3 <= times <= 6, "%d times in 2 s" % times
    tool.stop()


def case_tty():
    """tty: set raw at its speed, reopened when it vanishes"""
    path = WORK + "/ttyUSB0"
    tool = Tool(*UP, "-b", "57600", path)
    tool.wait_said("No such file or directory; waiting")
    host = host_socket()
    for life in range(1, 4):
        peer, end = os.openpty()
        os.symlink(os.ttyname(end), path)
        tool.wait_for(line_opened=life)
        flags = termios.tcgetattr(end)
        assert flags[4] == flags[5] == termios.B57600, "speed"
        assert not flags[0] & (termios.IXON | termios.ICRNL | termios.INLCR), "input"
        assert not flags[1] & termios.OPOST and not flags[3] & termios.ICANON, "not raw"
        assert not flags[2] & termios.CRTSCTS and not flags[3] & termios.ECHO, "flow, echo"
        both_ways(host, Line(peer), bytes(range(256)))
        os.unlink(path)
        os.close(end)
        os.close(peer)
        tool.wait_for(line_lost=life)
    tool.stop()


def case_tty_stuck():
    """tty: a frame that the line took half of is not continued on the next line"""
    path = WORK + "/ttyUSB0"
    peer, end = os.openpty()
    os.symlink(os.ttyname(end), path)
    tool = Tool(*UP, path)
    tool.wait_said(": open")
    host = host_socket()
    fill_up(tool, host)
    os.unlink(path)
    os.close(end)
    os.close(peer)
    tool.wait_for(line_lost=1, to_dropped_no_line=16)
    peer, end = os.openpty()
    os.symlink(os.ttyname(end), path)
    tool.wait_for(line_opened=2)
    both_ways(host, Line(peer))
    tool.stop()


def case_crtscts():
    """tty: --crtscts turns flow control on; nobody else may open the tty"""
    peer, end = os.openpty()
    tty.setraw(end)
    tool = Tool(*UP, "--crtscts", os.ttyname(end))
    tool.wait_said(": open")
    assert termios.tcgetattr(end)[2] & termios.CRTSCTS
    other = Tool("-i", "sensor1", os.ttyname(end))
    other.ends(1, "busy")
    both_ways(host_socket(), Line(peer))
    tool.stop()


def case_once():
    """--once: ends with 3 when the line goes, with 1 when it was never there"""
    peer, end = os.openpty()
    tool = Tool(*UP, "--once", os.ttyname(end))
    tool.wait_said(": open")
    os.close(end)
    os.close(peer)
    tool.ends(3, "gone")
    Tool("--once", "/dev/ttyNONE0").ends(1, "/dev/ttyNONE0: No such file or directory")
    Tool("--once", "unix:/nowhere/at/all").ends(1, "No such file or directory")


def case_errors():
    """what is wrong is named"""
    Tool().ends(2, "which LINE")
    Tool("a", "b").ends(2, "'b' is too much")
    Tool("-b", "12345", "/dev/null").ends(2, "12345 baud")
    Tool("--mtu", "1279", "/dev/null").ends(2, "1279")
    Tool("-a", "192.0.2.1/24", "/dev/null").ends(2, "192.0.2.1/24")
    Tool("-a", "fd00::1/129", "/dev/null").ends(2, "129")
    Tool("-a", "fd00::1", "/dev/null").ends(2, "fd00::1")
    Tool("-p", "fd00::1/64", "/dev/null").ends(2, "fd00::1/64")
    Tool("-i", "sixteen-letters-", "/dev/null").ends(2, "sixteen-letters-")
    Tool("-u", "nobody-of-that-name", "/dev/null").ends(1, "nobody-of-that-name")
    Tool("/dev/null").ends(1, "/dev/null: not a serial line")
    Tool("-i", "lo", "/dev/null").ends(1, "lo: there is one, but it is not TUN")
    first = Tool("pty")
    Tool("/dev/null").ends(1, "sensor0: another program has it")
    first.stop()
    without = ["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"]
    Tool("/dev/null", before=without).ends(1, "sensor0: needs CAP_NET_ADMIN")
    hidden = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /dev/net && exec "$@"', "sh"]
    Tool("/dev/null", before=hidden).ends(1, "no TUN in this kernel: modprobe tun")


def case_prepared():
    """an interface of ip-tuntap(8) needs no capability"""
    ip("tuntap", "add", "dev", "sensor0", "mode", "tun", "user", str(os.getuid()))
    ip("link", "set", "sensor0", "mtu", "1280", "up")
    ip("addr", "add", HOST + "/64", "dev", "sensor0")
    ip("route", "add", SENSOR, "dev", "sensor0")
    tool = Tool("pty", before=["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"])
    both_ways(host_socket(), open_pty(tool.pty))
    tool.stop()
    socket.if_nametoindex("sensor0")


def status_of(tool):
    with open("/proc/%d/status" % tool.process.pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def case_privileges():
    """no capability is left"""
    tool = Tool("pty")
    status = status_of(tool)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(status[kind], 16) == 0, kind + status[kind]
    assert status["NoNewPrivs"] == "1"
    tool.stop()


def case_user():
    """--user: another user, with no capability"""
    with open("/proc/self/uid_map") as f:
        if int(f.read().split()[2]) == 1:
            print("only one user in this namespace")
            sys.exit(4)
    tool = Tool(*UP, "-u", "nobody", "pty")
    status = status_of(tool)
    assert status["Uid"].split() == ["65534"] * 4, status["Uid"]
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    both_ways(host_socket(), open_pty(tool.pty))
    tool.stop()


def case_interface_goes():
    """the interface is deleted: ends with 1; SIGTERM: the interface is gone"""
    tool = Tool("pty")
    ip("link", "del", "sensor0")
    tool.ends(1, "sensor0: gone")
    tool = Tool("pty")
    socket.if_nametoindex("sensor0")
    tool.stop()
    assert "sensor0" not in [name for _, name in socket.if_nameindex()]


def case_interface_down():
    """an interface that is down: packets are refused and counted"""
    tool, line, host = start()
    ip("link", "set", "sensor0", "down")
    line.send(encode(udp(b"x")))
    tool.wait_for(from_dropped_refused=1)
    ip("link", "set", "sensor0", "up")
    line.send(encode(udp(b"x")))
    tool.wait_for(from_packets=1)
    tool.stop()


def case_verbose():
    """-v: a drop is said, and the end tells the numbers; else it is quiet"""
    tool, line, host = start("-v")
    line.send(encode(b"junk"))
    tool.wait_said("from-sensor dropped-not-ipv6")
    tool.process.terminate()
    rest = tool.process.stdout.read().decode()
    assert "from-sensor dropped-not-ipv6 1\n" in rest and "line lost 0\n" in rest, rest
    host.close()
    os.close(line.fd)
    tool, line, _ = start()
    line.send(encode(b"junk"))
    tool.wait_for(from_dropped_not_ipv6=1)
    tool.process.terminate()
    assert tool.process.stdout.read() == b"" and tool.said() == "", "not quiet"


def ticks_of(tool):
    with open("/proc/%d/stat" % tool.process.pid) as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))


def case_idle():
    """it sleeps while nothing happens, with and without a line"""
    for line in ("pty", "/dev/ttyNONE0"):
        tool = Tool(line)
        time.sleep(0.3)
        before = ticks_of(tool)
        time.sleep(1.5)
        used = ticks_of(tool) - before
        assert used <= 5, "%d ticks in 1.5 s" % used
        tool.stop()


CASES = {name[5:]: f for name, f in list(globals().items()) if name.startswith("case_")}

if __name__ == "__main__":
    if len(sys.argv) == 1:
        for name, case in CASES.items():
            print(name, case.__doc__)
        sys.exit()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("out of time"))
    TOOL = sys.argv[1]
    with tempfile.TemporaryDirectory() as WORK:
        CASES[sys.argv[2]]()
