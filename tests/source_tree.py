"""The source as syntax trees: what a module imports, names and defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def sources(*folders: Path) -> list[Path]:
    """Every module below the folders; a folder named by its own path is read whole."""
    return sorted(file for folder in folders for file in folder.rglob("*.py") if "__pycache__" not in file.parts)


@cache
def tree(file: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def place(file: Path) -> str:
    """A module's path as people write it."""
    return file.relative_to(ROOT).as_posix()


def imports(file: Path, *, when_called: bool = True) -> Iterator[str]:
    """The dotted names a module imports; those inside functions and TYPE_CHECKING only if asked for."""
    for node in ast.walk(tree(file)) if when_called else _at_import(tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(file)}:{node.lineno} imports relatively; write the whole name"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        checking = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or checking:
            continue
        yield child
        yield from _at_import(child)


def within(name: str, rooms: tuple[str, ...]) -> bool:
    """Whether a dotted name is one of the rooms or inside one."""
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def attributes(file: Path) -> Iterator[tuple[int, str]]:
    """Every `a.b.c` a module writes, with its line."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node)


def functions(file: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef, bool]]:
    """Every function: its dotted name, its node, and whether it is public (so are the methods of public classes)."""

    def walk(node: ast.AST, prefix: str, public: bool) -> Iterator[tuple[str, ast.FunctionDef, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{prefix}{child.name}", child, public and not child.name.startswith("_")
                yield from walk(child, f"{prefix}{child.name}.", False)
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.", public and not child.name.startswith("_"))
            else:
                yield from walk(child, prefix, public)

    return walk(tree(file), "", True)
