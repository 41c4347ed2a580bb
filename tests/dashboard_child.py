"""The dashboard in a process of its own: a fork of one that has imported what it needs, as imports take seconds."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = [f"{file.parent.name}.{file.stem}" for floor in ("dashboard", "server") for file in (ROOT / floor).glob("*.py")]
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["altair", "streamlit.web.cli", *(room for room in ROOMS if room != "dashboard.main")])


def serve(script: Path, settings: dict[str, str], log: Path, as_users_do: bool, constants: dict[str, float]) -> None:
    """`streamlit run` with these settings as its whole environment; what it prints goes to the log."""
    with log.open("wb") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    os.chdir(ROOT)
    if as_users_do:
        os.execve(sys.executable, [sys.executable, "-m", "streamlit", "run", str(script)], settings)  # noqa: S606
    threading.Thread(target=end_with_the_tests, daemon=True).start()
    os.environ.clear()
    os.environ.update(settings)
    for name, value in constants.items():
        module, _, constant = name.rpartition(".")
        setattr(import_module(module), constant, value)
    from streamlit.web import cli

    cli.main(["run", str(script)])


def end_with_the_tests() -> None:
    """So that none is left behind by tests that were killed."""
    tests = multiprocessing.parent_process()
    if tests:
        tests.join()
    os._exit(1)
