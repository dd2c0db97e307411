"""The definition tables and their generator: every check can fail, and the digest depends on all but prose."""

import copy
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flash_layout
import generate
import pytest
import render_reference
import tables

ROOT = Path(__file__).resolve().parents[2]
Tables = dict[str, Any]
WHOLE = (*generate.TARGETS, *flash_layout.TARGETS)  # generated files; of others a block of lines is generated


@pytest.fixture
def good() -> Tables:
    return tables.load()


def _entry(definitions: Tables, kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in definitions[kind] if entry["name"] == name)
    return found


def _field(definitions: Tables, command: str, name: str) -> dict[str, Any]:
    fields = _entry(definitions, "command", command)["fields"]
    found: dict[str, Any] = next(field for field in fields if field["name"] == name)
    return found


def _set(kind: str, name: str, /, **changes: Any) -> Callable[[Tables], None]:
    return lambda definitions: _entry(definitions, kind, name).update(changes)


def _set_field(command: str, name: str, /, **changes: Any) -> Callable[[Tables], None]:
    return lambda definitions: _field(definitions, command, name).update(changes)


def _drop(kind: str, name: str, key: str) -> Callable[[Tables], None]:
    return lambda definitions: _entry(definitions, kind, name).pop(key)


def _drop_field(command: str, name: str, key: str) -> Callable[[Tables], None]:
    return lambda definitions: _field(definitions, command, name).pop(key)


def _row(**changes: Any) -> Callable[[Tables], None]:
    return lambda definitions: definitions["transition"][0].update(changes)


def _pattern(**changes: Any) -> Callable[[Tables], None]:
    return lambda definitions: definitions["pattern"][0].update(changes)


# How the table is broken, and the text of the message.
_BROKEN: dict[str, tuple[Callable[[Tables], None], str]] = {
    "number twice": (_set("state", "paused", id=2), "state: id 2 is used twice"),
    "name twice": (_set("bit", "occluded", name="tested"), "bit: name 'tested' is used twice"),
    "notice twice": (_set("notice", "event", name="telemetry"), "notice: name 'telemetry' is used twice"),
    "alarm's number a refusal's": (_set("alarm", "late", id=201), "alarm, refusal, reset cause: id 201 is used twice"),
    "no text": (_drop("state", "paused", "text"), "state paused: text is missing"),
    "empty text": (_set("event", "rate", text=""), "event rate: text is missing"),
    "alarm without cause": (_drop("alarm", "late", "cause"), "alarm late: cause is missing"),
    "alarm without action": (_set("alarm", "late", action=""), "alarm late: action is missing"),
    "alarm of no such bit": (_set("alarm", "occlusion", bit="bogus"), "alarm occlusion: bit 'bogus' is not one of"),
    "alarm of no such note": (_set("alarm", "late", note="bogus"), "alarm late: note 'bogus' is not one of"),
    "alarm of nothing": (_drop("alarm", "late", "note"), "alarm late: it needs a bit or a note, and not both"),
    "alarm of both": (_set("alarm", "late", bit="tested"), "alarm late: it needs a bit or a note, and not both"),
    "alarm of no priority": (_set("alarm", "late", priority="none"), "alarm late: priority 'none' is not one of"),
    "no id": (_drop("refusal", "held", "id"), "refusal held: id is missing"),
    "misspelt key": (_set("command", "stop", bear=True), "command stop: bear is not a known key"),
    "transition from nowhere": (_row(**{"from": ["bogus"]}), "from 'bogus' is not one of"),
    "transition to any": (_row(to="any"), "to 'any' is not one of"),
    "transition when": (_row(when=["bogus"]), "when/unless 'bogus' is not one of"),
    "transition unless": (_row(unless=["bogus"]), "when/unless 'bogus' is not one of"),
    "transition without when": (lambda d: d["transition"][0].pop("when"), "when is missing"),
    "bit too large": (_set("bit", "tested", id=30), "bit tested: number 30 is not one of 0 to 29"),
    "note too large": (_set("note", "late", id=30), "note late: number 30 is not one of 0 to 29"),
    "state below nothing": (_set("state", "fault", id=-1), "state fault: number -1 is not one of 0 to 29"),
    "gap in params": (_set("param", "silence_s", id=99), "have a gap"),
    "param's default": (_set("param", "silence_s", default=121), "silence_s: default 121 is not within 10 to 120"),
    "param's limits": (_set("param", "silence_s", min=130), "silence_s: default 120 is not within 130 to 120"),
    "param's states": (_set("param", "silence_s", states=["bogus"]), "param silence_s: states 'bogus' is not one of"),
    "command's states": (_set("command", "stop", states=["bogus"]), "command stop: states 'bogus' is not one of"),
    "command's key": (_set("command", "stop", key="root"), "command stop: key 'root' is not one of"),
    "field's type": (_set_field("rate", "ul_day", type="float"), "field ul_day: type 'float' is not one of"),
    "field's text": (_drop_field("rate", "ul_day", "text"), "command rate, field ul_day: text is missing"),
    "field's limit": (_drop_field("rate", "ul_day", "max"), "command rate, field ul_day: max is missing"),
    "field's default": (_set_field("log", "first", default=-1), "field first: default -1 is not within"),
    "field without default": (_drop_field("log", "first", "default"), "it is optional, but has no default"),
    "field of no choice": (_set_field("refill_finish", "fluid", choice="x"), "field fluid: choice 'x' is not one of"),
    "choice's default": (_set_field("refill_finish", "fluid", default=3), "fluid: default 3 is none of the choices"),
    "field twice": (_set_field("therapy_set", "cycles", name="rows"), "therapy_set: field 'rows' is used twice"),
    "rows without limits": (_drop_field("therapy_set", "rows", "max"), "therapy_set, field rows: max is missing"),
    "param's direction": (_set("param", "silence_s", raises="left"), "param silence_s: raises 'left' is not one of"),
    "state's motion": (_set("state", "priming", motion="back"), "state priming: motion 'back' is not one of"),
    "reminder of no note": (_set("state", "paused", reminds="bogus"), "state paused: reminds 'bogus' is not one of"),
    "reminder by no param": (_set("state", "paused", reminder="x"), "state paused: reminder 'x' is not one of"),
    "reminder with two times": (
        _set("state", "paused", reminder_s=9), "state paused: it needs reminder or reminder_s, and not both",
    ),
    "reminder without time": (
        _drop("state", "standby", "reminder_s"), "state standby: it needs reminder or reminder_s, and not both",
    ),
    "time without reminder": (_drop("state", "standby", "reminds"), "standby: a reminder time without `reminds`"),
    "pattern twice": (_pattern(priority="high"), "pattern: priority 'high' is used twice"),
    "pattern missing": (lambda d: d["pattern"].pop(), "pattern: priority 'high' is not one of"),
    "pattern of no priority": (_pattern(priority="none"), "is not one of"),
    "pattern's lamp": (_pattern(lamp="blue"), "pattern low: lamp 'blue' is not one of"),
    "light without off": (_pattern(light_ms=[250]), "pattern low: light_ms takes pairs of on and off"),
    "sound too short": (_pattern(sound_ms=[9, 200]), "pattern low: sound_ms takes pairs of on and off"),
    "answer without text": (
        lambda d: _entry(d, "command", "log")["answer"][0].pop("text"), "command log, answer rows: text is missing",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _BROKEN)
def test_a_broken_table_is_named_in_one_sentence(good: Tables, name: str) -> None:
    spoil, words = _BROKEN[name]
    spoil(good)
    with pytest.raises(tables.DefinitionError) as caught:
        tables.check(good)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_tables_as_they_are_pass(good: Tables) -> None:
    tables.check(good)


# ---- the digest ----------------------------------------------------------------------------------------------------


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, (*path, key))
    else:
        yield path


def _changed(definitions: Tables, path: tuple[Any, ...]) -> Tables:
    spoiled = copy.deepcopy(definitions)
    place: Any = spoiled
    for key in path[:-1]:
        place = place[key]
    value = place[path[-1]]
    place[path[-1]] = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else value + "x"
    return spoiled


def test_the_digest_ignores_prose_and_examples_and_sees_everything_else(good: Tables) -> None:
    before = tables.digest(good)
    # The first and the last value of each key in each table: all between them are read by the same lines.
    ends: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for path in _leaves(good):
        ends.setdefault(tuple(step for step in path if isinstance(step, str)), []).append(path)
    paths = [path for found in ends.values() for path in (found[0], found[-1])]
    prose = [path for path in paths if path[-1] in tables.PROSE or path[0] == "example"]
    assert len(prose) > 20 and len(paths) - len(prose) > 100
    for path in paths:
        assert (tables.digest(_changed(good, path)) == before) == (path in prose), path


def test_the_digest_sees_the_order_of_the_transitions(good: Tables) -> None:
    before = tables.digest(good)
    good["transition"].reverse()
    assert tables.digest(good) != before


# ---- the generated files -------------------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the tables and of the generated files."""
    (tmp_path / "firmware/definitions").mkdir(parents=True)
    for path in (ROOT / "firmware/definitions").glob("*.toml"):
        shutil.copy(path, tmp_path / "firmware/definitions")
    for name in (*WHOLE, *flash_layout.BLOCKS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("spoil", ["changed", "missing"])
def test_a_stale_file_is_found_and_written_anew(
    house: Path, capsys: pytest.CaptureFixture[str], name: str, spoil: str
) -> None:
    assert generate.main(["--check"], house) == 0
    if spoil == "changed":
        (house / name).write_text((house / name).read_text().replace("3", "4", 1))
    else:
        (house / name).unlink()
    assert generate.main(["--check"], house) == 1
    assert capsys.readouterr().err == f"{name} is stale: run `make gen` and commit it\n"
    assert generate.main([], house) == 0
    assert capsys.readouterr().out == f"wrote {name}\n"
    assert (house / name).read_text() == (ROOT / name).read_text()
    assert generate.main([], house) == 0
    assert capsys.readouterr().out == ""


def test_a_changed_table_makes_all_that_hold_it_stale(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = house / "firmware/definitions/params.toml"
    path.write_text(path.read_text().replace("max = 120\n", "max = 119\n").replace("default = 120\n", "default = 60\n"))
    assert generate.main(["--check"], house) == 1
    assert len(capsys.readouterr().err.splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [("[[param", "params.toml: "), ("[[param]]\nid = 0\nname = 'x'\n", "definitions: param x: unit is missing")],
)
def test_a_broken_file_is_one_sentence_and_no_traceback(
    house: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    (house / "firmware/definitions/params.toml").write_text(text)
    assert generate.main([], house) == 1
    told = capsys.readouterr().err
    assert words in told
    assert len(told.splitlines()) == 1
    assert (house / "firmware/pump/defs.py").read_text() == (ROOT / "firmware/pump/defs.py").read_text()


def test_the_reference_names_every_entry_with_its_words(good: Tables) -> None:
    page = render_reference.render(good)
    assert page == (ROOT / "firmware/definitions/REFERENCE.md").read_text()
    for kind in (*tables.NUMBERED, "choice", "notice"):
        for entry in good[kind]:
            lines = [line for line in page.splitlines() if re.search(rf"\b{entry['name']}\b", line)]
            assert lines, (kind, entry["name"])
            assert entry["text"] in page, (kind, entry["name"])
    for command in good["command"]:
        for part in (*command.get("fields", []), *command.get("answer", [])):
            assert part["text"] in page
    for alarm in good["alarm"]:
        assert alarm["cause"] in page and alarm["action"] in page


# ---- both sides ----------------------------------------------------------------------------------------------------


def test_the_tables_of_both_sides_have_the_same_digest() -> None:
    digests = {re.search(r'DIGEST = "(\w{16})"', (ROOT / name).read_text())[1] for name in list(generate.TARGETS)[:2]}  # type: ignore[index]
    assert digests == {tables.digest(tables.load())}


def test_the_vectors_are_within_the_line_of_the_tables(good: Tables) -> None:
    vectors = json.loads((ROOT / "tests/vectors/wire.json").read_text())
    assert max(len(entry["line"]) for entry in vectors["good"]) == good["protocol"]["line_bytes"]
