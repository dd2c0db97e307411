"""Releases: when one is refused, its content, and that it is complete or absent. Images and wheel are stand-ins."""

import hashlib
import subprocess

import pytest
from interpreters import LONGEST_S, ROOT
from toolchain import package_list, release, steps

BOARDS = ("one", "two")
IDENTITY = ("-c", "user.name=A", "-c", "user.email=a@example.org")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A git checkout with version 1.2.3 everywhere and two boards that have images."""
    monkeypatch.setattr(package_list, "version", lambda root: (root / "firmware/version").read_text())
    for board in BOARDS:
        put(tmp_path / "boards" / board / "mpconfigboard.cmake", "")
    put(tmp_path / "boards/simulated/board.py", "")
    put(tmp_path / "firmware/version", "1.2.3")
    put(tmp_path / "firmware/definitions/REFERENCE.md", "reference\n")
    put(tmp_path / "host/pyproject.toml", '[project]\nversion = "1.2.3"\n')
    put(tmp_path / "host/src/pumpctl/__init__.py", '__version__ = "1.2.3"\n')
    put(tmp_path / ".gitignore", "/build/\n")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return steps.Place(tmp_path)


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def git(root, *words):
    subprocess.run(["git", "-C", root, *IDENTITY, *words], check=True, timeout=LONGEST_S)


def commit(root):
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "One.")


def images(place):
    """Stands in for the build of a board's images."""

    def make(board):
        folder = place.build / "firmware" / board
        for kind in ("release", "dev", "demo", "new-board"):
            put(folder / f"pump-{kind}.uf2", f"{board} {kind}")
        return folder

    return make


def wheel(place, folder):
    """Stands in for pip."""
    (folder / "pumpctl-1.2.3-py3-none-any.whl").write_text("wheel")


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_a_clean_tree_with_one_version_is_accepted(place):
    assert release.check(place) == "1.2.3"


@pytest.mark.parametrize("name", ["host/pyproject.toml", "host/new.py"])
def test_a_tree_with_changes_is_refused(place, name):
    put(place.root / name, '[project]\nversion = "1.2.3"\n# changed\n')
    with pytest.raises(steps.Trouble, match=r"^The tree is not clean \(1 changed or new files\)\. Commit or remove"):
        release.check(place)


def test_what_git_ignores_does_not_count(place):
    put(place.build / "log", "x")
    assert release.check(place) == "1.2.3"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("firmware/version", "1.2.4", "firmware 1.2.4, host/pyproject.toml 1.2.3, host/src/pumpctl/__init__.py 1.2.3"),
        ("host/pyproject.toml", '[project]\nversion = "2"\n', "firmware 1.2.3, host/pyproject.toml 2, "),
        ("host/src/pumpctl/__init__.py", '__version__ = "2"\n', "host/src/pumpctl/__init__.py 2. Make them equal"),
        ("host/src/pumpctl/__init__.py", "", "host/src/pumpctl/__init__.py none. Make them equal"),
    ],
)
def test_versions_that_differ_are_listed(place, name, text, told):
    put(place.root / name, text)
    commit(place.root)
    with pytest.raises(steps.Trouble) as trouble:
        release.check(place)
    assert told in str(trouble.value)


def test_the_tag_has_to_be_on_this_commit(place):
    git(place.root, "tag", "-a", "v1.2.3", "-m", "1.2.3")
    assert release.check(place) == "1.2.3"
    put(place.root / "more", "x")
    commit(place.root)
    with pytest.raises(steps.Trouble, match=r"^The tag v1\.2\.3 is on another commit\."):
        release.check(place)


def test_a_folder_that_is_no_checkout_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(steps.Trouble, match="git checkout"):
        release.check(steps.Place(tmp_path))


def test_this_project_has_one_version():
    assert len(set(release.versions(ROOT).values())) == 1, release.versions(ROOT)


# ---- what is in a release --------------------------------------------------------------------------------------------


def test_a_release_has_images_wheel_reference_and_their_checksums(place):
    folder = release.build(place, "1.2.3", images(place), wheel)
    assert folder == place.root / "build/release/1.2.3"
    names = [f"pump-1.2.3-{board}-{kind}.uf2" for board in BOARDS for kind in ("release", "dev", "demo", "new-board")]
    files = {*names, "pumpctl-1.2.3-py3-none-any.whl", "REFERENCE.md"}
    assert {path.name for path in folder.iterdir()} == files | {"SHA256SUMS"}
    assert (folder / "pump-1.2.3-two-dev.uf2").read_text() == "two dev"
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}


def test_sha256sum_accepts_the_checksums(place):
    folder = release.build(place, "1.2.3", images(place), wheel)
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(command, cwd=folder, check=True, timeout=LONGEST_S)


def test_a_second_build_replaces_the_first_and_leaves_none_of_it(place):
    folder = release.build(place, "1.2.3", images(place), wheel)
    put(folder / "old", "x")
    release.build(place, "1.2.3", images(place), wheel)
    assert not (folder / "old").exists()
    assert (folder / "SHA256SUMS").is_file()


# ---- complete or not at all ------------------------------------------------------------------------------------------


def no_wheel(place, folder):
    """A pip that makes nothing."""


def other_wheel(place, folder):
    """A pip that makes a wheel of another version."""
    (folder / "pumpctl-1.2.2-py3-none-any.whl").write_text("wheel")


@pytest.mark.parametrize("fault", ["image", "interrupt", no_wheel, other_wheel])
def test_a_build_that_fails_leaves_the_release_before_it(place, fault):
    folder = release.build(place, "1.2.3", images(place), wheel)
    before = (folder / "SHA256SUMS").read_text()

    def spoilt(board):
        made = images(place)(board)
        if board == BOARDS[-1] and fault == "image":
            (made / "pump-dev.uf2").unlink()
        if board == BOARDS[-1] and fault == "interrupt":
            raise KeyboardInterrupt
        return made

    with pytest.raises((steps.Trouble, OSError, KeyboardInterrupt)):
        release.build(place, "1.2.3", spoilt, fault if callable(fault) else wheel)
    assert (folder / "SHA256SUMS").read_text() == before
    assert [path.name for path in (place.build / "release").iterdir()] == ["1.2.3"]


def test_a_first_build_that_fails_leaves_nothing(place):
    with pytest.raises(steps.Trouble, match="no wheel"):
        release.build(place, "1.2.3", images(place), no_wheel)
    assert not (place.build / "release").exists()
