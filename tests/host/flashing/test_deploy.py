"""Deploy without hardware, with an mpremote that only records its calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_boards import Mpremote, Prompt
from pumpctl import checkout, errors
from pumpctl.cli.main import app
from pumpctl.flashing import deploy, mpremote, staging
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
    rows = [["pump/app.py", "a.py"], ["pump/core/wire.py", "b.py"], ["board.py", "c.py"]]
    (tmp_path / "firmware").mkdir()
    (tmp_path / deploy.FILES).write_text(json.dumps({"urls": rows}))
    for _, name in rows:
        (tmp_path / name).write_text(name)
    return tmp_path


def _hashes(sources: Path) -> dict[str, str]:
    return deploy.plan(deploy.files(sources), deploy.Board("i1", {}, {}, "", 100)).hashes


def _output(in_image: dict[str, str], listed: Any = None, free_blocks: int = 100, storage: int = 0) -> str:
    """What a board with the image i1 prints."""
    rows = [f"storage {storage}", "image i1", f"files {json.dumps(in_image)}"]
    text = "" if listed is None else json.dumps(listed)
    return "\r\n".join([*rows, f"list {text}", f"free_blocks {free_blocks}", ""])


def _compile(source: Path, title: str, result: Path) -> None:
    result.write_text(f"{title}:{source.read_text()}")


def _deployed(sources: Path, output: str) -> tuple[deploy.Plan, list[list[str]]]:
    runner = Mpremote(output)
    todo = deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt(), _compile)
    return todo, runner.calls


def _listed(sources: Path, **others: str) -> dict[str, Any]:
    hashes = {"board.py": _hashes(sources)["board.py"], **others}
    return {"image": "i1", "folder": "/deploy-0", "files": hashes}


def test_what_differs_from_the_image_is_copied_and_the_list_gets_its_name_last(sources: Path) -> None:
    in_image = {**_hashes(sources), "pump/core/wire.py": "0"}
    todo, calls = _deployed(sources, _output(in_image))
    assert (todo.copy, todo.remove) == (("pump/core/wire.py",), ())
    text = " ".join(calls[1])
    words = (
        f"os.mkdir('{todo.folder}')",
        f"os.mkdir('{todo.folder}/pump')",
        f"os.mkdir('{todo.folder}/pump/core')",
        f":{todo.folder}/pump/core/wire.mpy",
        ":/deployed.new",
        "os.rename('/deployed.new', '/deployed.json')",
        "+ reset",
    )
    assert [text.index(word) for word in words] == sorted(text.index(word) for word in words)
    assert "board" not in text


def test_the_list_names_image_folder_and_files(sources: Path, tmp_path: Path) -> None:
    board = deploy.Board("i1", {**_hashes(sources), "board.py": "0"}, {}, "", 100)
    todo = deploy.plan(deploy.files(sources), board)
    kept: list[str] = []
    runner = Mpremote(_output(dict(board.files)))
    runner.then = lambda: kept.extend(Path(word).read_text() for word in runner.calls[-1] if word.endswith(".json"))
    deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt(), _compile)
    assert [json.loads(text) for text in kept] == [{"image": "i1", "folder": todo.folder, "files": todo.hashes}]


def test_a_later_deploy_replaces_the_folder_as_a_whole(sources: Path) -> None:
    in_image = {"pump/app.py": _hashes(sources)["pump/app.py"]}
    todo, calls = _deployed(sources, _output(in_image, _listed(sources, **{"pump/app.py": "1"})))
    assert (todo.copy, todo.remove) == (("pump/core/wire.py", "board.py"), ("pump/app.py",))
    text = " ".join(calls[1])
    assert text.index("os.rename") < text.index("remove('/deploy-0')"), (
        "the old files are in use until the new ones are"
    )


def test_when_nothing_differs_any_more_the_board_is_back_at_its_image(sources: Path) -> None:
    todo, calls = _deployed(sources, _output(_hashes(sources), _listed(sources)))
    assert (todo.copy, todo.remove) == ((), ("board.py",))
    text = " ".join(calls[1])
    assert "fs cp" not in text
    assert text.index("os.remove('/deployed.json')") < text.index("remove('/deploy-0')")


def test_without_a_change_the_board_only_restarts(sources: Path) -> None:
    in_image = {**_hashes(sources), "board.py": "0"}
    _, calls = _deployed(sources, _output(in_image, _listed(sources)))
    assert calls[1:] == [["connect", "/dev/pico", "reset"]]


@pytest.mark.parametrize("listed", ["half", {"image": "other", "folder": "/deploy-0", "files": {"board.py": ""}}, []])
def test_a_damaged_list_and_one_for_another_image_count_as_none(sources: Path, listed: Any) -> None:
    todo, calls = _deployed(sources, _output({}, listed))
    assert len(todo.copy) == 3
    assert "remove('/deploy-0')" not in " ".join(calls[1])


@pytest.mark.parametrize(("free_blocks", "fits"), [(14, True), (13, False)])
def test_the_free_space_is_checked_before_the_first_file(sources: Path, free_blocks: int, fits: bool) -> None:
    """Three files and the list, a block each; three folders of two blocks; four to spare."""
    runner = Mpremote(_output({}, free_blocks=free_blocks))
    if fits:
        deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt(), _compile)
        return
    with pytest.raises(errors.FileSystemUnfit, match=r"need 14 blocks, but 13 are free.*make flash KIND=dev"):
        deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt(), _compile)
    assert len(runner.calls) == 1


def test_an_image_that_cannot_load_files_gets_none(sources: Path) -> None:
    runner = Mpremote("storage 0\nimage i1\nfiles \nlist \nroom 100\n")
    with pytest.raises(errors.WrongImage, match="make flash KIND=dev"):
        deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt(), _compile)
    assert len(runner.calls) == 1


def test_a_file_that_does_not_compile_is_named_and_nothing_is_copied(sources: Path) -> None:
    runner = Mpremote(_output({}))
    compiler = staging.mpy_cross(Path(checkout.find_checkout()))
    (sources / "a.py").write_text("def :\n")
    (sources / "b.py").write_text("")
    with pytest.raises(errors.BadCheckout, match=r"a\.py.*SyntaxError"):
        deploy.deploy("/dev/pico", sources, runner, lambda port: Prompt(), compiler)
    assert len(runner.calls) == 1


def test_a_package_lists_what_differs_from_the_built_image_and_the_list_last(sources: Path, tmp_path: Path) -> None:
    details = {"image": "i1", "version": "1.2.3", "files": {**_hashes(sources), "board.py": "0"}}
    stamp = sources / "build/firmware/rpi_pico/stamp.json"
    stamp.parent.mkdir(parents=True)
    stamp.write_text(json.dumps({"details": details}))
    todo = deploy.package(tmp_path / "made", sources, "rpi_pico", _compile)
    made = json.loads((tmp_path / "made/package.json").read_text())
    assert made["version"] == "1.2.3"
    assert made["urls"] == [[name, name] for name in (f"{todo.folder[1:]}/board.mpy", "deployed.json")]
    assert (tmp_path / "made" / made["urls"][0][1]).read_text() == "board.py:c.py"
    listed = json.loads((tmp_path / "made/deployed.json").read_text())
    assert listed == {"image": "i1", "folder": todo.folder, "files": {"board.py": _hashes(sources)["board.py"]}}


def test_a_package_needs_a_built_image(sources: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.BadCheckout, match=r"stamp\.json"):
        deploy.package(tmp_path / "made", sources, "rpi_pico", _compile)


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
    done = deploy.Plan(("pump/app.py",), ("pump/old.py",), {}, "")
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
    monkeypatch.setattr(deploy, "deploy", lambda *place: deploy.Plan((), (), {}, ""))
    result = CliRunner().invoke(app, ["deploy", "--port", "/dev/pico"])
    assert (result.stdout, result.stderr) == ("", "Nothing has changed.\n")
