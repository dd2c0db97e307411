"""Deploy without hardware, with an mpremote that only records its calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_boards import Mpremote, Prompt
from pumpctl import checkout, errors
from pumpctl.cli.main import app
from pumpctl.flashing import deploy, mpremote
from typer.testing import CliRunner


def test_a_closed_repl_is_reported_and_the_port_closed() -> None:
    transport = Prompt(is_open=False)
    with pytest.raises(errors.ReplClosed, match="jumper GP18"):
        mpremote.enter_repl(transport)
    assert transport.closed
    assert transport.now_s() < 4


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("mpremote: failed to access /dev/pico (it may be in use by another program)", errors.PortBusy),
        ("TransportError: could not enter raw repl", errors.ReplClosed),
        ("/usr/bin/python: No module named mpremote", errors.MpremoteFailed),
        ("Traceback\nOSError: [Errno 28] ENOSPC", errors.MpremoteFailed),
        ("", errors.MpremoteFailed),
    ],
)
def test_the_output_of_mpremote_becomes_one_cause(output: str, kind: type[errors.PumpError]) -> None:
    with pytest.raises(kind):
        mpremote.call("/dev/pico", ["exec", "1"], Mpremote(output, 1))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A checkout with three files."""
    rows = [["pump/app.py", "a.py"], ["pump/wire.py", "b.py"], ["board.py", "c.py"]]
    (tmp_path / "package.json").write_text(json.dumps({"urls": rows}))
    for _, name in rows:
        (tmp_path / name).write_text(name)
    return tmp_path


def _deployed(sources: Path, listed: dict[str, str] | None) -> tuple[deploy.Plan, list[list[str]]]:
    output = "storage 0\r\n" + (f"list {json.dumps(listed)}\r\n" if listed is not None else "")
    runner = Mpremote(output)
    return deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt()), runner.calls


def test_the_first_deploy_copies_all_and_the_list_last(sources: Path) -> None:
    todo, calls = _deployed(sources, None)
    assert todo.copy == ("pump/app.py", "pump/wire.py", "board.py")
    text = " ".join(calls[1])
    places = [text.index(word) for word in ("os.remove('/deployed.json')", "os.mkdir('/pump')", ":/pump/app.py")]
    assert places == sorted(places)
    assert text.endswith(":/deployed.json + reset")


def test_a_later_deploy_copies_changed_files_and_removes_deleted_ones(sources: Path) -> None:
    listed = deploy.plan(deploy.files(sources), {}).hashes
    (sources / "b.py").write_text("other")
    todo, calls = _deployed(sources, {**listed, "pump/old.py": "0"})
    assert (todo.copy, todo.remove) == (("pump/wire.py",), ("pump/old.py",))
    assert "os.remove('/pump/old.py')" in calls[1][3]
    assert ":/board.py" not in calls[1]


def test_without_a_change_the_board_only_restarts(sources: Path) -> None:
    _, calls = _deployed(sources, deploy.plan(deploy.files(sources), {}).hashes)
    assert calls[1:] == [["connect", "/dev/pico", "reset"]]


def test_a_damaged_list_means_copy_all(sources: Path) -> None:
    runner = Mpremote("storage 0\nlist {half")
    assert len(deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt()).copy) == 3


def test_a_damaged_file_system_is_not_changed(sources: Path) -> None:
    runner = Mpremote("storage 2\n")
    with pytest.raises(errors.FileSystemUnfit, match=r"storage\.make\(\)"):
        deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt())
    assert len(runner.calls) == 1


def test_a_release_image_gets_no_file(sources: Path) -> None:
    runner = Mpremote()
    with pytest.raises(errors.ReplClosed):
        deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt(is_open=False))
    assert runner.calls == []


def test_the_verb_lists_what_it_has_done(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = deploy.Plan(("pump/app.py",), ("pump/old.py",), {}, {})
    asked: list[tuple[str, Path]] = []
    monkeypatch.setattr(checkout, "find_checkout", lambda: sources)
    monkeypatch.setattr(deploy, "deploy", lambda *place: asked.append(place) or done)
    result = CliRunner().invoke(app, ["deploy", "--port", "/dev/pico"])
    assert (result.exit_code, result.stdout) == (0, "copied   pump/app.py\nremoved  pump/old.py\n")
    assert asked == [("/dev/pico", sources)]
    result = CliRunner().invoke(app, ["--port", "/dev/pico", "deploy", "--json"])
    assert json.loads(result.stdout) == {"ok": True, "copied": ["pump/app.py"], "removed": ["pump/old.py"]}


def test_the_verb_says_when_nothing_has_changed(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout, "find_checkout", lambda: sources)
    monkeypatch.setattr(deploy, "deploy", lambda *place: deploy.Plan((), (), {}, {}))
    result = CliRunner().invoke(app, ["deploy", "--port", "/dev/pico"])
    assert (result.stdout, result.stderr) == ("", "Nothing has changed.\n")
