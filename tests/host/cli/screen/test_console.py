"""What a device sends in names and values reaches the terminal as text, never as a command to it."""

from __future__ import annotations

import typing

import pytest
from pumpctl.cli.screen import console

_HARMFUL = "a\x1b]0;title\x07b\x1b[2Jc\x1b[8md\re\x9bf\u202eg\x00h"


@pytest.mark.parametrize(
    "write",
    [
        console.put,
        console.say,
        console.put_text,
        lambda text: console.put_rows(("name",), [(text,)]),
        lambda text: console.say_rows(("name",), [(text,)]),
        lambda text: console.put_pairs([("name", text)]),
    ],
)
def test_control_characters_of_a_device_are_not_written(
    capsys: pytest.CaptureFixture[str], write: typing.Callable[[str], None]
) -> None:
    write(_HARMFUL)
    written = "".join(capsys.readouterr())
    shown = [letter for letter in written if letter.isprintable() or letter == "\n"]
    assert "".join(shown) == written
    assert [letter for letter in "abcdefgh" if letter not in written] == []


def test_the_styles_of_the_output_itself_are_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "at_terminal", lambda _stream=None: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for style in console._STYLES:
        console.put(console.painter()("text", style))
    assert capsys.readouterr().out.count("\x1b[0m") == len(console._STYLES)
