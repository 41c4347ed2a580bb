"""Which account this session looks at: the owner's, a person's own, or the embedded sandbox when nothing is set."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from dashboard import addresses, sample
from dashboard.words.events import sentence
from monitor.access import Access, SettingsError, read_access
from monitor.account import Account
from monitor.catalog import SAMPLE, CatalogFile
from monitor.clock import Clock
from monitor.masking import hide_while
from monitor.settings import PROJECT, Settings, read_settings
from monitor.store import Store
from monitor.webhooks import Webhooks

_OWN = "own_account"
_shared: dict[Settings, Account] = {}
_stores: list[Store] = []
_catalogs: dict[Path, CatalogFile] = {}
_starting = threading.Lock()


def settings() -> Settings:
    """The owner's settings, read afresh; SettingsError with a sentence when one is wrong, or a library is missing."""
    chosen = read_settings(os.environ, _secrets())
    if chosen.access.providers and not find_spec("authlib"):
        raise SettingsError("Sign-in is set up, but its library is missing. Install requirements-auth.txt.")
    return chosen


def access() -> Access:
    """Only who may look and run, read afresh; SettingsError with a sentence when that is wrong."""
    return read_access(os.environ, _secrets())


def _secrets() -> Mapping[str, Any]:
    """Streamlit's secrets. A file that is there but cannot be read is an error: it may hold the wall around us."""
    try:
        return {name: st.secrets[name] for name in st.secrets}
    except StreamlitSecretNotFoundError:
        if not any(map(os.path.lexists, st.get_option("secrets.files"))):
            return {}
    except (OSError, ValueError):
        pass
    raise SettingsError("The secrets file cannot be read. Check who may read it, and how it is written.")


def account(chosen: Settings) -> Account:
    """The person's own account if this tab connected one, else the one that all viewers share."""
    own = st.session_state.get(_OWN)
    return own if isinstance(own, Account) else shared_account(chosen)


def is_sample(chosen: Settings) -> bool:
    """True when what is shown comes from the embedded sandbox."""
    return chosen.sample and not has_own()


def shared_account(chosen: Settings) -> Account:
    """The account that all viewers share, started by the first who needs it.

    It is kept here and not in Streamlit's caches: any tab may send a message that empties those for everybody.
    """
    with _starting:
        if chosen not in _shared:
            _shared[chosen] = _started(chosen)
        return _shared[chosen]


def started_account(chosen: Settings) -> Account | None:
    """The same at once, even while it is being started; None when nobody has needed it yet."""
    return _shared.get(chosen)


def close_all(wait: float = 0.0) -> None:
    """Closes all shared accounts and their stores, within `wait` seconds; whoever comes next starts anew."""
    until = time.monotonic() + wait
    with _starting:
        while _shared:
            _shared.popitem()[1].close(max(0.0, until - time.monotonic()))
        while _stores:
            _stores.pop().close()


def catalog(chosen: Settings) -> CatalogFile:
    """What the owner wrote about the account; the sample data has a catalogue of its own."""
    own = SAMPLE if chosen.sample else PROJECT / "catalog.toml"
    return _catalogs.setdefault(chosen.catalog or own, CatalogFile(chosen.catalog or own, chosen.catalog is not None))


def _started(chosen: Settings) -> Account:
    """The owner's account, or that of the sample data, which nobody watches unseen and which tells no address."""
    store, known = _store(chosen), catalog(chosen)
    told = None if chosen.sample else Webhooks(chosen.hooks, sentence, partial(addresses.public, chosen.access))
    return Account(
        sample.start(store, known.current()).client() if chosen.sample else chosen.client(),
        store,
        name=sample.NAME if chosen.sample else None,
        interval=chosen.interval,
        unwatched=0.0 if chosen.sample else chosen.watch_seconds,
        keep_days=chosen.keep_days,
        zone=ZoneInfo(chosen.time_zone),
        catalog=known,
        freshness=chosen.freshness,
        webhooks=told,
    )


def _store(chosen: Settings) -> Store:
    """The owner's database or file; the sample data, whose past is written too, always has a file."""
    clock, url = Clock(), None if chosen.sample else chosen.database_url
    try:
        _stores.append(Store.in_database(url, clock) if url else Store.in_folder(chosen.data_dir, clock))
    except ValueError as wrong:
        raise SettingsError(str(wrong)) from None
    return _stores[-1]


def has_own() -> bool:
    """True when this tab looks at an account of its own."""
    return _OWN in st.session_state


def connect_own(chosen: Settings, region: str, api_key: str, api_secret: str) -> Account:
    """A person's own account, for this tab only: nothing of it is kept on disk or shared.

    Raises ValueError, which never repeats the key, when one of the three cannot be right.
    """
    client = replace(chosen, api_key=api_key, api_secret=api_secret, region=region, base_url=None).client()
    own = Account(client, Store.in_memory(Clock()), interval=chosen.interval, zone=ZoneInfo(chosen.time_zone))
    hide_while(own, api_key, api_secret)
    disconnect_own()
    st.session_state[_OWN] = own
    return own


def disconnect_own() -> None:
    """Back to the shared account; the own key is forgotten with its account."""
    own = st.session_state.pop(_OWN, None)
    if isinstance(own, Account):
        own.close()
