"""What the owner has set: in the environment or in Streamlit's secrets, checked before anything starts."""

import math
import os.path
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from hevo_api import REGIONS as REGIONS
from hevo_api import HevoClient
from monitor.access import Access, SettingsError, check, read_access, yes_or_no
from monitor.catalog.reader import is_contact
from monitor.masking import hide
from monitor.webhooks import Hook, read_hooks

PROJECT = Path(__file__).resolve().parent.parent
_ACCOUNT = {part: f"HEVO_{part.upper()}" for part in ("api_key", "api_secret", "region")}
_NUMBERS = {  # the usual one, the least, the most, and what is said of others
    "HEVO_REFRESH_SECONDS": (60, 5, 86_400, "a number of seconds, at least 5 and at most a day (86400)"),
    "HEVO_WATCH_SECONDS": (300, 5, 86_400, "0, or a number of seconds from 5 to a day (86400)"),
    "HEVO_REQUESTS_PER_MINUTE": (100, 10, 10_000, "a whole number, at least 10. Hevo allows 100"),
    "HEVO_KEEP_DAYS": (90, 1, 3_650, "a whole number of days, from 1 to 3650"),
}


@dataclass(frozen=True)
class Settings:
    """The settings of one dashboard; without a key it opens on the sample data."""

    api_key: str | None = field(default=None, repr=False)
    api_secret: str | None = field(default=None, repr=False)
    region: str = "us"
    base_url: str | None = None
    interval: float = 60.0
    watch_seconds: float = 300.0
    requests_per_minute: int = 100
    keep_days: int = 90
    data_dir: Path = PROJECT / ".data"
    database_url: str | None = field(default=None, repr=False)
    freshness: bool = True
    catalog: Path | None = None
    time_zone: str = "UTC"
    contact: str | None = field(default=None, compare=False)  # mailto:, https: or plain text
    access: Access = field(default=Access(), compare=False)  # another rule is no other account
    hooks: tuple[Hook, ...] = field(default=(), compare=False)  # nor is another address

    @property
    def sample(self) -> bool:
        """True when nothing is set, so that the sandbox stands in for Hevo."""
        return self.api_key is None

    def client(self, clock: Callable[[], float] = time.monotonic) -> HevoClient:
        """The client of the account; ValueError, which never repeats a key, when it cannot be right."""
        limit, key, secret = self.requests_per_minute, self.api_key or "", self.api_secret or ""
        return HevoClient(key, secret, self.region, self.base_url, requests_per_minute=limit, clock=clock)


def read_settings(environ: Mapping[str, str], secrets: Mapping[str, Any]) -> Settings:
    """The environment's account if it names any part of one, else the secrets' one, else the sample data.

    Whatever secret is read, right or wrong, is hidden from the log from then on.
    """
    account = _read_account(environ, secrets)
    return Settings(
        **account,
        base_url=_base_url(environ.get("HEVO_BASE_URL", "").strip(), bool(account)),
        interval=_number(environ, "HEVO_REFRESH_SECONDS"),
        watch_seconds=_number(environ, "HEVO_WATCH_SECONDS"),
        requests_per_minute=int(_number(environ, "HEVO_REQUESTS_PER_MINUTE")),
        keep_days=int(_number(environ, "HEVO_KEEP_DAYS")),
        data_dir=_path(environ, "HEVO_DATA_DIR") or PROJECT / ".data",
        database_url=_database_url(environ.get("HEVO_DATABASE_URL", "").strip()),
        freshness=yes_or_no(environ.get("HEVO_FRESHNESS", "true").strip(), "HEVO_FRESHNESS"),
        catalog=_path(environ, "HEVO_CATALOG"),
        time_zone=_time_zone(environ.get("HEVO_TIME_ZONE", "").strip() or "UTC"),
        contact=_contact(environ.get("HEVO_CONTACT", "").strip()),
        access=read_access(environ, secrets),
        hooks=read_hooks(environ, secrets),
    )


def _read_account(environ: Mapping[str, str], secrets: Mapping[str, Any]) -> dict[str, str]:
    """Key, secret and region from one place: never a key from one and a secret from the other."""
    named = {part: environ[name] for part, name in _ACCOUNT.items() if environ.get(name)}
    if named:
        return _account(named, _ACCOUNT)
    table = secrets.get("hevo", {})
    check(isinstance(table, Mapping), "[hevo] in the secrets must be a table with api_key, api_secret and region.")
    found = {part: table[part] for part in _ACCOUNT if table.get(part, "") != ""}
    return _account(found, {part: f"{part} under [hevo] in the secrets" for part in _ACCOUNT})


def _account(parts: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """All the parts, each checked, or nothing at all; a region may be left out."""
    if not parts:
        return {}
    hide(*(str(parts[part]).strip() for part in ("api_key", "api_secret") if part in parts))
    for part in ("api_key", "api_secret"):
        check(part in parts, f"{names[part]} is missing, but {names[next(iter(parts))]} is set.")
    for part, value in parts.items():
        check(isinstance(value, str), f"{names[part]} must be text in quotation marks.")
        check(value.strip(), f"{names[part]} is set, but holds only blanks.")
    key, secret = parts["api_key"].strip(), parts["api_secret"].strip()
    check(
        _is_accepted(key, "any"), f"{names['api_key']} holds a colon or a letter that no key has. Give the key alone."
    )
    check(_is_accepted("any", secret), f"{names['api_secret']} holds a letter that no secret of Hevo has.")
    region = parts.get("region", Settings.region).strip().lower()
    known = f"The known ones are: {', '.join(REGIONS)}."
    check(region in REGIONS, f"{names['region']} is not a region we know. {known}")
    return {"api_key": key, "api_secret": secret, "region": region}


def _base_url(text: str, has_key: bool) -> str | None:
    is_safe = not text or _is_accepted("any", "any", text)
    where = "an https address on hevodata.com, or a plain http address on this machine"
    check(is_safe, f"HEVO_BASE_URL must be {where}.")
    check(has_key or not text, "HEVO_BASE_URL is set, but HEVO_API_KEY is missing.")
    return text or None


@lru_cache(maxsize=16)  # the settings are read at each click
def _is_accepted(key: str, secret: str, base_url: str | None = None) -> bool:
    """True when the client takes it: the rule stands there, and the error that knows the value ends here."""
    try:
        HevoClient(key, secret, base_url=base_url)
    except ValueError:
        return False
    return True


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    """The path that is named, `~` and `~name` being somebody's home; None where none is."""
    path = os.path.expanduser(environ.get(name, "").strip())  # pathlib's would raise, with what was set in its error
    check(not path.startswith("~"), f"{name} begins with a home folder that this machine does not know.")
    return Path(path) if path else None


def _database_url(url: str) -> str | None:
    """An address of a PostgreSQL; the password in it is hidden from the log from now on."""
    if not url:
        return None
    is_address_of_one = url.startswith(("postgresql://", "postgres://"))
    check(is_address_of_one, "HEVO_DATABASE_URL must be an address like postgresql://user:password@host/name.")
    with suppress(ValueError):
        password = urlsplit(url).password or ""
        hide(url, password, unquote(password))
    return url


def _contact(text: str) -> str | None:
    """Whom to ask about the dashboard itself: an address that can be followed, or a line of text."""
    is_right = len(text) <= 200 and text.isprintable() and is_contact(text)
    check(is_right, "HEVO_CONTACT must be an address with mailto: or https:, or a short plain text.")
    return text or None


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SettingsError("HEVO_TIME_ZONE must be a time zone's name, such as Europe/Berlin.") from None
    return name


def _number(environ: Mapping[str, str], name: str) -> float:
    usual, least, most, what = _NUMBERS[name]
    try:
        number = float(environ.get(name) or usual)
    except ValueError:
        number = math.nan  # in no range, so that no error carries the text along
    is_allowed = least <= number <= most or (number == 0 and what.startswith("0"))
    check(is_allowed and not (what.startswith("a whole") and number % 1), f"{name} must be {what}.")
    return number
