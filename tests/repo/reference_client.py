"""A client written from firmware/definitions/REFERENCE.md alone: it uses nothing of this project."""

import json
import zlib


class Client:
    """`send(line)` takes bytes; `receive()` returns the next line that the pump has sent."""

    def __init__(self, send, receive):
        self.send, self.receive, self.last_id, self.unasked = send, receive, 0, []

    def ask(self, cmd, **fields):
        self.last_id += 1
        body = json.dumps({"id": self.last_id, "cmd": cmd, **fields}).encode("ascii")
        self.send(b"%s*%08X\n" % (body, zlib.crc32(body)))
        while True:
            text, _, check = self.receive().strip().rpartition(b"*")
            assert check == b"%08X" % zlib.crc32(text), "damaged"
            answer = json.loads(text)
            if answer.get("id") == self.last_id:
                break
            self.unasked.append(answer)
        if not answer["ok"]:
            raise ValueError(answer)
        return answer

    def change(self, cmd, **fields):
        answer = self.ask(cmd, **fields)
        if all(answer["new"].get(name, value) == value for name, value in fields.items()) and answer["draft"]:
            self.ask("confirm", draft=answer["draft"], code=answer["code"])
