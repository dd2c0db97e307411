"""Replaces the simulated pump's process: implements its bench channel and `hello`, and fails on request.

The setting `fail` chooses the failure: 1 ends at the first run with a text on stderr, 2 sends an invalid reply,
3 doesn't quit, 4 ends immediately.
"""

import argparse
import json
import os
import select
import signal
import sys
import zlib

from pumpctl import defs

parser = argparse.ArgumentParser()
parser.add_argument("--time")
parser.add_argument("--seed", type=int)
parser.add_argument("--speed", type=int, default=1)
parser.add_argument("--link-fd", type=int, default=-1)
parser.add_argument("--wake-ms", type=int, default=0)
parser.add_argument("--set", action="append", default=[])
options = parser.parse_args()
settings = {name: int(value) for name, value in (text.split("=") for text in options.set)}
fail = settings.get("fail", 0)
elapsed_ms = 0
blocked = 0
waiting = b""


def send(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def answer(line: bytes) -> bytes:
    request = json.loads(line.rpartition(b"*")[0])
    hello = {"protocol": 1, "version": "9", "board": "child", "image": "none", "digest": defs.DIGEST}
    fields = {"hello": hello}.get(request["cmd"], {})
    body = json.dumps({"id": request["id"], "ok": True, **fields}, separators=(",", ":")).encode()
    return body + b"*%08X\n" % zlib.crc32(body)


def receive(data: bytes) -> bytes:
    global waiting
    *lines, waiting = (waiting + data).split(b"\n")
    return b"".join(answer(line) for line in lines if line)


def run_line(line: str) -> None:
    global elapsed_ms, blocked
    word, _, rest = line.partition(" ")
    if word == "run":
        if fail == 1:
            sys.exit("the motor has flown away")
        elapsed_ms += int(rest)
        if unsent:
            send("tx " + unsent.pop().hex())
        send("= nonsense" if fail == 2 else f'= {{"ticks_ms":{elapsed_ms}}}')
    elif word == "rx":
        unsent.append(receive(bytes.fromhex(rest)))
    elif word == "do" and rest.partition(" ")[0] == "block":
        blocked = int(rest.partition(" ")[2] or 1)
        send('= {"ok": true}')
    elif word == "do":
        send('= {"error": "unknown action: ' + rest + '"}')
    elif word == "truth":
        send("= " + json.dumps({"blocked": blocked, "elapsed_ms": elapsed_ms, "seed": options.seed}))
    elif word == "quit" and fail != 3:
        sys.exit(0)


if fail == 4:
    sys.exit("no world with these settings")
if fail == 3:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
unsent: list[bytes] = []
send(f"started with {' '.join(sys.argv[1:])} path {os.environ['MICROPYPATH']}")
sources = [0] if options.link_fd < 0 else [0, options.link_fd]
typed = b""
while True:
    for source in select.select(sources, [], [])[0]:
        data = os.read(source, 4096)
        if source:
            os.write(source, receive(data))
        elif data:
            *lines, typed = (typed + data).split(b"\n")
            for line in lines:
                run_line(line.decode())
        elif fail == 3:
            sources.remove(0)
        else:
            sys.exit(0)
