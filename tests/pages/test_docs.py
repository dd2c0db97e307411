"""The pages: every link and path leads to a file, and every make target exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from interpreters import ROOT

FOLDERS = ("firmware", "boards", "host", "hil", "tests", "docs", ".github", ".devcontainer", ".ci")
SINGLE = (
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "RELEASING.md", "hil/README.md", "host/README.md",
    "hil/emulator/README.md", ".github/pull_request_template.md",
)  # fmt: skip
PAGES = [ROOT / name for name in SINGLE if (ROOT / name).is_file()]
PAGES += [path for folder in ("docs", "boards") for path in sorted((ROOT / folder).rglob("*.md"))]
NAMES = {path.name for path in ROOT.glob("*.*")}
NAMES |= {path.name for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")}
# Files that a user writes or a run makes, named without a folder.
OF_A_USER = {"plan.toml", "config.toml", "exporter.yaml"}
_PATH = re.compile(r"[\w.*-]+(/[\w.*-]+)+/?")
_NAME = re.compile(r"[\w*-]+\.(py|md|toml|yaml|yml)")


def links(text: str) -> Iterator[str]:
    """Targets of links and images, without those to other hosts or within the page."""
    for target in re.findall(r"\]\(([^()\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            yield target.partition("#")[0]


def quoted(text: str) -> Iterator[str]:
    """The words in backticks, without the lines of fenced blocks."""
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def is_missing(word: str) -> bool:
    """Whether a quoted word looks like a path or file name of this repository and there is no such file."""
    if _PATH.fullmatch(word) and word.split("/")[0] in FOLDERS:
        return not any(ROOT.glob(word.rstrip("/")))
    return _NAME.fullmatch(word) is not None and "*" not in word and word not in NAMES | OF_A_USER


def missing(page: Path, text: str) -> Iterator[str]:
    """Links and paths of a page without a file."""
    yield from (target for target in links(text) if not (page.parent / target).exists())
    yield from (word for words in quoted(text) if is_missing(word := words.partition("::")[0]))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_and_path_leads_to_a_file(page):
    assert sorted(set(missing(page, page.read_text()))) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_make_target_exists(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    text = page.read_text()
    commands = [words for words in quoted(text) if words.startswith("make ")]
    commands += re.findall(r"^ {4}(make .*)$", text, re.M)
    named = {word for words in commands for word in re.match(r"make((?: [a-z-]+)*)", words)[1].split()}
    assert named <= targets


def test_every_page_of_the_docs_is_linked_from_the_readme():
    text = (ROOT / "README.md").read_text()
    linked = {(ROOT / target).resolve() for target in links(text)}
    pages = {path.resolve() for path in (ROOT / "docs").glob("*.md")}
    assert pages <= linked, sorted(path.name for path in pages - linked)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[a](docs/overview.md#x) [b](https://example.org/x.md) [c](#d)", []),
        ("[a](docs/none.md)", ["docs/none.md"]),
        ("`firmware/pump/none.py` and `firmware/pump/app.py`", ["firmware/pump/none.py"]),
        ("`tests/unit/*/test_*.py`, `tests/unit/*/none_*.py`", ["tests/unit/*/none_*.py"]),
        ("`app.py`, `none.py`, `build/x/none.json`, `5/6`", ["none.py"]),
        ("`tests/pages/test_docs.py::test_x` `hil/none`", ["hil/none"]),
    ],
)
def test_a_missing_path_is_found(text, found):
    assert list(missing(ROOT / "README.md", text)) == found
