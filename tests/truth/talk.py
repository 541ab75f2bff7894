# SPDX-License-Identifier: MIT
# A client's means, put in front of what a test of timed-server says.
import os
import socket
import struct
import time

GREETING = struct.pack("<I", 1)
WELCOME = struct.pack("<I", 0)
GET = b"GET / HTTP/1.1\r\nHost: muelle\r\n\r\n"
HTTP_SIZE = len(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\nmuelle\n")


def connected():
    target = os.environ["TARGET"]
    if target.startswith("unix:"):
        client = socket.socket(socket.AF_UNIX)
        client.connect(target[len("unix:"):])
    else:
        host, port = target.rsplit(":", 1)
        client = socket.create_connection((host.strip("[]"), int(port)))
    client.settimeout(10)
    return client


def greeted():
    client = connected()
    client.sendall(GREETING)
    assert heard(client, 4) == WELCOME
    return client


def echo(payload):
    return struct.pack("<BI", 1, len(payload)) + payload


def heard(client, size):
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        assert more, "closed after %d bytes of %d" % (len(data), size)
        data += more
    return data


def silent(client):
    client.settimeout(0.2)
    try:
        return client.recv(1) is None
    except TimeoutError:
        return True


