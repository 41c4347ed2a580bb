"""The quick start works as it is written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from sandbox import Sandbox

HOME = Path(__file__).parent.parent
README = HOME / "hevo_api" / "README.md"
WRITTEN = "http://127.0.0.1:8765"


def test_the_quick_start_works_as_written() -> None:
    text = README.read_text()
    program = "\n".join(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL))
    assert WRITTEN in program
    with Sandbox() as sandbox:
        assert (sandbox.api_key, sandbox.api_secret) == ("sandbox-key", "sandbox-secret")
        moved = program.replace(WRITTEN, sandbox.base_url.removesuffix("/api/public/v2.0"))
        said = subprocess.run(
            [sys.executable, "-c", moved], capture_output=True, text=True, timeout=60, check=True, cwd=HOME
        )
    assert "health_status" in said.stdout
    assert re.search(r"Hevo was asked to run .+\.", said.stdout)


def test_the_sandbox_of_the_quick_start_listens_where_it_says() -> None:
    command = re.search(r"```sh\npython -m (.+)\n```", README.read_text())
    assert command
    module, *flags = command[1].split()
    assert flags == ["--port", WRITTEN.rsplit(":")[-1]]
    helped = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, timeout=60, cwd=HOME
    )
    assert "--port" in helped.stdout
