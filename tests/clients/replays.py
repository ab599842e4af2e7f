#!/usr/bin/env python3
"""What clients that cannot be run here send, request by request: WinSCP, FileZilla, Cyberduck and
others on sshj, rclone, JSch, NiFi, asyncssh, Go's pkg/sftp, SSH.NET, SAP.

Started by tests/it/clients.rs like the others. Each replay puts `NAME.xml` as `inbox/NAME.xml` and
prints `ok NAME` or `FAILED NAME: why`.
"""

import hashlib
import os
import struct
import sys
import traceback

import paramiko

OPEN, CLOSE, READ, WRITE, LSTAT, FSTAT, SETSTAT, FSETSTAT, OPENDIR, READDIR, REMOVE = range(3, 14)
REALPATH, STAT, RENAME, EXTENDED = 16, 17, 18, 200
READ_FLAG, WRITE_FLAG, APPEND, CREATE, TRUNCATE, EXCLUSIVE = 1, 2, 4, 8, 16, 32
OK, EOF, NO_SUCH_FILE, DENIED, FAILURE, UNSUPPORTED = 0, 1, 2, 3, 4, 8
STATUS, HANDLE, DATA, NAME, ATTRS, EXTENDED_REPLY = 101, 102, 103, 104, 105, 201

CHANGED = int(os.environ.get("CHANGED", "1704164645"))


def string(text):
    octets = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">I", len(octets)) + octets


def no_attrs():
    return struct.pack(">I", 0)


def mode(permissions):
    return struct.pack(">II", 4, permissions)


def times(changed):
    return struct.pack(">III", 8, changed, changed)


def size(octets):
    return struct.pack(">IQ", 1, octets)


class Raw:
    """One SFTP channel, a request at a time."""

    def __init__(self):
        self.transport = paramiko.Transport((os.environ["HOST"], int(os.environ["PORT"])))
        key = paramiko.Ed25519Key.from_private_key_file(os.environ["KEY"])
        self.transport.connect(username=os.environ["LOGIN"], pkey=key)
        self.channel = self.channel_with_sftp()
        self.ids = 0

    def channel_with_sftp(self):
        channel = self.transport.open_session()
        channel.invoke_subsystem("sftp")
        channel.settimeout(30)
        channel.sendall(struct.pack(">IBI", 5, 1, 3))
        self.channel = channel
        kind, body = self.packet()
        assert kind == 2 and body[:4] == b"\0\0\0\3", (kind, body)
        return channel

    def exactly(self, count):
        octets = b""
        while len(octets) < count:
            came = self.channel.recv(count - len(octets))
            assert came, "the channel ended"
            octets += came
        return octets

    def packet(self):
        (length,) = struct.unpack(">I", self.exactly(4))
        body = self.exactly(length)
        return body[0], body[1:]

    def send(self, kind, body):
        """Sends a request, and does not wait."""
        self.ids += 1
        packet = struct.pack(">BI", kind, self.ids) + body
        self.channel.sendall(struct.pack(">I", len(packet)) + packet)
        return self.ids

    def answers(self, *ids):
        """The answers to these requests, in whatever order they come."""
        found = {}
        while set(found) != set(ids):
            kind, body = self.packet()
            (answered,) = struct.unpack(">I", body[:4])
            assert answered in ids and answered not in found, (answered, ids)
            found[answered] = (kind, body[4:])
        return [found[one] for one in ids]

    def ask(self, kind, body):
        return self.answers(self.send(kind, body))[0]

    def status(self, kind, body, *expected):
        answered, rest = self.ask(kind, body)
        assert answered == STATUS, (kind, answered, rest)
        self.is_status(answered, rest, *(expected or (OK,)))

    def is_status(self, kind, rest, *expected):
        code, length = struct.unpack(">II", rest[:8])
        text = rest[8 : 8 + length].decode()
        assert kind == STATUS and code in expected, f"status {code} {text!r}, expected {expected}"
        assert text, "a status without a text"

    def open(self, path, flags, attrs=None):
        kind, body = self.ask(OPEN, string(path) + struct.pack(">I", flags) + (attrs or no_attrs()))
        assert kind == HANDLE, (path, kind, body)
        return body[4:]

    def write(self, handle, octets, piece=32768, order=None, start=0):
        """Writes in pieces, all of them in flight at once."""
        offsets = list(range(0, len(octets), piece))
        if order:
            offsets.sort(key=order)
        ids = [
            self.send(
                WRITE,
                string(handle) + struct.pack(">Q", start + at) + string(octets[at : at + piece]),
            )
            for at in offsets
        ]
        for kind, body in self.answers(*ids):
            self.is_status(kind, body, OK)

    def close_handle(self, handle):
        self.status(CLOSE, string(handle))

    def attrs(self, kind, subject):
        answered, body = self.ask(kind, string(subject))
        assert answered == ATTRS, (answered, body)
        flags = struct.unpack(">I", body[:4])[0]
        assert flags & 1, "attributes without a size"
        return struct.unpack(">Q", body[4:12])[0]

    def absent(self, kind, path):
        self.status(kind, string(path), NO_SUCH_FILE)

    def listed(self, folder):
        kind, body = self.ask(OPENDIR, string(folder))
        assert kind == HANDLE, (kind, body)
        handle, names = body[4:], []
        while True:
            kind, body = self.ask(READDIR, string(handle))
            if kind == STATUS:
                self.is_status(kind, body, EOF)
                break
            (count,) = struct.unpack(">I", body[:4])
            assert count > 0
            names.append(body)
        self.close_handle(handle)
        return b"".join(names)

    def realpath(self, path):
        kind, body = self.ask(REALPATH, string(path))
        assert kind == NAME, (kind, body)
        (length,) = struct.unpack(">I", body[4:8])
        return body[8 : 8 + length].decode()


def winscp_below_100_kb(raw, path, octets):
    raw.absent(LSTAT, path)
    handle = raw.open(path, WRITE_FLAG | CREATE | EXCLUSIVE)
    raw.write(handle, octets)
    # SETSTAT goes right behind CLOSE.
    ids = (raw.send(CLOSE, string(handle)), raw.send(SETSTAT, string(path) + times(CHANGED)))
    for kind, body in raw.answers(*ids):
        raw.is_status(kind, body, OK)


def winscp_from_100_kb(raw, path, octets):
    part = f"{path}.filepart"
    raw.absent(LSTAT, path)
    raw.absent(LSTAT, part)
    # Cut off in the middle, then resumed on the same temporary name.
    handle = raw.open(part, WRITE_FLAG | CREATE | TRUNCATE)
    half = len(octets) // 2
    raw.write(handle, octets[:half])
    raw.close_handle(handle)
    assert raw.attrs(LSTAT, part) == half
    handle = raw.open(part, WRITE_FLAG)
    raw.write(handle, octets[half:], start=half)
    raw.close_handle(handle)
    raw.status(REMOVE, string(path), NO_SUCH_FILE)
    ids = (raw.send(RENAME, string(part) + string(path)), raw.send(SETSTAT, string(path) + times(CHANGED)))
    for kind, body in raw.answers(*ids):
        raw.is_status(kind, body, OK)


def filezilla(raw, path, octets):
    folder, _ = path.rsplit("/", 1)
    assert raw.realpath(folder) == f"/{folder}"
    raw.listed(f"/{folder}")
    handle = raw.open(f"/{path}", WRITE_FLAG | CREATE | TRUNCATE)
    half = len(octets) // 2
    raw.write(handle, octets[:half])
    raw.close_handle(handle)
    # Resumed: not truncated, and FSTAT tells where to go on.
    handle = raw.open(f"/{path}", WRITE_FLAG)
    at = raw.attrs(FSTAT, handle)
    assert at == half
    raw.write(handle, octets[at:], start=at)
    raw.close_handle(handle)
    raw.status(SETSTAT, string(f"/{path}") + times(CHANGED))


def sshj_of_cyberduck(raw, path, octets):
    raw.realpath(".")
    raw.absent(STAT, path)
    handle = raw.open(path, WRITE_FLAG | CREATE | TRUNCATE, mode(0o100644))
    raw.write(handle, octets, piece=16384)
    raw.close_handle(handle)
    raw.status(SETSTAT, string(path) + struct.pack(">IIII", 4 | 8, 0o100644, CHANGED, CHANGED))
    assert raw.attrs(STAT, path) == len(octets)


def rclone(raw, path, octets):
    part = f"{path}.0123abcd.partial"
    raw.attrs(STAT, "inbox")
    raw.absent(STAT, path)
    handle = raw.open(part, WRITE_FLAG | CREATE | TRUNCATE)
    raw.write(handle, octets, order=lambda at: -at)
    raw.close_handle(handle)
    raw.status(SETSTAT, string(part) + times(CHANGED))
    assert raw.attrs(STAT, part) == len(octets)
    raw.status(EXTENDED, string("posix-rename@openssh.com") + string(part) + string(path))
    assert raw.attrs(STAT, path) == len(octets)


def jsch(raw, path, octets):
    raw.realpath("")
    raw.absent(STAT, path)
    handle = raw.open(path, WRITE_FLAG | CREATE | TRUNCATE)
    half = len(octets) // 2
    raw.write(handle, octets[:half])
    # An exception in Java: no CLOSE. RESUME in a new channel asks for the size.
    raw.channel.close()
    raw.channel_with_sftp()
    at = size_soon(raw, path)
    handle = raw.open(path, WRITE_FLAG)
    raw.write(handle, octets[at:], start=at)
    raw.close_handle(handle)


def size_soon(raw, path):
    """What came before a connection broke is there a moment later."""
    for _ in range(1000):
        kind, body = raw.ask(STAT, string(path))
        if kind == ATTRS:
            return struct.unpack(">Q", body[4:12])[0]
    raise AssertionError("what was sent before the end is not there")


def nifi(raw, path, octets):
    raw.listed("inbox")
    folder, name = path.rsplit("/", 1)
    dotted = f"{folder}/.{name}"
    raw.absent(STAT, dotted)
    handle = raw.open(dotted, WRITE_FLAG | CREATE | TRUNCATE)
    raw.write(handle, octets)
    raw.close_handle(handle)
    raw.status(SETSTAT, string(dotted) + times(CHANGED))
    raw.status(RENAME, string(dotted) + string(path))


def asyncssh(raw, path, octets):
    raw.absent(STAT, path)
    handle = raw.open(path, WRITE_FLAG | CREATE | TRUNCATE, mode(0o100600))
    # In parallel, in whatever order.
    raw.write(handle, octets, piece=4096, order=lambda at: hashlib.sha256(b"%d" % at).digest())
    raw.close_handle(handle)
    raw.status(SETSTAT, string(path) + times(CHANGED))


def go_pkg_sftp(raw, path, octets):
    # Create() opens for reading, too.
    handle = raw.open(path, READ_FLAG | WRITE_FLAG | CREATE | TRUNCATE)
    raw.write(handle, octets, piece=32768)
    kind, body = raw.ask(READ, string(handle) + struct.pack(">QI", 0, 5))
    assert kind == DATA and body[4:] == octets[:5], (kind, body)
    assert raw.attrs(FSTAT, handle) == len(octets)
    raw.close_handle(handle)


def ssh_net(raw, path, octets):
    handle = raw.open(path, WRITE_FLAG | CREATE | TRUNCATE)
    assert raw.attrs(FSTAT, handle) == 0
    raw.write(handle, octets)
    assert raw.attrs(FSTAT, handle) == len(octets)
    raw.close_handle(handle)


def sap_moves_in(raw, path, octets):
    """A temporary name in one of our folders, then moved into the other."""
    _, name = path.rsplit("/", 1)
    temporary = f"test/{name}.tmp"
    handle = raw.open(temporary, WRITE_FLAG | CREATE | TRUNCATE)
    raw.write(handle, octets)
    raw.close_handle(handle)
    raw.status(RENAME, string(temporary) + string(path))
    raw.absent(STAT, temporary)


def curl(raw, path, octets):
    """libssh2: at most 30,000 octets in a WRITE; resumes by STAT, OPEN without truncating, seek."""
    handle = raw.open(path, WRITE_FLAG | CREATE | TRUNCATE, mode(0o100644))
    half = len(octets) // 2
    raw.write(handle, octets[:half], piece=30000)
    raw.close_handle(handle)
    at = raw.attrs(STAT, path)
    handle = raw.open(path, WRITE_FLAG)
    raw.write(handle, octets[at:], piece=30000, start=at)
    raw.close_handle(handle)


def openssh_scp_over_an_older_file(raw, path, octets):
    handle = raw.open(path, WRITE_FLAG | CREATE | TRUNCATE)
    raw.write(handle, b"x" * (len(octets) + 1000))
    raw.close_handle(handle)
    # Not truncated: FSETSTAT cuts the longer old file.
    handle = raw.open(path, WRITE_FLAG | CREATE)
    raw.write(handle, octets)
    raw.status(FSETSTAT, string(handle) + size(len(octets)))
    raw.close_handle(handle)


REPLAYS = [
    winscp_below_100_kb, winscp_from_100_kb, filezilla, sshj_of_cyberduck, rclone, jsch, nifi,
    asyncssh, go_pkg_sftp, ssh_net, sap_moves_in, curl, openssh_scp_over_an_older_file,
]

if __name__ == "__main__":
    for replay in REPLAYS:
        name = replay.__name__
        raw = Raw()
        try:
            with open(f"{name}.xml", "rb") as local:
                replay(raw, f"inbox/{name}.xml", local.read())
            print(f"ok {name}", flush=True)
        except Exception as error:
            traceback.print_exc()
            print(f"FAILED {name}: {type(error).__name__} {error}", flush=True)
        finally:
            raw.transport.close()
    sys.stdout.flush()
