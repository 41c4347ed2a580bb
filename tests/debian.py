"""Debian's packages, for what the tests need and do not find."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def install(package: str) -> bool:
    """True when it was installed, which takes apt and the rights of root."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", package]):
        if subprocess.run(["apt-get", "-qq", *step], env=quiet, stdout=sys.stderr, check=False).returncode:
            return False
    return True
