"""Whom the owner wants to be told: addresses for machines and for people, read as strictly as every other setting."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from monitor.access import SettingsError, check
from monitor.catalog import Owned
from monitor.catalog.reader import is_web, seconds_in
from monitor.events import USUAL, Kind
from monitor.masking import hide

SETTINGS = {"address", "apprise", "secret", "events", "teams", "reports", "after"}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LEAST_SECRET, MOST_SECRET = 24, 64  # bytes, as Standard Webhooks asks
MOST_HOOKS = 20


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

    def wants(self, kind: Kind, owned: Owned | None) -> bool:
        """True for a kind that it takes; of a pipeline (`owned`), only if it is one of its teams' or reports'."""
        if kind not in self.events or owned is None or not (self.teams or self.reports):
            return kind in self.events
        teams = [owned.team, *(report.team for report in owned.reports)]
        named = {name.casefold() for team in teams if team for name in (team.key, team.name)}
        needed = {name.casefold() for report in owned.reports for name in (report.key, report.name)}
        return bool(self.teams & named or self.reports & needed)


def read_hooks(environ: Mapping[str, str], secrets: Mapping[str, Any]) -> tuple[Hook, ...]:
    """HEVO_WEBHOOKS, HEVO_NOTIFY and [[webhooks]] together; SettingsError when one is wrong.

    HEVO_WEBHOOK_SECRET and HEVO_WEBHOOK_AFTER hold where a table does not say another.
    """
    tables = secrets.get("webhooks", [])
    is_list = isinstance(tables, Sequence) and all(isinstance(each, Mapping) for each in tables)
    check(is_list, "[[webhooks]] in the secrets must stand in two pairs of brackets.")
    named: list[tuple[str, Mapping[str, Any]]] = []
    for key, name in {"address": "HEVO_WEBHOOKS", "apprise": "HEVO_NOTIFY"}.items():
        named += [(name, {key: each}) for each in re.split(r"[,\s]+", environ.get(name, "")) if each]
    named += [(f"[[webhooks]] number {number} in the secrets", table) for number, table in enumerate(tables, 1)]
    usual = {"secret": environ.get("HEVO_WEBHOOK_SECRET", ""), "after": environ.get("HEVO_WEBHOOK_AFTER", "")}
    hooks = tuple(_hook({**usual, **table}, name) for name, table in named)
    most = f"There are more than {MOST_HOOKS} addresses for webhooks. Let one of them pass events on."
    check(len(hooks) <= MOST_HOOKS, most)
    check(len({hook.address for hook in hooks}) == len(hooks), "An address for webhooks is named twice.")
    return hooks


def _hook(table: Mapping[str, Any], name: str) -> Hook:
    """One address, and what it is told of."""
    for place in ("address", "apprise", "secret"):  # before anything about them can be wrong
        _hide(str(table.get(place, "")))
    if unknown := sorted(set(map(str, table)) - SETTINGS):
        raise SettingsError(f"{name} holds a setting we do not know: {unknown[0]}.")
    address, key = _address(table, name)
    events, teams, reports = (_texts(table, told, name) for told in ("events", "teams", "reports"))
    after = seconds_in(str(table["after"]), 0, 86_400)
    check(after is not None, f'after of {name} must be like "10 min", at most a day.')
    kinds = [[kind for kind in Kind if fnmatchcase(kind.value, each)] for each in events]  # `*` stands for any text
    check(all(kinds), f"events of {name} must be some of: {', '.join(Kind)}; or like pipeline.*")
    return Hook(address, key, frozenset().union(*kinds) or USUAL, frozenset(teams), frozenset(reports), after or 0.0)


def _address(table: Mapping[str, Any], name: str) -> tuple[str, bytes | None]:
    """An address for machines, with the key to sign with, or one of Apprise for people."""
    check(("address" in table) != ("apprise" in table), f"{name} must have either an address or apprise.")
    place = "address" if "address" in table else "apprise"
    is_text = isinstance(table[place], str) and table[place].strip()
    check(is_text, f"{place} of {name} must be text in quotation marks.")
    address = table[place].strip()
    if place == "apprise":
        check(_is_known_to_apprise(address), f"{name} holds an address that Apprise does not know.")
        return address, None
    is_here = is_web(address, ("http",)) and urlsplit(address).hostname in LOOPBACK
    is_safe = (is_here or is_web(address, ("https",))) and address.isascii() and address.isprintable()
    check(is_safe, f"{name} must be an https address, or a plain http address on this machine.")
    return address, _key(str(table["secret"]).strip(), name)


def _key(secret: str, name: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    check(
        secret.startswith("whsec_") and LEAST_SECRET <= len(key) <= MOST_SECRET,
        f"{name} needs a secret (HEVO_WEBHOOK_SECRET): whsec_ and then base64 of {LEAST_SECRET} to {MOST_SECRET}"
        " bytes. `python -m monitor.webhooks secret` makes one.",
    )
    return key


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


def _texts(table: Mapping[str, Any], key: str, name: str) -> list[str]:
    """A list of texts, in lower case."""
    told = table.get(key, [])
    are_texts = isinstance(told, list) and all(isinstance(each, str) and each.strip() for each in told)
    check(are_texts, f"{key} of {name} must be a list of texts.")
    return [each.strip().casefold() for each in told]
