"""Retired words are not used any more; the standard terms of the field replace them.

Names that the wire, the flash or a make target contain stay; they are the exceptions below.
"""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_ENDINGS = {".py", ".md", ".toml", ".js", ".mjs", ".yml", ".yaml", ""}
_NOT_READ = re.compile(r"tests/vectors/|tests/pages/test_words\.py$|hil/emulator/micropython_tests\.toml$|LICENSE$")

# Retired word, as a pattern: what to use instead.
RETIRED = {
    r"\brooms\b|\b(the|a|each|its|their|own) room\b|\broom's\b|\bRoom\b": "package, module, part",
    r"\bfacts?\b": "condition",
    r"\bjudg(e|es|ed|ing|ement|ements|ment)\b": "evaluate, update, classify",
    r"\bkeeping\.|\bKeeping\b": "persistence",
    r"\bpatency\b|\bPatency\b": "line state",
    r"\bcreeps?\b|\bcrept\b|\bCreep\b": "gradual",
    r"\bdrawdown\b|\bDrawdown\b": "level check",
    r"\bstarved?\b|\bstarves\b": "no flow, not fed",
    r"\bdead ?space\b|\bDeadSpace\b": "dead volume",
    r"\bhold-over\b": "old fluid remaining",
    r"\bforg(ive|ives|iven|ave)\b": "clear findings",
    r"\bcommission(s|ed|ing)?\b": "relearn",
    r"\bretime\w*": "adjust the interval",
    r"\bput_in\b": "strokes retained",
    r"\b(swing|heard|height|kept|lift|before|step)_pa\b": "pulsation, rise, retained, pre-stroke",
    r"\bweather\b": "ambient drift",
    r"\bmeals?\b": "fed",
    r"\bbites?\b|\bbitten\b": "reset by the watchdog",
    r"\bsomebody\b|\bnobody\b": "a user, not yet",
    r"\bpersons?\b": "operator, user",
    r"\blived\b": "was run, was simulated",
    r"\bstory\b|\bstories\b|\bStory\b": "scenario",
    r"\bcanar(y|ies)\b": "seeded bug",
    r"\bconsents?\b|\bConsent\b": "confirmation",
    r"\bechoe[sd]\b|\b(the|its|their|an) echo\b|\bEcho": "read-back",
    r"\bprobes\b": "built-in tests",
    r"\bbr(eak|oke|oken|eaks|oke) off\b|\bbroken-off\b": "cancel, interrupted",
    r"\bwhat is so\b": "ground truth",
}

# Exceptions: a pattern of the line, and the reason.
STAYS = {
    r"canaries": "the make target and its folder in build/",
    r"refill_broken_off|REFILL_BROKEN_OFF": "an event of the log",
    r"watchdog_proved|WATCHDOG_PROVED": "an event of the log",
    r"typer\.echo|click\.echo|\becho=|`echo`": "the command line's library",
    r"(connected|it) to a person": "the warning",
    r'"person", "expired"|\| 0 person, 1 expired': "a name of the wire",
}


def _files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [path for path in listed.splitlines() if not _NOT_READ.search(path)]
    return [ROOT / path for path in paths if Path(path).suffix in _ENDINGS and (ROOT / path).is_file()]


def found(text: str) -> list[tuple[int, str, str]]:
    """(line number, word, what to use instead) of each retired word in a text."""
    rows = []
    for pattern, instead in RETIRED.items():  # each over the whole text: a search of each line takes longer
        for match in re.finditer(pattern, text):
            start, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
            line = text[start:end] if end >= 0 else text[start:]
            if not any(re.search(stays, line) for stays in STAYS):
                rows.append((text.count("\n", 0, start) + 1, match[0], instead))
    return sorted(rows)


def test_no_file_uses_a_retired_word() -> None:
    rows = []
    for path in _files():
        for number, word, instead in found(path.read_text(errors="replace")):
            rows.append(f"{path.relative_to(ROOT)}:{number}: {word!r}; use: {instead}")
    assert not rows, f"{len(rows)} retired words\n" + "\n".join(rows)


@pytest.mark.parametrize("text", ["The judge decides.", "the room of its subject", "facts", "swing_pa = 0"])
def test_a_retired_word_is_found(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize("text", ["make canaries", "There is room for more.", "keeps the line open", "lost power"])
def test_an_ordinary_sentence_is_left_alone(text: str) -> None:
    assert not found(text)


def test_there_are_files_to_read() -> None:
    assert len(_files()) > 300
