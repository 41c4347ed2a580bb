"""Who may look, who may run, and which hosts may show the dashboard. Pure: who somebody is, the screen's side tells."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.masking import hide

_TOLD = "viewers", "operators", "read_only", "public_host", "embed_hosts", "status_json", "status_token"
_NAMES = {name: f"HEVO_{name.upper()}" for name in _TOLD}
_ADDRESS = re.compile(r"[!-?A-~]+@[A-Za-z0-9.-]+")  # plain ASCII, or another letter's lower case could pass for ours
_PERSON = re.compile(r"(?:[!-)+-?A-~]*@)?[a-z0-9.-]+")
_HOST = re.compile(r"(?:\*\.)?[a-z0-9.-]+")
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(?::[0-9]{1,5})?|http://(?:localhost|127\.0\.0\.1)(?::[0-9]{1,5})?")
_YES_NO = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class SettingsError(Exception):
    """A setting is wrong or missing: one plain sentence that names it and never repeats what it holds."""


def check(is_right: object, sentence: str) -> None:
    """SettingsError with this sentence, unless all is right."""
    if not is_right:
        raise SettingsError(sentence)


@dataclass(frozen=True)
class Access:
    """The owner's rules. `providers` are the ways to sign in; without any, nobody is known and everybody may look."""

    providers: tuple[str, ...] = ()
    viewers: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()
    read_only: bool = False
    public_host: tuple[str, ...] = ()
    embed_hosts: tuple[str, ...] = ()
    status_json: bool = False
    status_token: str | None = field(default=None, repr=False)

    def may_look(self, claims: Mapping[str, object]) -> bool:
        """Without sign-in everybody; with it only whose verified address, or its domain, is named."""
        return not self.providers or _is_named(address(claims), self.viewers)

    def may_run(self, claims: Mapping[str, object]) -> bool:
        """Nobody when read-only; else who may look and, with sign-in, is named as an operator too."""
        if self.read_only or not self.may_look(claims):
            return False
        return not self.providers or _is_named(address(claims), self.operators)


def address(claims: Mapping[str, object]) -> str | None:
    """The address that the sign-in service vouches for, in lower case; None unless it says so outright."""
    email = claims.get("email")
    if claims.get("is_logged_in") is not True or claims.get("email_verified") is not True:
        return None
    return email.lower() if isinstance(email, str) and _ADDRESS.fullmatch(email) else None


def _is_named(who: str | None, named: frozenset[str]) -> bool:
    return who is not None and (who in named or f"@{who.partition('@')[2]}" in named)


def read_access(environ: Mapping[str, str], secrets: Mapping[str, Any]) -> Access:
    """The rules from the environment, each else from [dashboard] in the secrets; SettingsError when one is wrong."""
    table = secrets.get("dashboard", {})
    check(isinstance(table, Mapping), "[dashboard] in the secrets must be a table.")
    if unknown := sorted(set(map(str, table)) - set(_NAMES)):
        raise SettingsError(f"[dashboard] in the secrets holds a setting we do not know: {unknown[0]}.")
    told: dict[str, Any] = {
        name: environ.get(variable, "").strip() or table.get(name, "") for name, variable in _NAMES.items()
    }
    access = Access(
        providers=_providers(secrets),
        viewers=_people(told["viewers"], "HEVO_VIEWERS"),
        operators=_people(told["operators"], "HEVO_OPERATORS"),
        read_only=yes_or_no(told["read_only"], "HEVO_READ_ONLY"),
        public_host=_all_like(_HOST, told["public_host"], "HEVO_PUBLIC_HOST", "host names, like dash.example.com"),
        embed_hosts=_all_like(_ORIGIN, told["embed_hosts"], "HEVO_EMBED_HOSTS", "addresses, like https://example.com"),
        status_json=yes_or_no(told["status_json"], "HEVO_STATUS_JSON"),
        status_token=_token(told["status_token"]),
    )
    is_known_who = access.providers or not (access.viewers or access.operators)
    check(is_known_who, "HEVO_VIEWERS or HEVO_OPERATORS names people, but sign-in ([auth]) is not set up.")
    return access


def _providers(secrets: Mapping[str, Any]) -> tuple[str, ...]:
    """The ways to sign in that [auth] names; whoever writes [auth] wants a wall, so a hole in it is an error."""
    if "auth" not in secrets:
        return ()
    auth = secrets["auth"]
    parts = auth if isinstance(auth, Mapping) else {}
    services = {name: value for name, value in parts.items() if isinstance(value, Mapping)}
    for table in (parts, *services.values()):
        hide(str(table.get("cookie_secret", "")))
        hide(str(table.get("client_secret", "")))
    providers = tuple(name for name, value in {"default": parts, **services}.items() if "client_id" in value)
    is_whole = providers and parts.get("cookie_secret") and parts.get("redirect_uri")
    check(is_whole, "[auth] in the secrets needs redirect_uri, cookie_secret and a sign-in service's client_id.")
    return providers


def _people(told: object, name: str) -> frozenset[str]:
    """Addresses as they are; domains as '@example.com', however they were written."""
    entries = _all_like(_PERSON, told, name, "addresses or domains, like ana@example.com or @example.com")
    return frozenset(entry if "@" in entry else f"@{entry}" for entry in entries)


def _all_like(pattern: re.Pattern[str], told: object, name: str, what: str) -> tuple[str, ...]:
    """The entries of a list, or of text with commas between them, in lower case."""
    parts = re.split(r"[,\s]+", told) if isinstance(told, str) else told
    entries = [str(part).strip().lower() for part in parts] if isinstance(parts, list) else ["not a list"]
    named = tuple(filter(None, entries))
    check(all(map(pattern.fullmatch, named)), f"{name} must be {what}, with commas between them.")
    return named


def yes_or_no(told: object, name: str) -> bool:
    """What a setting says that is either on or off."""
    answer = told if isinstance(told, bool) else _YES_NO.get(str(told or "no").lower())
    if answer is None:
        raise SettingsError(f"{name} must be true or false.")
    return answer


def _token(told: object) -> str | None:
    if told == "":
        return None
    hide(str(told))
    is_token = isinstance(told, str) and told.isascii() and len(told) >= 16
    check(is_token, "HEVO_STATUS_TOKEN must be text of at least 16 plain letters.")
    return str(told)
