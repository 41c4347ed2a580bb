"""What the README and the documents say is so: the example works as written, and each setting stands in one of them."""

from __future__ import annotations

import re

from monitor.catalog.matching import match
from monitor.catalog.reader import read_catalog
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PRODUCT = ("app.py", "monitor", "dashboard", "server", "pages")


def documents() -> dict[str, str]:
    """Every document that tells of settings, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}


def test_the_example_of_a_catalogue_works_as_written() -> None:
    [example] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    matched = match(read_catalog(example), (("6590", "Orders DB"), ("7001", "Ads spend"), ("7002", "Other")))
    assert [needs.pipelines for needs in matched.reports] == [("6590", "7001")]
    assert matched.of("6590").name == "Orders of the web shop"
    assert matched.of("6590").expect == 3_600
    assert matched.warnings == ()


def test_each_setting_is_explained_once() -> None:
    files = [
        file for part in PRODUCT for file in ([ROOT / part] if part.endswith(".py") else (ROOT / part).rglob("*.py"))
    ]
    read = set(re.findall(r"HEVO_[A-Z_]*[A-Z]", "\n".join(file.read_text(encoding="utf-8") for file in files)))
    rows = [
        name for text in documents().values() for name in re.findall(r"^\s*\| `(HEVO_[A-Z_]+)`", text, re.MULTILINE)
    ]
    exported = set(re.findall(r"^export (HEVO_[A-Z_]+)=", "\n".join(documents().values()), re.MULTILINE))
    assert sorted(rows) == sorted(read - exported)


def test_the_readme_fits_on_two_screens() -> None:
    assert len(README.splitlines()) <= 120
