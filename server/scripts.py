"""The scripts of our components (dashboard/browser), to anybody: they hold nothing of an account."""

from __future__ import annotations

from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dashboard import components

SCRIPTS = [Mount(components.ADDRESS, StaticFiles(directory=components.FOLDER))]
