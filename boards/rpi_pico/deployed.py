"""Modules that `make deploy` has copied replace those of the image, where the REPL lock is open.

deployed.json names their folder, their files, and the image that they belong to. It gets its name after the last file,
so an incomplete copy is never used; neither are files that belong to another image.
"""

import builtins
import json
import sys

import build_info

_LIST = "/deployed.json"
_FROZEN = ".frozen"

_load = builtins.__import__
_usual_path = sys.path[:]
_folder = ""
_roots: "set[str]" = set()  # the packages and modules of the firmware: pump, drivers, board
names: "set[str]" = set()  # the modules that are replaced


def set_up() -> None:
    """Must be called after the file system is mounted, and before the first module that may be replaced is imported."""
    global _folder
    try:
        with open(_LIST) as file:
            listed = json.load(file)
        if listed["image"] != build_info.IMAGE:
            return
        names.update(_module(path) for path in listed["files"])
        _folder = listed["folder"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if names:
        _roots.update(path.split("/")[0].split(".")[0] for path in json.loads(build_info.FILES))
        builtins.__import__ = _import


def _module(path: str) -> str:
    name = path.rsplit(".", 1)[0].replace("/", ".")
    return name[: -len(".__init__")] if name.endswith(".__init__") else name


def _import(name: str, *rest: object) -> object:
    """What `import` calls: loads each package of the name, then the module, from the place that is meant."""
    if name not in sys.modules:
        parts = name.split(".")
        if parts[0] in _roots:
            for count in range(len(parts)):
                _load_from_its_place(".".join(parts[: count + 1]))
        else:
            _with_path(_usual_path, name)
    return _load(name, *rest)


def _load_from_its_place(name: str) -> None:
    if name in sys.modules:
        return
    place = _folder if name in names else _FROZEN
    parent = name.rpartition(".")[0]
    if parent:
        # MicroPython looks for a module in the path of its package, which is one folder: that of the module now.
        sys.modules[parent].__path__ = place + "/" + parent.replace(".", "/")
        _load(name)
    else:
        _with_path([place], name)


def _with_path(path: "list[str]", name: str) -> None:
    """Loads a module that is in no package; what it imports itself sets its own path."""
    before = sys.path[:]
    sys.path[:] = path
    try:
        _load(name)
    finally:
        sys.path[:] = before
