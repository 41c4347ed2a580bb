"""Nothing is installed below the versions that known advisories ask for. `make lint` runs this too."""

from __future__ import annotations

from importlib.metadata import version

import pytest

FLOORS = {"streamlit": (1, 61), "requests": (2, 33), "urllib3": (2, 7)}


@pytest.mark.parametrize("package", FLOORS)
def test_no_package_is_below_its_floor(package: str) -> None:
    assert tuple(int(part) for part in version(package).split(".")[:2]) >= FLOORS[package]
