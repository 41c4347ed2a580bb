"""The house: one floor asks only the floor below, the sandbox stands apart, pages are plain scripts."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

BELOW = {  # from the top: each with what it may ask; only the dashboard's sample data may start the sandbox
    "server": {"dashboard", "monitor"},
    "pages": {"dashboard", "monitor"},
    "dashboard": {"monitor", "sandbox"},
    "monitor": {"hevo_api"},
    "hevo_api": set(),
}
OURS = {*BELOW, "sandbox", "tests", "benchmarks", "app"}
OUTSIDE = {
    "server": {"streamlit", "starlette"},
    "pages": {"streamlit"},
    "dashboard": {"streamlit", "pandas", "altair"},
    "monitor": {"pandas", "numpy", "psycopg", "psycopg_pool", "requests", "urllib3", "apprise"},
    "hevo_api": {"requests", "urllib3", "pandas"},
    "sandbox": {"starlette", "uvicorn", "anyio"},
}


def files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"{folder} is empty"
    return found


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it; relative ones by their full names."""
    folder = file.relative_to(ROOT).parts[:-1]
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(folder[: len(folder) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (above, node.module) if part)
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def packages(folder: str) -> set[str]:
    """The top-level packages that a folder needs, itself left out."""
    needed = {module.partition(".")[0] for file in files(folder) for module in imported(file)}
    return needed - {folder} - sys.stdlib_module_names


@pytest.mark.parametrize("folder", BELOW)
def test_each_floor_asks_only_the_floors_below(folder: str) -> None:
    assert packages(folder) & OURS <= BELOW[folder]


@pytest.mark.parametrize("folder", [*BELOW, "sandbox"])
def test_no_two_files_need_each_other(folder: str) -> None:
    named = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in files(folder)}
    rooms = {name: file for name, file in named.items() if file.stem != "__init__"}
    TopologicalSorter({name: rooms.keys() & set(imported(file)) for name, file in rooms.items()}).prepare()


def test_the_sandbox_stands_apart_and_only_the_sample_data_knows_it() -> None:
    assert not packages("sandbox") & OURS
    product = [ROOT / "app.py", *(file for folder in BELOW for file in files(folder))]
    users = [file for file in product if any(module.partition(".")[0] == "sandbox" for module in imported(file))]
    assert users == [ROOT / "dashboard" / "sample.py"]


@pytest.mark.parametrize("folder", OUTSIDE)
def test_no_folder_needs_more_from_outside_than_agreed(folder: str) -> None:
    assert packages(folder) - OURS <= OUTSIDE[folder]


@pytest.mark.parametrize("page", files("pages"), ids=lambda page: page.stem)
def test_pages_are_plain_scripts(page: Path) -> None:
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for node in ast.walk(tree(page)) if isinstance(node, defined)]
    assert ast.get_docstring(tree(page))


@pytest.mark.parametrize("folder", [*BELOW, "sandbox"])
def test_every_file_says_what_it_is_for(folder: str) -> None:
    assert not [file.name for file in files(folder) if not ast.get_docstring(tree(file))]


def test_no_page_stands_beside_the_script_that_runs_them() -> None:
    """Streamlit would open a folder `pages` beside it on its own, past the frame around every page."""
    assert not (ROOT / "dashboard" / "pages").exists()
    calls = [node for node in ast.walk(tree(ROOT / "app.py")) if isinstance(node, ast.Call)]
    scripts = [call.args[0] for call in calls if ast.unparse(call.func) == "st.App"]
    assert [ast.literal_eval(script) for script in scripts] == ["dashboard/main.py"]


def test_no_exception_is_ever_put_on_screen() -> None:
    calls = [
        node.attr
        for folder in ("pages", "dashboard", "server")
        for file in files(folder)
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "st"
    ]
    assert not {"exception", "write", "table"} & set(calls)
