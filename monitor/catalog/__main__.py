"""`python -m monitor.catalog check FILE` reads one as strictly as the dashboard does, and says what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.catalog.file import read_file
from monitor.catalog.reader import CatalogError, shown


def main(arguments: Sequence[str]) -> int:
    """Checks one file: 0 when it is fine, 1 with a sentence a line when it is not, 2 when asked wrongly."""
    if len(arguments) != 2 or arguments[0] != "check":
        sys.stderr.write("usage: python -m monitor.catalog check FILE\n")
        return 2
    path = Path(arguments[1])
    try:
        sys.stdout.write(f"This catalogue is fine: {read_file(path)}.\n")
        return 0
    except CatalogError as error:
        sys.stdout.write("\n".join(error.args) + "\n")
    except OSError as error:
        sys.stdout.write(f"{shown(path.name)} cannot be read: {error.strerror}.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
