"""The imports of a file, and circles among them; for the tests in this folder."""

import ast
from collections.abc import Iterator


def run_time_imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of what is imported at run time, so not in blocks for the type checker."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{name.name}" for name in node.names)
        else:
            yield from run_time_imports(node)


def all_imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of everything that is imported, also in blocks for the type checker."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{name.name}" for name in node.names)


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Modules that import each other, directly or through others, sorted."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = list(imports[start])
        while waiting:
            module = waiting.pop()
            if module in imports and module not in found:
                found.add(module)
                waiting += imports[module]
        return found

    far = {module: reached(module) for module in imports}
    groups = {tuple(sorted(other for other in far[module] if module in far[other])) for module in imports}
    return sorted(list(group) for group in groups if group)
