"""The keys of the page without a service, run by Node.js: the same keys and codes as the host's, and what counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pumpctl import defs
from pumpctl.protocol import session as sessions, wire, x25519

Run = Callable[[str, Any], Any]

BOARD = "e660 \u00b5"
PUMP_PRIVATE = bytes(range(32))
PUMP_PUBLIC = x25519.multiply(PUMP_PRIVATE, x25519.BASE)
NONCES = (bytes(range(16)), bytes(range(100, 116)))
STARTS = 70_000
KEY = sessions.HostKey("page", "operate", bytes(range(7, 39)))

PAIRING = """
import { Pairing } from './link/keys.js';
export async function run([name, role, theirs, board]) {
  const pairing = await Pairing.begun(name, role);
  const { key, proof, pumpProof } = await pairing.agreed(theirs, board);
  const { name: ownName, role: ownRole, base } = key;
  return { public: pairing.public, proof, pumpProof, name: ownName, role: ownRole, extractable: base.extractable };
}
"""
SESSION = """
import { Session } from './link/keys.js';
export async function run({ key, role, board, nonce, answer, fields, heard }) {
  const base = await crypto.subtle.importKey('raw', Uint8Array.from(key), 'HKDF', false, ['deriveKey']);
  try {
    const session = await Session.opened({ name: 'page', role, base }, board, nonce, answer);
    const vouched = [];
    for (const [body, code] of heard) vouched.push(await session.vouchesFor(body, code));
    return { line: await session.line(fields), vouched };
  } catch (error) {
    return error.message;
  }
}
"""


def test_a_pairing_of_the_page_gives_the_key_that_one_of_the_host_gives(run_js: Run) -> None:
    found = run_js(PAIRING, ["page", "service", PUMP_PUBLIC.hex(), BOARD])
    page_public = bytes.fromhex(found["public"])
    info = b"pump pairing" + page_public + PUMP_PUBLIC + bytes([sessions.role_number("service")])
    info += f"{BOARD}/page".encode()
    secret = x25519.multiply(PUMP_PRIVATE, page_public)
    key = sessions.HostKey("page", "service", sessions.expand(sessions.extract(b"pump pairing", secret), info))
    assert found["proof"] == sessions.host_proof(key)
    assert sessions.is_pump_proof(key, found["pumpProof"])
    assert (found["name"], found["role"], found["extractable"]) == ("page", "service", False)


@pytest.mark.parametrize("theirs", ["", "00", "zz" * 32, 5, "00" * 32], ids=str)
def test_a_public_key_that_makes_no_secret_pairs_nothing(run_js: Run, theirs: object) -> None:
    module = PAIRING.replace("export async function run", "async function pair")
    module += "export const run = (value) => pair(value).then(() => 'paired', (error) => error.message);"
    said = run_js(module, ["page", "view", theirs, BOARD])
    assert "bytes in hex belong" in said or "makes no secret" in said


UNABLE = """
const { load } = await import('./link/key_store.js');
const { Pairing } = await import('./link/keys.js');
crypto.subtle.generateKey = async () => { throw new DOMException('Unrecognized name.', 'NotSupportedError'); };
const said = (promise) => promise.then(() => 'done', (error) => `${error.name}: ${error.message}`);
export const run = async () => [await said(load('one')), await said(Pairing.begun('page', 'view'))];
"""


def test_a_browser_that_can_not_keep_keys_or_can_not_pair_says_so(run_js: Run) -> None:
    kept, paired = run_js(UNABLE, None)
    assert kept == "no_store: This browser can\u2019t keep keys (indexedDB is not defined)."
    assert paired.startswith("no_x25519: This browser can\u2019t pair: it lacks X25519")
    assert paired.endswith("Use `pumpctl pair` and `pumpctl serve`.")


def _pump_session() -> tuple[sessions.Session, dict[str, Any]]:
    """The session as the host's code has it, and the pump's answer that begins it."""
    salt = NONCES[0] + NONCES[1] + STARTS.to_bytes(4, "little")
    info = b"pump session" + bytes([sessions.role_number(KEY.role)]) + BOARD.encode()
    proof = sessions.code(sessions.expand(sessions.extract(salt, KEY.key), info), b"o")
    answer = {"nonce": NONCES[1].hex(), "starts": STARTS, "proof": proof}
    return sessions.Session(KEY, BOARD, NONCES[0], answer), answer


def test_the_codes_of_a_session_are_those_of_the_host(run_js: Run) -> None:
    session, answer = _pump_session()
    fields = {"id": 5, "cmd": "rate", "ul_day": 1000, "name": "\u00b5"}
    of_pump = sessions.code(session._key, b'p{"id":5}')
    heard = [['{"id":5}', of_pump], ['{"id":6}', of_pump], ['{"id":5}', None], ['{"id":5}', session.seal(b'{"id":5}')]]
    given = {"key": list(KEY.key), "role": KEY.role, "board": BOARD, "nonce": NONCES[0].hex(), "fields": fields}
    found = run_js(SESSION, {**given, "answer": answer, "heard": heard})
    body = wire.body_of(fields)
    assert found["line"].encode() == wire.framed(body, session.seal(body))
    assert found["vouched"] == [True, False, False, False]
    wrong = run_js(SESSION, {**given, "answer": {**answer, "proof": "0" * 32}, "heard": []})
    assert wrong == "This is not the pump that was paired, or its keys were erased; pair it again."
    assert "bytes in hex belong" in run_js(SESSION, {**given, "answer": {**answer, "nonce": "0"}, "heard": []})


# Requests in a session whose codes are the test's: a line has the code of 32 times the digit 1, an answer needs 2.
REQUESTS = """
let now = 0;
let timers = [];
globalThis.setTimeout = (run, ms) => { const timer = { run, at: now + ms }; timers.push(timer); return timer; };
globalThis.clearTimeout = (timer) => { timers = timers.filter((each) => each !== timer); };
const { Requests } = await import('./link/requests.js');
const { decode, encode } = await import('./link/wire.js');
const settled = async () => { for (let at = 0; at < 9; at++) await null; };
const session = {
  line: async (fields) => encode(fields, '1'.repeat(32)),
  vouchesFor: async (body, code) => code === '2'.repeat(32),
};

export async function run(steps) {
  const written = [];
  const ended = [];
  const requests = new Requests((line) => written.push(decode(line)));
  for (const [step, ...words] of steps) {
    if (step === 'ask') {
      const [cmd, fields, isQuick] = words;
      const at = ended.push(null) - 1;
      const wanted = cmd === 'stop' ? undefined : session;
      const end = (value) => { ended[at] = value; };
      requests.ask(cmd, fields, wanted).then(end, ({ message }) => end(message));
      if (isQuick) continue;
    } else if (step === 'take') {
      const [of, answer, code] = words;
      requests.take({ ok: true, ...answer, id: of === null ? null : written[of].fields.id }, '', code);
    } else {
      now += words[0];
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { run } of due) run();
    }
    await settled();
  }
  return { written: written.map(({ fields, code }) => [fields.cmd, code]), ended, timers: timers.length };
}
"""
_NUMBER = {refusal.name: number for number, refusal in defs.REFUSALS.items()}
_OURS, _THEIRS = "1" * 32, "2" * 32


def test_in_a_session_only_an_answer_with_the_code_of_the_pump_counts(run_js: Run) -> None:
    steps: list[Any] = [["ask", "start", {}], ["take", 0, {}, None], ["take", 0, {"refused": 1, "ok": False}, _OURS]]
    found = run_js(REQUESTS, steps)
    assert (found["written"], found["ended"], found["timers"]) == ([["start", _OURS]], [None], 1)
    found = run_js(REQUESTS, [*steps, ["take", 0, {"cmd": "start"}, _THEIRS]])
    assert (found["ended"][0]["ok"], found["timers"]) == (True, 0)


@pytest.mark.parametrize("name", ["no_session", "code_invalid"])
def test_a_session_that_the_pump_does_not_know_is_told_only_if_nothing_was_carried_out(run_js: Run, name: str) -> None:
    refused = ["take", None, {"refused": _NUMBER[name], "ok": False}, None]
    sure = run_js(REQUESTS, [["ask", "start", {}], refused])
    assert (sure["ended"][0]["refused"], sure["timers"]) == (_NUMBER[name], 0)
    unsure = run_js(REQUESTS, [["ask", "start", {}], ["wait", 1000], refused])
    assert unsure["written"] == [["start", _OURS]] * 2
    assert "it is not known whether it was executed" in unsure["ended"][0]


def test_a_stop_goes_ahead_of_a_line_that_waits_for_its_code(run_js: Run) -> None:
    found = run_js(REQUESTS, [["ask", "start", {}, True], ["ask", "stop", {}]])
    assert found["written"] == [["stop", None]]
    assert found["ended"][0]["refused"] == _NUMBER["held"]


def test_what_no_line_can_carry_is_told_and_the_next_is_sent(run_js: Run) -> None:
    found = run_js(REQUESTS, [["ask", "key_revoke", {"name": "x" * 512}], ["ask", "start", {}]])
    assert found["written"] == [["start", _OURS]]
    assert found["ended"][0].startswith("too_long")
