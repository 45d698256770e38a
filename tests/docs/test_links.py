"""What the documents name is there: links and their anchors, files, functions, modules that are run, and make targets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.settings import REPOSITORY

DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md"), REPOSITORY / "dashboard" / "README.md"])
#: The changelog and the decisions also tell of what is gone.
OF_TODAY = [path for path in DOCUMENTS if path.name not in {"CHANGELOG.md", "DECISIONS.md"}]
_ROOTS = ("dags", "plugins", "include", "local", "dashboard", "deploy", "docs", "tests", "benchmarks")
_FOREIGN_MODULES = {"venv", "pip"}
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
_CODE = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(rf"(?<![\w./-])(?:{'|'.join(_ROOTS)})/[\w./-]*\w")
_MADE_BY_PEOPLE = ("deploy/secrets", "deploy/.env", "deploy/connections.json")
_MODULE = re.compile(r"python3? -m ([\w.]+)")
_TARGET = re.compile(r"\bmake ([a-z][a-z-]+)")


def _name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def _links(document: Path) -> Iterator[str]:
    for found in _LINK.finditer(document.read_text(encoding="utf-8")):
        link = found[1] or found[2]
        if not link.startswith(("http://", "https://")):
            yield link


def _anchors(document: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _code_of(document: Path) -> str:
    """What stands in code spans and blocks: prose may say "make it" or "make sure"."""
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *_CODE.findall(re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))])


def _named_files(document: Path) -> Iterator[tuple[str, str]]:
    """Path and, behind a colon, the function."""
    for found in re.finditer(rf"({_FILE.pattern})(?::(\w+))?", _code_of(document)):
        if not found[1].startswith(_MADE_BY_PEOPLE):
            yield found[1], found[2] or ""


def _defined_in(path: Path) -> set[str]:
    if path.suffix == ".sql":
        return set(re.findall(r"macro (\w+)", path.read_text(encoding="utf-8")))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _module_exists(module: str) -> bool:
    path = REPOSITORY.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_links_lead_to_files_and_headings(document: Path) -> None:
    for link in _links(document):
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link


@pytest.mark.parametrize("document", OF_TODAY, ids=_name)
def test_named_files_and_functions_exist(document: Path) -> None:
    for path, function in _named_files(document):
        assert (REPOSITORY / path).exists(), path
        assert not function or function in _defined_in(REPOSITORY / path), f"{path}:{function}"


@pytest.mark.parametrize("document", OF_TODAY, ids=_name)
def test_modules_that_are_run_exist(document: Path) -> None:
    modules = set(_MODULE.findall(_code_of(document))) - _FOREIGN_MODULES
    assert [module for module in sorted(modules) if not _module_exists(module)] == []


@pytest.mark.parametrize("document", OF_TODAY, ids=_name)
def test_make_targets_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(_TARGET.findall(_code_of(document))) - targets == set()


def test_the_documents_name_enough_for_these_tests_to_mean_something() -> None:
    documents = [REPOSITORY / "README.md", REPOSITORY / "docs" / "architecture.md"]
    assert all(list(_links(document)) and list(_named_files(document)) for document in documents)
    functions = [function for _, function in _named_files(documents[1]) if function]
    assert len(functions) > 15
