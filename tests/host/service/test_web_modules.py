"""Modules of the page that need no browser, run by Node.js: the codec of the link against the vectors of all codecs."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pumpctl import defs, errors
from pumpctl.protocol import refusals, wire

ROOT = Path(__file__).parents[3]
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


def test_the_golden_lines_are_made_and_read_and_the_bad_ones_rejected(run_js: Run) -> None:
    good, bad = VECTORS["good"], VECTORS["bad"]
    fields = [[[[name, value_of(value)] for name, value in one["pairs"]], one["code"]] for one in good]
    lines = [one["line"].rstrip("\n") + end for one in good for end in ("", "\n", "\r\n")]
    found = run_js(CODEC, {"encoded": fields, "decoded": lines + [one["line"] for one in bad]})
    assert found["encoded"] == [one["line"] for one in good]
    assert found["decoded"][: len(lines)] == [in_python(line) for line in lines]
    assert all(isinstance(one, list) for one in found["decoded"][: len(lines)])
    assert found["decoded"][len(lines) :] == [{"reason": one["reason"]} for one in bad]


def test_damaged_lines_are_read_as_the_host_reads_them(run_js: Run) -> None:
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
    found = run_js(CODEC, {"encoded": [], "decoded": lines})["decoded"]
    wanted = [in_python(line) for line in lines]
    wrong = [(line, one, other) for line, one, other in zip(lines, found, wanted, strict=True) if one != other]
    assert wrong == []
    assert sum(isinstance(one, list) for one in wanted) > len(bodies)
    assert sum(one == {"reason": "bad_line"} for one in wanted) > 50


def test_what_a_frame_can_not_carry_is_refused(run_js: Run) -> None:
    cases = [
        [{"a": 1.5}, None],
        [{"a": [1, 2.5]}, None],
        [{"a": {"b": 0.1}}, None],
        [{"id": 1}, "G" * 32],
        [{"id": 1}, ""],
    ]
    cases += [[{"id": 1}, "0" * 33], [{"id": 2**60}, None]]
    too_long = [[{"id": 1, "name": "x" * 512}, None], [{"id": 1, "name": "é" * 100}, None]]
    found = run_js(CODEC, {"encoded": cases + too_long, "decoded": []})["encoded"]
    assert [each["reason"] for each in found] == ["bad_line"] * len(cases) + ["too_long"] * 2
    assert defs.LINE_BYTES == 512


# Runs steps: ["ask", cmd, fields], ["take", answer with the place of the request as its id], ["wait", ms], ["drop"].
# The clock is the test's. Gives what was written (as fields), and how each request ended.
REQUESTS = """
let now = 0;
let timers = [];
globalThis.setTimeout = (run, ms) => { const timer = { run, at: now + ms }; timers.push(timer); return timer; };
globalThis.clearTimeout = (timer) => { timers = timers.filter((each) => each !== timer); };
const { Requests } = await import('./link/requests.js');
const { decode } = await import('./link/wire.js');
const settled = async () => { for (let at = 0; at < 5; at++) await null; };

export async function run(steps) {
  const written = [];
  const ids = [];
  const ended = [];
  const requests = new Requests((line) => written.push(decode(line).fields));
  for (const [step, ...words] of steps) {
    if (step === 'ask') {
      const at = ended.push(null) - 1;
      requests.ask(...words).then((answer) => { ended[at] = answer; }, (error) => { ended[at] = error.message; });
    } else if (step === 'take') {
      const [{ of, ...answer }] = words;
      requests.take({ ...answer, id: of === undefined ? null : written[of].id });
    } else if (step === 'wait') {
      now += words[0];
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { run } of due) run();
    } else {
      requests.drop('The link is lost.');
    }
    await settled();
  }
  const first = written.length ? written.map(({ id }) => id - written[0].id) : [];
  return {
    written: written.map(({ cmd }, at) => [first[at], cmd]),
    ended: ended.map((end) => (end?.id === undefined ? end : { ...end, id: end.id - written[0].id })),
    timers: timers.length,
  };
}
"""
_NUMBER = {refusal.name: number for number, refusal in defs.REFUSALS.items()}
_STOPPED = next(mask for mask, bit in defs.BITS.items() if bit.name == "stopped")


def test_requests_are_sent_one_at_a_time_and_answered_by_their_ids(run_js: Run) -> None:
    steps = [["ask", "status"], ["ask", "rate", {"ul_day": 5}], ["take", {"of": 0, "cmd": "dose", "ok": True}]]
    steps += [["take", {"of": 0, "cmd": "status", "ok": True}], ["take", {"of": 1, "cmd": "rate", "ok": True}]]
    found = run_js(REQUESTS, steps)
    assert found["written"] == [[0, "status"], [1, "rate"]]  # the answer to another command counted for nothing
    assert [(end["id"], end["cmd"]) for end in found["ended"]] == [(0, "status"), (1, "rate")]
    assert found["timers"] == 0


def test_a_stop_goes_ahead_and_no_earlier_change_is_sent_after_it(run_js: Run) -> None:
    steps: list[Any] = [["ask", "start"], ["ask", "rate", {"ul_day": 5}], ["ask", "status"], ["ask", "stop"]]
    found = run_js(REQUESTS, [*steps, ["take", {"of": 1, "cmd": "stop", "ok": True}], ["wait", 1000]])
    assert found["written"] == [[0, "start"], [3, "stop"], [2, "status"]]  # the start was not sent again
    start, rate, status, stop = found["ended"]
    assert start.startswith("The pump did not answer start in 3 s; it is not known whether it was executed")
    refused = {"id": 1, "ok": False, "refused": _NUMBER["held"], "cmd": "rate", "bits": _STOPPED}
    assert (rate, status, stop["ok"]) == (refused, None, True)


def test_a_request_is_sent_again_without_an_answer_and_when_it_was_damaged(run_js: Run) -> None:
    steps: list[Any] = [["ask", "status"], ["take", {"refused": _NUMBER["bad_checksum"], "ok": False}], ["wait", 1000]]
    steps += [["wait", 1000], ["wait", 1000]]
    found = run_js(REQUESTS, steps)
    assert found["written"] == [[0, "status"]] * 4
    assert found["ended"] == ["The pump did not answer status in 3 s; check the cable and try again."]
    other = run_js(REQUESTS, [["ask", "status"], ["take", {"refused": _NUMBER["held"], "ok": False}]])
    assert (other["written"], other["ended"]) == ([[0, "status"]], [None])


def test_with_the_link_all_requests_are_lost(run_js: Run) -> None:
    found = run_js(REQUESTS, [["ask", "status"], ["ask", "start"], ["drop"], ["wait", 1000], ["ask", "dose"]])
    assert found["written"] == [[0, "status"], [2, "dose"]]
    assert found["ended"] == ["The link is lost.", "The link is lost.", None]


def test_every_refusal_has_its_name_and_a_sentence(run_js: Run) -> None:
    module = "import { refusal } from './link/refusals.js';"
    module += "export const run = (cases) => cases.map((each) => refusal(...each));"
    cases: list[Any] = [["start", {}, {"refused": number}] for number in defs.REFUSALS]
    special: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        (
            "param_set",
            {"name": "silence_s", "value": 5},
            {"refused": _NUMBER["out_of_range"], "field": "value", "min": 10},
        ),
        ("start", {}, {"refused": _NUMBER["wrong_state"], "state": 2}),
        ("param_set", {"name": "silence_s", "value": 5}, {"refused": _NUMBER["wrong_state"], "state": 2}),
    ]
    special[0][2].update(max=120, value=5)
    found = run_js(module, cases + [list(each) for each in special])
    assert [each["name"] for each in found[: len(cases)]] == [refusal.name for refusal in defs.REFUSALS.values()]
    plain = [refusal for refusal in defs.REFUSALS.values() if refusal.name != "wrong_state"]
    sentences = [each["text"] for each in found[: len(cases)] if each["name"] != "wrong_state"]
    assert sentences == [f"start refused: {refusal.text}" for refusal in plain]
    wanted = [str(refusals.refused(*each)) for each in special]
    assert [each["text"].replace("param set", "params set") for each in found[len(cases) :]] == wanted


# Runs steps on a link whose port is the test's: ["opened"], ["lost", text], ["says", fields] for a line of the pump,
# with `answers` the command that it answers, ["raw", text], ["silent", ms], ["ask", cmd]. Gives what the page was told.
LINE_LINK = """
let now = 0;
let every = [];
Date.now = () => now;
globalThis.setInterval = (run) => every.push(run);
globalThis.setTimeout = () => null;
globalThis.clearTimeout = () => {};
const { LineLink } = await import('./link/line.js');
const { decode, encode } = await import('./link/wire.js');
const settled = async () => { for (let at = 0; at < 20; at++) await null; };

export async function run(steps) {
  const told = [];
  const written = [];
  let port;
  const fake = {
    name: 'a port', simulated: false, open: (listener) => { port = listener; },
    write: (text) => text === '\\n' || written.push(decode(text).fields),
  };
  const link = new LineLink(fake, {
    opened: () => told.push('opened'),
    took: (message) => told.push(message),
    lost: (text) => told.push(`lost: ${text}`),
  });
  for (const [step, word] of steps) {
    if (step === 'opened') port.opened();
    else if (step === 'lost') port.lost(word);
    else if (step === 'raw') port.took(word);
    else if (step === 'ask') {
      link.ask('1', word).then(() => told.push(`${word} done`), ({ message }) => told.push(message));
    }
    else if (step === 'silent') { now += word; for (const run of every) run(); }
    else {
      const { answers, ...fields } = word;
      const asked = written.findLast(({ cmd }) => cmd === answers);
      const line = encode(answers ? { id: asked.id, ok: true, cmd: answers, ...fields } : fields);
      port.took(line.slice(0, 9)); // in two pieces
      port.took(line.slice(9));
    }
    await settled();
  }
  return { told, written: written.map(({ cmd }) => cmd) };
}
"""
_HELLO = {"answers": "hello", "digest": defs.DIGEST, "unique_id": "one", "keyed": False}


def _line_link(run_js: Run, *steps: list[Any]) -> tuple[list[Any], list[str]]:
    found = run_js(LINE_LINK, steps)
    return found["told"], found["written"]


def test_a_pump_is_greeted_and_what_it_sends_is_passed_on(run_js: Run) -> None:
    event, telemetry = {"event": [1, 2, 3, 4, 5, 6]}, {"telemetry": {"boot": 1, "state": 1}}
    told, written = _line_link(
        run_js, ["opened"], ["raw", "log text\r\n"], ["says", _HELLO], ["says", event],
        ["raw", '{"event":[1]}*00000000\n'], ["says", telemetry], ["ask", "start"], ["says", {"answers": "start"}],
    )  # fmt: skip
    hello = {name: value for name, value in _HELLO.items() if name != "answers"}
    greeting = {"pump": "1", "port": "a port", "hello": hello, "role": "service", "connected": True, "status": None}
    assert told == ["opened", greeting, {"pump": "1", **event}, {"pump": "1", **telemetry}, "start done"]
    assert written == ["hello", "start"]


def test_a_pump_that_was_reset_is_greeted_again_after_its_silence(run_js: Run) -> None:
    begin: list[list[Any]] = [["opened"], ["says", _HELLO], ["says", {"telemetry": {"boot": 1}}], ["silent", 4999]]
    same = [*begin, ["silent", 5000], ["says", {"answers": "status", "boot": 1}]]
    assert _line_link(run_js, *same)[1] == ["hello", "status"]
    reset = [*begin, ["silent", 5000], ["says", {"answers": "status", "boot": 2}], ["says", _HELLO]]
    told, written = _line_link(run_js, *reset)
    assert written == ["hello", "status", "hello"]
    assert told[3] == {"pump": "1", "gap": "reset", "text": "The pump was reset; this is start 2."}
    assert told[-1]["connected"] is True


def test_a_reset_is_told_also_without_a_silence(run_js: Run) -> None:
    begin: list[list[Any]] = [["opened"], ["says", _HELLO], ["says", {"telemetry": {"boot": 1}}]]
    after = ["says", {"telemetry": {"boot": 2}}]
    told, written = _line_link(run_js, *begin, after, after)
    assert [row["text"] for row in told if "gap" in row] == ["The pump was reset; this is start 2."]
    assert written == ["hello", "hello"]


def test_a_foreign_a_lost_and_another_pump_are_told(run_js: Run) -> None:
    foreign = {**_HELLO, "digest": "0" * 16, "keyed": True}
    told, written = _line_link(run_js, ["opened"], ["says", foreign], ["ask", "start"], ["ask", "stop"])
    assert (told[1]["role"], written) == ("view", ["hello", "stop"])
    assert told[2:] == ["This pump has other definitions: it can be read and stopped, no more."]
    told, written = _line_link(
        run_js, ["opened"], ["says", _HELLO], ["ask", "start"], ["lost", "Unplugged."], ["ask", "stop"], ["opened"],
        ["ask", "start"], ["says", {**_HELLO, "unique_id": "two"}], ["ask", "start"], ["ask", "stop"],
    )  # fmt: skip
    assert written == ["hello", "start", "hello"]  # nothing changes a pump that is not the one that the page shows
    assert told[2:6] == [
        "lost: Unplugged.",
        "The link was lost before the answer; check the state before you try again.",
        *["There is no link to the pump."] * 2,
    ]
    assert told[7:] == ["There is no link to the pump."] * 2
    assert told[6] == {
        "pump": "1", "connected": False, "text": "This is another pump: two. Reload the page to use it.",
    }  # fmt: skip


# Runs steps on the page's pump whose link is the test's: ["take", message], ["answer", rows] or ["fail"] for the oldest
# request for the alarms, ["tick"] of the timer that watches the reports. Gives what was asked, and the known alarms.
PUMP = """
const every = [];
globalThis.setInterval = (run) => every.push(run);
globalThis.clearInterval = () => {};
const { Pump } = await import('./pump.js');
const settled = async () => { for (let at = 0; at < 20; at++) await null; };

export async function run(steps) {
  const asked = [];
  const open = [];
  const pump = new Pump({
    ask: (_, cmd) => new Promise((answer, fail) => {
      asked.push(cmd);
      if (cmd === 'alarms') open.push({ answer, fail });
    }),
    about: async () => ({ simulated: true, session: null }),
  }, '1');
  for (const [step, word] of steps) {
    if (step === 'take') pump.take(word);
    else if (step === 'answer') open.shift().answer({ rows: word });
    else if (step === 'fail') open.shift().fail(new Error('The pump does not answer.'));
    else every.at(-1)();
    await settled();
  }
  return { asked, alarms: pump.alarms };
}
"""


def test_alarms_whose_request_had_no_answer_are_asked_for_again_at_the_next_status(run_js: Run) -> None:
    report = {"telemetry": {"state": 6, "alarm": 104, "rate_ul_day": 1000, "boot": 1, "uptime_s": 60}}
    begin: list[list[Any]] = [["take", {"connected": True}], ["answer", []], ["take", report], ["fail"]]
    assert run_js(PUMP, begin)["alarms"] == []
    found = run_js(PUMP, [*begin, ["take", report], ["answer", [[104, 1, 0, 60, 1]]], ["take", report]])
    assert found["alarms"] == [[104, 1, 0, 60, 1]]
    assert found["asked"].count("alarms") == 3  # not again once they are known


def test_reports_that_do_not_come_are_asked_for_again(run_js: Run) -> None:
    report = {"telemetry": {"state": 1, "alarm": 0, "rate_ul_day": 0, "boot": 1, "uptime_s": 60}}
    begin: list[list[Any]] = [["take", {"connected": True}]]
    assert run_js(PUMP, [*begin, *[["take", report]] * 4, ["tick"]])["asked"].count("telemetry") == 1
    assert run_js(PUMP, [*begin, ["tick"]])["asked"].count("telemetry") == 2
