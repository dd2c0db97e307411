"""The imports of the firmware have no circle and are not nested deeply."""

import ast
from pathlib import Path

from layers.import_graph import all_imports, circles

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"


def test_no_module_of_the_firmware_imports_itself_through_others() -> None:
    imports = {}
    for path in (FIRMWARE / "pump").rglob("*.py"):
        module = ".".join(path.relative_to(FIRMWARE).with_suffix("").parts).removesuffix(".__init__")
        imports[module] = set(all_imports(ast.parse(path.read_text())))
    assert len(imports) > 70
    assert circles(imports) == []


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c", "x"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b"}, "b": set()}) == []


def deepest_import(folder: Path, start: str) -> list[str]:
    """The longest chain of nested imports at run time. Each level takes stack, and a Pico has 8 kB of it."""
    loaded: set[str] = set()
    deepest: list[str] = []

    def load(module: str, chain: list[str]) -> None:
        nonlocal deepest
        place = folder / module.replace(".", "/")
        path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if module in loaded or not path.is_file():
            return
        loaded.add(module)
        chain = [*chain, module]
        deepest = max(deepest, chain, key=len)
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                    load(name, chain)

    load(start, [])
    return deepest


def test_imports_are_not_nested_deeply() -> None:
    """With six levels a test failed that imports the app from sources."""
    assert len(deepest_import(FIRMWARE, "pump.app")) <= 5


def test_the_deepest_import_is_found(tmp_path: Path) -> None:
    for name, text in (("a", "from p import b, d"), ("b", "from p import c"), ("c", ""), ("d", "from p import c")):
        (tmp_path / "p").mkdir(exist_ok=True)
        (tmp_path / f"p/{name}.py").write_text(text)
    (tmp_path / "p/__init__.py").write_text("")
    assert deepest_import(tmp_path, "p.a") == ["p.a", "p.b", "p.c"]
