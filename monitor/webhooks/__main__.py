"""`python -m monitor.webhooks test` sends a sample event to each address; `secret` makes a secret to sign with."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
import tomllib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path

from monitor.access import SettingsError
from monitor.events import Event, Kind
from monitor.store.outbox import Letter
from monitor.webhooks.delivery import deliver
from monitor.webhooks.hooks import Hook, read_hooks

SECRETS = Path(".streamlit/secrets.toml")


def main(arguments: Sequence[str]) -> int:
    """Sends a sample event to each address: 0 when all took it, 1 when one did not, 2 when asked wrongly."""
    if list(arguments) == ["secret"]:
        sys.stdout.write(f"whsec_{b64encode(secrets.token_bytes(32)).decode()}\n")
        return 0
    if list(arguments) != ["test"]:
        sys.stderr.write("usage: python -m monitor.webhooks test | secret\n")
        return 2
    try:
        hooks = read_hooks(os.environ, _secrets())
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if not hooks:
        sys.stdout.write("No address is set: HEVO_WEBHOOKS, HEVO_NOTIFY, or [[webhooks]] in the secrets.\n")
    taken = [_takes_a_sample(hook) for hook in hooks]
    return 0 if all(taken) else 1


def _takes_a_sample(hook: Hook) -> bool:
    """Sends a sample event, and says how it went."""
    event = Event(Kind.TEST, round(time.time() * 1000))
    sentence = "This is a test: the dashboard's webhooks reach you."
    letter = Letter(f"msg_{secrets.token_hex(16)}", event.at, json.dumps(event.body(sentence, None)))
    began = time.monotonic()
    [result] = deliver(hook, [letter])
    sys.stdout.write(f"{hook.shown}  {result.said or 'took it'}  ({time.monotonic() - began:.1f} s)\n")
    return result.said is None


def _secrets() -> Mapping[str, object]:
    """Streamlit's secrets of this project, if there are any."""
    try:
        return tomllib.loads(SECRETS.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise SettingsError("The secrets file cannot be read. Check who may read it, and how it is written.") from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
