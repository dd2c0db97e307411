"""The configuration file: unknown keys and wrong values are refused, and a change leaves the other lines alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pumpctl import configuration, errors


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "pumpctl").mkdir()
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def written(home: dict[str, str]) -> str:
    return configuration.path(home).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('prot = "/dev/x"', "there is no key 'prot'; did you mean port?"),
        ("colour = true", "there is no key 'colour'; the keys are port, set_clock, timeout_s"),
        ("port = 7", 'port is 7; it should be written as "/dev/ttyACM0".'),
        ("timeout_s = true", "timeout_s is True; it should be written as 3."),
        ("timeout_s = 1000", "timeout_s 1000 is outside 0.05 to 600."),
        ("[port]\nx = 1", "port is {'x': 1}"),
        ("port = ", "can't be read"),
    ],
)
def test_a_wrong_file_is_one_sentence_and_is_not_changed(home: dict[str, str], text: str, words: str) -> None:
    configuration.path(home).write_text(text)
    for action in (lambda: configuration.read(home), lambda: configuration.change("port", "/dev/y", home)):
        with pytest.raises(errors.BadConfiguration) as caught:
            action()
        assert words in str(caught.value)
        assert written(home) == text


def test_a_key_is_set_changed_and_removed_and_other_lines_stay(home: dict[str, str]) -> None:
    configuration.path(home).write_text('# mine\nport = "/dev/a"  # the left one\n')
    configuration.change("timeout_s", configuration.parsed("timeout_s", "1.5"), home)
    configuration.change("port", configuration.parsed("port", 'a "b"'), home)
    assert written(home) == '# mine\nport = "a \\"b\\""\ntimeout_s = 1.5\n'
    assert configuration.read(home) == {"port": 'a "b"', "timeout_s": 1.5}
    configuration.change("port", None, home)
    assert written(home) == "# mine\ntimeout_s = 1.5\n"


@pytest.mark.parametrize(
    ("name", "text"), [("prot", "x"), ("timeout_s", "soon"), ("timeout_s", "0"), ("timeout_s", "")]
)
def test_a_wrong_value_is_refused(name: str, text: str) -> None:
    with pytest.raises(errors.BadConfiguration):
        configuration.parsed(name, text)


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "pumpctl").symlink_to(tmp_path / "nowhere" / "pumpctl")
    with pytest.raises(errors.NotSaved):
        configuration.change("port", "/dev/x", {"XDG_CONFIG_HOME": str(tmp_path)})
    with pytest.raises(errors.BadConfiguration):
        configuration.change("port", "/dev/x", {"XDG_CONFIG_HOME": str(tmp_path / "file")})
