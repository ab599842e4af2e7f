#!/usr/bin/env python3
"""paramiko, as most Python scripts use it. The list of operations is explained in common.sh."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import paramiko

HOST, LOGIN = os.environ["HOST"], os.environ["LOGIN"]
PATIENCE = 30


@contextmanager
def session(port=None, key=None):
    transport = paramiko.Transport((HOST, int(port or os.environ["PORT"])))
    try:
        transport.connect(
            username=LOGIN,
            pkey=paramiko.Ed25519Key.from_private_key_file(key or os.environ["KEY"]),
        )
        with paramiko.SFTPClient.from_transport(transport) as sftp:
            yield sftp
    finally:
        transport.close()


def send(local, remote, **where):
    with session(**where) as sftp:
        # Compares the size by STAT afterwards.
        sftp.put(local, remote)


def put():
    send("put.xml", "inbox/put.xml")


def overwrite():
    send("overwrite-1.xml", "inbox/overwrite.xml")
    send("overwrite-2.xml", "inbox/overwrite.xml")


def resume():
    send("resume.half", "inbox/resume.xml")
    with session() as sftp, open("resume.xml", "rb") as whole:
        whole.seek(sftp.stat("inbox/resume.xml").st_size)
        with sftp.open("inbox/resume.xml", "ab") as remote:
            remote.write(whole.read())


def rename():
    with session() as sftp:
        sftp.put("rename.xml", "inbox/rename.xml.part")
        sftp.posix_rename("inbox/rename.xml.part", "inbox/rename.xml")


def times():
    with session() as sftp:
        sftp.put("times.xml", "inbox/times.xml")
        changed = os.stat("times.xml").st_mtime
        sftp.utime("inbox/times.xml", (changed, changed))


def list_():
    with session() as sftp:
        assert "put.xml" in sftp.listdir("inbox")
        assert sftp.stat("inbox/put.xml").st_size == os.stat("put.xml").st_size


def parallel():
    faults = []

    def one(number):
        try:
            send(f"parallel-{number}.xml", f"inbox/parallel-{number}.xml")
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults


def cancel():
    child = subprocess.Popen([sys.executable, __file__, "send-and-stall"])
    began = time.monotonic()
    while not os.path.exists("stalled"):
        assert child.poll() is None, "it ended by itself"
        assert time.monotonic() - began < PATIENCE, "it sent too little"
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()


def empty():
    send("empty.xml", "inbox/empty.xml")


def limit():
    send("limit.xml", "inbox/limit.xml")


def limit_over():
    send("limit-over.xml", "inbox/limit-over.xml")


def names():
    with open("names.txt", encoding="utf-8") as listed, session() as sftp:
        for name in listed.read().splitlines():
            sftp.put(f"names/{name}", f"inbox/{name}")


def wrong_key():
    try:
        send("put.xml", "inbox/wrong-key.xml", key=os.environ["WRONG_KEY"])
    except paramiko.AuthenticationException:
        return
    raise AssertionError("it was let in")


def many():
    with session() as sftp:
        for name in sorted(os.listdir("many")):
            sftp.put(f"many/{name}", f"inbox/{name}")


def receipt():
    began = time.monotonic()
    with session() as sftp:
        while True:
            try:
                sftp.get("inbox/put.xml.receipt.json", "fetched.json")
                return
            except FileNotFoundError:
                assert time.monotonic() - began < PATIENCE
                time.sleep(0.05)


OPERATIONS = [
    put, overwrite, resume, rename, times, list_, parallel, cancel, empty, limit, limit_over,
    names, wrong_key, many, receipt,
]

if sys.argv[1:] == ["send-and-stall"]:
    send("cancel.xml", "inbox/cancel.xml", port=os.environ["STALL_PORT"])
    sys.exit()
for operation in OPERATIONS:
    name = operation.__name__.rstrip("_")
    try:
        operation()
        print(f"ok {name}", flush=True)
    except Exception as error:
        print(f"FAILED {name}: {type(error).__name__} {error}", flush=True)
