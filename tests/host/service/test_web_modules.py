"""Modules of the page that need no browser, run by Node.js: the codec of the link against the vectors of all codecs."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pumpctl import defs, errors
from pumpctl.protocol import wire

ROOT = Path(__file__).parents[3]
WEB = ROOT / "host" / "src" / "pumpctl" / "service" / "web"
VECTORS = json.loads((ROOT / "tests" / "vectors" / "wire.json").read_text(encoding="utf-8"))

Run = Callable[[str, Any], Any]

CODEC = """
import { WireError, decode, encode } from './link/wire.js';
const outcome = (action) => {
  try {
    return action();
  } catch (error) {
    if (error instanceof WireError) return { reason: error.reason };
    throw error;
  }
};
const read = (line) => {
  const { fields, code, body } = decode(line);
  return [fields, code, body];
};
export const run = ({ encoded, decoded }) => ({
  encoded: encoded.map(([fields, code]) => outcome(() => encode(fields, code))),
  decoded: decoded.map((line) => outcome(() => read(line))),
});
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a module beside those of the page; its `run` gets a value and returns one."""
    if shutil.which("node") is None:
        pytest.skip("There is no Node.js here: `apt-get install nodejs`")
    folder = tmp_path_factory.mktemp("web") / "web"
    shutil.copytree(WEB, folder)
    (folder / "package.json").write_text('{"type": "module"}')

    def run(module: str, value: Any) -> Any:
        (folder / "under_test.js").write_text(module, encoding="utf-8")
        main = "import { run } from './under_test.js'; import { readFileSync } from 'node:fs';"
        main += "console.log(JSON.stringify(await run(JSON.parse(readFileSync(0, 'utf8')))));"
        (folder / "main.js").write_text(main)
        done = subprocess.run(
            ["node", "main.js"], input=json.dumps(value), capture_output=True, encoding="utf-8", cwd=folder, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def value_of(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: value_of(inner) for name, inner in value["pairs"]}
    return [value_of(item) for item in value] if isinstance(value, list) else value


def in_python(line: str) -> Any:
    """What the host's codec makes of a line, as CODEC has it."""
    try:
        found = wire.decode(line.encode("latin-1"))
    except errors.WireError as error:
        return {"reason": error.reason}
    return [found.fields, found.code, found.body.decode()]


def test_the_golden_lines_are_made_and_read_and_the_bad_ones_rejected(run: Run) -> None:
    good, bad = VECTORS["good"], VECTORS["bad"]
    fields = [[[[name, value_of(value)] for name, value in one["pairs"]], one["code"]] for one in good]
    lines = [one["line"].rstrip("\n") + end for one in good for end in ("", "\n", "\r\n")]
    found = run(CODEC, {"encoded": fields, "decoded": lines + [one["line"] for one in bad]})
    assert found["encoded"] == [one["line"] for one in good]
    assert found["decoded"][: len(lines)] == [in_python(line) for line in lines]
    assert all(isinstance(one, list) for one in found["decoded"][: len(lines)])
    assert found["decoded"][len(lines) :] == [{"reason": one["reason"]} for one in bad]


def test_damaged_lines_are_read_as_the_host_reads_them(run: Run) -> None:
    """Changed bytes with the old checksum, and with a right one, so that the text itself must be rejected."""
    chance = random.Random(1)
    bodies = [one["line"].rstrip("\n")[:-9] for one in VECTORS["good"] if len(one["line"]) < 200]
    bodies += [
        '{"id":1.5}',
        '{"id":1e3}',
        '{"id":NaN}',
        '{"id":-0}',
        '{"a":{"b":1,"b":2}}',
        '{"a":[1,]}',
        '{"a":[,]}',
        '{ "a" : [ ] }',
        '{"__proto__":1}',
    ]
    lines = [wire.framed(body.encode()).decode() for body in bodies]
    for line in list(lines):
        for _ in range(20):
            at = chance.randrange(len(line) - 1)
            lines.append(line[:at] + chance.choice('{}[]":,~*\\ux0e.- \x1f\x7f\xe9') + line[at + 1 :])
            body = lines[-1].rstrip("\n")[:-9].encode("latin-1")
            if b"{" in body[:1] and body.endswith(b"}"):
                lines.append(wire.framed(body).decode("latin-1"))
    found = run(CODEC, {"encoded": [], "decoded": lines})["decoded"]
    wanted = [in_python(line) for line in lines]
    wrong = [(line, one, other) for line, one, other in zip(lines, found, wanted, strict=True) if one != other]
    assert wrong == []
    assert sum(isinstance(one, list) for one in wanted) > len(bodies)
    assert sum(one == {"reason": "bad_line"} for one in wanted) > 50


def test_what_a_frame_can_not_carry_is_refused(run: Run) -> None:
    cases = [
        [{"a": 1.5}, None],
        [{"a": [1, 2.5]}, None],
        [{"a": {"b": 0.1}}, None],
        [{"id": 1}, "G" * 32],
        [{"id": 1}, ""],
    ]
    cases += [[{"id": 1}, "0" * 33], [{"id": 2**60}, None]]
    too_long = [[{"id": 1, "name": "x" * 512}, None], [{"id": 1, "name": "é" * 100}, None]]
    found = run(CODEC, {"encoded": cases + too_long, "decoded": []})["encoded"]
    assert [each["reason"] for each in found] == ["bad_line"] * len(cases) + ["too_long"] * 2
    assert defs.LINE_BYTES == 512
