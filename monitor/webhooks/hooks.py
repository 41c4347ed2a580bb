"""Whom the owner wants to be told: addresses for machines and for people, read as strictly as every other setting."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from monitor.access import SettingsError
from monitor.catalog import Owned
from monitor.events import USUAL, Kind
from monitor.masking import hide

SETTINGS = ("address", "apprise", "secret", "events", "teams", "reports", "after")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LEAST_SECRET, MOST_SECRET = 24, 64  # bytes, as Standard Webhooks asks
MOST_HOOKS = 20
_AFTER = re.compile(r"(\d{1,5}) ?(s|min|h)")
_SECONDS = {"s": 1, "min": 60, "h": 3_600}


@dataclass(frozen=True)
class Hook:
    """One address, and what it is told of; nothing named is everything. `after`: seconds that it has to last.

    `key` is the secret's, to sign with; None for an address of Apprise, which tells people.
    """

    address: str = field(repr=False)
    key: bytes | None = field(default=None, repr=False)
    events: frozenset[Kind] = USUAL
    teams: frozenset[str] = frozenset()
    reports: frozenset[str] = frozenset()
    after: float = 0.0

    @property
    def id(self) -> str:
        """What the store knows it by: the address itself may be a secret."""
        return hashlib.sha256(self.address.encode()).hexdigest()[:16]

    @property
    def shown(self) -> str:
        """As much of the address as anybody may see: where it goes, or by what."""
        parts = urlsplit(self.address)
        if self.key is None:
            return parts.scheme
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}/…"

    @property
    def wants_incidents(self) -> bool:
        return not self.events.isdisjoint((Kind.INCIDENT_OPENED, Kind.INCIDENT_CLOSED))

    def wants(self, kind: Kind, owned: Owned | None) -> bool:
        """True for a kind that it takes; of a pipeline (`owned`), only if it is one of its teams' or reports'."""
        if kind not in self.events or owned is None or not (self.teams or self.reports):
            return kind in self.events
        teams = [owned.team, *(report.team for report in owned.reports)]
        named = {name.casefold() for team in teams if team for name in (team.key, team.name)}
        needed = {name.casefold() for report in owned.reports for name in (report.key, report.name)}
        return bool(self.teams & named or self.reports & needed)


def read_hooks(environ: Mapping[str, str], secrets: Mapping[str, Any]) -> tuple[Hook, ...]:
    """HEVO_WEBHOOKS, HEVO_NOTIFY and [[webhooks]] together; SettingsError when one is wrong."""
    secret = environ.get("HEVO_WEBHOOK_SECRET", "").strip()
    hooks = [_signed(each, secret, "HEVO_WEBHOOKS") for each in _listed(environ, "HEVO_WEBHOOKS")]
    hooks += [_for_people(each, "HEVO_NOTIFY") for each in _listed(environ, "HEVO_NOTIFY")]
    hooks += _tables(secrets.get("webhooks", []), secret)
    if len(hooks) > MOST_HOOKS:
        raise SettingsError(f"There are more than {MOST_HOOKS} addresses for webhooks. Let one of them pass events on.")
    if len({hook.address for hook in hooks}) < len(hooks):
        raise SettingsError("An address for webhooks is named twice.")
    return tuple(hooks)


def _listed(environ: Mapping[str, str], name: str) -> list[str]:
    return list(filter(None, re.split(r"[,\s]+", environ.get(name, ""))))


def _tables(told: object, secret: str) -> Iterator[Hook]:
    if not isinstance(told, Sequence) or not all(isinstance(each, Mapping) for each in told):
        raise SettingsError("[[webhooks]] in the secrets must stand in two pairs of brackets.")
    for number, table in enumerate(told, start=1):
        yield _table(table, secret, f"[[webhooks]] number {number} in the secrets")


def _table(table: Mapping[str, Any], secret: str, name: str) -> Hook:
    for place in ("address", "apprise", "secret"):  # before anything about them can be wrong
        _hide(str(table.get(place, "")))
    if unknown := sorted(set(map(str, table)) - set(SETTINGS)):
        raise SettingsError(f"{name} holds a setting we do not know: {unknown[0]}.")
    if ("address" in table) == ("apprise" in table):
        raise SettingsError(f"{name} must have either an address or apprise.")
    what = {
        "events": _kinds(table.get("events", []), name),
        "teams": frozenset(each.casefold() for each in _texts(table.get("teams", []), f"teams of {name}")),
        "reports": frozenset(each.casefold() for each in _texts(table.get("reports", []), f"reports of {name}")),
        "after": _after(table.get("after", ""), name),
    }
    if "apprise" in table:
        return _for_people(_text(table["apprise"], f"apprise of {name}"), name, **what)
    own = _text(table.get("secret", secret or None), f"secret of {name}")
    return _signed(_text(table["address"], f"address of {name}"), own, name, **what)


def _signed(address: str, secret: str, name: str, **what: Any) -> Hook:
    """An address for machines: https, or http on this machine."""
    _hide(address)
    try:
        parts = urlsplit(address)
        allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        is_good = allowed and parts.hostname and parts.port != 0 and address.isascii() and address.isprintable()
    except ValueError:
        is_good = False
    if not is_good:
        raise SettingsError(f"{name} must be an https address, or a plain http address on this machine.")
    return Hook(address, _key(secret, name), **what)


def _key(secret: str, name: str) -> bytes:
    _hide(secret)
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith("whsec_") or not LEAST_SECRET <= len(key) <= MOST_SECRET:
        raise SettingsError(
            f"{name} needs a secret (HEVO_WEBHOOK_SECRET): whsec_ and then base64 of {LEAST_SECRET} to {MOST_SECRET}"
            " bytes. `python -m monitor.webhooks secret` makes one."
        )
    return key


def _for_people(address: str, name: str, **what: Any) -> Hook:
    """An address of Apprise: chat or mail."""
    _hide(address)
    if not _is_known_to_apprise(address):
        raise SettingsError(f"{name} holds an address that Apprise does not know.")
    return Hook(address, None, **what)


@lru_cache(maxsize=64)  # the settings are read at each click
def _is_known_to_apprise(address: str) -> bool:
    try:
        import apprise  # large, and only for those who use it
    except ImportError:
        raise SettingsError("Chat and mail need a library: install requirements-notify.txt.") from None
    return bool(apprise.Apprise().add(address))


def _hide(secret: str) -> None:
    """All of it, and its pieces that may be secrets: what libraries write into the log is never the whole."""
    hide(secret)
    scheme, _, rest = secret.partition("://")
    user, _, password = re.split(r"[/?]", rest, maxsplit=1)[0].rpartition("@")[0].partition(":")
    path = rest.partition("/")[2]
    values = [value for _, value in parse_qsl(rest.partition("?")[2])]
    tokens = [piece for piece in re.split(r"[/@?&=,]", rest) if len(piece) >= 8 and re.search(r"\d", piece)]
    for each in {password or user, f"/{path}" if scheme in ("http", "https") else "", *values, *tokens}:
        hide(each)


def _kinds(told: object, name: str) -> frozenset[Kind]:
    """The kinds that are named; `*` stands for any text."""
    wanted = _texts(told, f"events of {name}")
    found = {each: [kind for kind in Kind if fnmatchcase(kind.value, each)] for each in wanted}
    if not all(found.values()):
        raise SettingsError(f"events of {name} must be some of: {', '.join(Kind)}; or like pipeline.*")
    return frozenset(kind for kinds in found.values() for kind in kinds) or USUAL


def _texts(told: object, name: str) -> list[str]:
    if not isinstance(told, list) or not all(isinstance(each, str) and each.strip() for each in told):
        raise SettingsError(f"{name} must be a list of texts.")
    return [each.strip() for each in told]


def _text(told: object, name: str) -> str:
    if not isinstance(told, str) or not told.strip():
        raise SettingsError(f"{name} must be text in quotation marks.")
    return told.strip()


def _after(told: object, name: str) -> float:
    found = _AFTER.fullmatch(told.strip()) if isinstance(told, str) else None
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if (told != "" and not found) or seconds > 86_400:
        raise SettingsError(f'after of {name} must be like "10 min", at most a day.')
    return float(seconds)
