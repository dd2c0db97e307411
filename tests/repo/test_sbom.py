"""The list of parts (SBOM): each with name, version and purl, the same in each run; what is missing is told."""

import json
from pathlib import Path

import pytest
from toolchain import sbom, steps

ROOT = Path(__file__).resolve().parents[2]
_SDK = {"MAJOR": 2, "MINOR": 1, "REVISION": 1}
_USB = {"MAJOR": 0, "MINOR": 18, "REVISION": 0}
_MICROPYTHON = {"MAJOR": 1, "MINOR": 25, "MICRO": 0}
_TEXTS = {
    "lib/pico-sdk/pico_sdk_version.cmake": "".join(f"set(PICO_SDK_VERSION_{n} {v})\n" for n, v in _SDK.items()),
    "lib/tinyusb/src/tusb_option.h": "".join(f"#define TUSB_VERSION_{n}  {v}\n" for n, v in _USB.items()),
    "lib/mbedtls/include/mbedtls/build_info.h": '#define MBEDTLS_VERSION_STRING         "3.6.6"\n',
    "lib/littlefs/lfs2.h": "#define LFS2_VERSION 0x00020008\n",
    "py/mpconfig.h": "".join(f"#define MICROPY_VERSION_{n} {v}\n" for n, v in _MICROPYTHON.items()),
}
_VERSIONS = {"micropython": "1.25.0", "pico-sdk": "2.1.1", "tinyusb": "0.18.0", "mbedtls": "3.6.6", "littlefs": "2.8"}


@pytest.fixture
def place(tmp_path: Path) -> steps.Place:
    """A checkout whose sources tell their versions, with the packages of this environment."""
    texts = {f"build/toolchain/pico-source/{name}": text for name, text in _TEXTS.items()}
    for name in ("firmware/pump/version.py", "hil/emulator/package-lock.json"):
        texts[name] = (ROOT / name).read_text()
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "build/venv").symlink_to(ROOT / "build/venv")
    return steps.Place(tmp_path)


def test_every_part_has_a_name_a_version_and_a_purl(place: steps.Place) -> None:
    document = json.loads(sbom.set_up(place).read_text())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    versions = {entry["name"]: entry["version"] for entry in document["components"]}
    assert _VERSIONS.items() <= versions.items()
    assert {"typer", "pyserial", "platformdirs", "rp2040js"} <= set(versions)
    for entry in document["components"]:
        assert entry["purl"].endswith("@" + entry["version"]), entry
        assert entry["version"][0].isdigit(), entry
    references = [entry["bom-ref"] for entry in document["components"]]
    assert len(references) == len(set(references))


def test_two_runs_write_the_same(place: steps.Place) -> None:
    assert sbom.set_up(place).read_bytes() == sbom.set_up(place).read_bytes()


def test_a_source_that_is_not_there_or_tells_no_version_is_told(place: steps.Place, tmp_path: Path) -> None:
    header = place.own / "pico-source/lib/tinyusb/src/tusb_option.h"
    header.write_text("nothing")
    with pytest.raises(steps.Trouble, match="tells no version"):
        sbom.set_up(place)
    header.unlink()
    with pytest.raises(steps.Trouble, match="tells no version"):
        sbom.set_up(place)
    (place.own / "pico-source").rename(tmp_path / "elsewhere")
    with pytest.raises(steps.Trouble, match="is not here"):
        sbom.set_up(place)
    assert not (place.build / sbom.NAME).exists()
