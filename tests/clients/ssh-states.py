#!/usr/bin/env python3
"""Sends every SSH message number in every state of a connection, and looks at what comes back.

Started by tests/it/ssh_states.rs. Prints `ok STATE` or `FAILED STATE: why`. What the server may
answer before anybody has logged in is a short list; no answer of a service is in it.
"""

import logging
import os
import socket
import struct
import sys
import threading
import time

import paramiko
from paramiko.message import Message

ADDRESS = (os.environ["HOST"], int(os.environ["PORT"]))
LOGIN = os.environ["LOGIN"]
KEY = paramiko.Ed25519Key.from_private_key_file(os.environ["KEY"])
PATIENCE = 10

DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG = 1, 2, 3, 4
SERVICE_ACCEPT, EXT_INFO, KEXINIT, NEWKEYS = 6, 7, 20, 21
USERAUTH_FAILURE, USERAUTH_BANNER = 51, 53
REQUEST_SUCCESS, REQUEST_FAILURE = 81, 82
KEX_ANSWERS = {30, 31}

# What a server may say to somebody who has not logged in.
BEFORE_LOGIN = {
    DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, SERVICE_ACCEPT, EXT_INFO, KEXINIT, NEWKEYS,
    USERAUTH_FAILURE, USERAUTH_BANNER,
} | KEX_ANSWERS

# Numbers that nobody has given a meaning in the server's direction.
UNKNOWN = [n for n in range(256) if 8 <= n <= 19 or 22 <= n <= 29 or 42 <= n <= 49 or 54 <= n <= 59
           or 67 <= n <= 79 or 83 <= n <= 89 or n >= 101]

logging.getLogger("paramiko").setLevel(logging.CRITICAL)


def string(text):
    return struct.pack(">I", len(text)) + text


# Bodies that a careless server could act upon; all others are zeros.
BODIES = {
    50: string(LOGIN.encode()) + string(b"ssh-connection") + string(b"none"),
    80: string(b"tcpip-forward") + b"\1" + string(b"127.0.0.1") + struct.pack(">I", 0),
    90: string(b"session") + struct.pack(">III", 0, 1 << 20, 1 << 15),
    94: struct.pack(">I", 0) + string(b"octets"),
    98: struct.pack(">I", 0) + string(b"exec") + b"\1" + string(b"id"),
}


def body(number):
    return BODIES.get(number, bytes(16))


def plain(number):
    """A packet as it looks before keys are agreed on."""
    payload = bytes([number]) + body(number)
    padding = 8 - (5 + len(payload)) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack(">IB", 1 + len(payload) + padding, padding) + payload + bytes(padding)


def plain_numbers(octets):
    """The message numbers in what a server sent before keys are agreed on."""
    line, _, rest = octets.partition(b"\n")
    assert line.startswith(b"SSH-2.0-"), f"the server greets by {line}"
    numbers = []
    while len(rest) >= 6:
        (length,) = struct.unpack(">I", rest[:4])
        if len(rest) < 4 + length:
            break
        numbers.append(rest[5])
        rest = rest[4 + length:]
    return numbers


def heard_on(connection):
    """Everything the server says until it hangs up or is silent."""
    connection.settimeout(0.05)
    octets = b""
    try:
        while came := connection.recv(65536):
            octets += came
    except (TimeoutError, ConnectionError):
        pass
    return octets


def before_version():
    for number in range(256):
        with socket.create_connection(ADDRESS) as connection:
            connection.sendall(plain(number))
            allowed(plain_numbers(heard_on(connection)), {DISCONNECT, KEXINIT}, number)


def before_keys():
    for number in range(256):
        with socket.create_connection(ADDRESS) as connection:
            connection.sendall(b"SSH-2.0-states\r\n" + plain(number))
            answers = plain_numbers(heard_on(connection))
            allowed(answers, {DISCONNECT, IGNORE, UNIMPLEMENTED, KEXINIT} | KEX_ANSWERS, number)


def allowed(answers, expected, number):
    unexpected = set(answers) - expected
    assert not unexpected, f"number {number} was answered by {sorted(unexpected)}"


class Session:
    """A connection with keys agreed on, that hears every message."""

    def __init__(self, log_in=False, channel=False):
        self.transport = paramiko.Transport(ADDRESS)
        self.heard = []
        self.news = threading.Event()
        read = self.transport.packetizer.read_message

        def hear():
            number, message = read()
            self.heard.append(number)
            self.news.set()
            return number, message

        self.transport.packetizer.read_message = hear
        self.transport.start_client(timeout=PATIENCE)
        if log_in:
            self.transport.auth_publickey(LOGIN, KEY)
        if channel:
            self.channel = self.transport.open_session(timeout=PATIENCE)
        self.heard.clear()

    def send(self, number, octets=None):
        message = Message()
        message.add_byte(bytes([number]))
        message.add_bytes(body(number) if octets is None else octets)
        self.transport._send_message(message)

    def wait(self, *numbers):
        """Waits for one of these, or for the end; gives what was heard."""
        began = time.monotonic()
        while self.transport.is_active() and not set(numbers) & set(self.heard):
            assert time.monotonic() - began < PATIENCE, f"it hangs; heard {self.heard}"
            self.news.wait(0.01)
            self.news.clear()
        return list(self.heard)

    def close(self):
        self.transport.close()


def after_keys():
    for number in range(256):
        session = Session()
        try:
            session.send(number)
            # A question that is always answered, if the connection still lives.
            session.send(5, string(b"ssh-userauth"))
            answers = session.wait(SERVICE_ACCEPT, DISCONNECT)
            allowed(answers, BEFORE_LOGIN, number)
        except (EOFError, OSError, paramiko.SSHException):
            allowed(session.heard, BEFORE_LOGIN, number)
        finally:
            session.close()


def ask_after(session, number):
    """Sends a message, and then a question that is always answered; gives what was heard."""
    session.heard.clear()
    try:
        session.send(number)
        session.send(80, string(b"keepalive@states") + b"\1")
        return session.wait(REQUEST_SUCCESS, REQUEST_FAILURE, DISCONNECT)
    except (EOFError, OSError, paramiko.SSHException):
        return list(session.heard)


def with_session(**state):
    session = Session(**state)
    for number in range(256):
        answers = ask_after(session, number)
        if number in UNKNOWN and not (REQUEST_FAILURE in answers and session.transport.is_active()):
            # The message before it may have ended the connection a moment late: a new one tells.
            session.close()
            session = Session(**state)
            answers = ask_after(session, number)
        if number in UNKNOWN:
            # RFC 4253 asks for UNIMPLEMENTED; the SSH library passes over such a message in silence.
            alive = REQUEST_FAILURE in answers and session.transport.is_active()
            assert alive, f"number {number} ended the connection"
        if not session.transport.is_active():
            session.close()
            session = Session(**state)
    session.close()


def after_login():
    with_session(log_in=True)


def after_channel_open():
    with_session(log_in=True, channel=True)


for state in [before_version, before_keys, after_keys, after_login, after_channel_open]:
    began = time.monotonic()
    try:
        state()
        print(f"ok {state.__name__}", flush=True)
    except Exception as error:
        print(f"FAILED {state.__name__}: {type(error).__name__} {error}", flush=True)
    print(f"{state.__name__}: {time.monotonic() - began:.1f} s", file=sys.stderr)
