"""The owner's addresses are read as strictly as every other setting, and nothing of them is shown."""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest

from monitor.access import SettingsError
from monitor.catalog import UNOWNED, Owned, Report, Team
from monitor.events import USUAL, Kind
from monitor.masking import masked
from monitor.webhooks import Hook, read_hooks
from tests.hooks_house import KEY, SECRET

WEB = {"HEVO_WEBHOOK_SECRET": SECRET}


def one(table: dict[str, Any]) -> Hook:
    [hook] = read_hooks({}, {"webhooks": [{"secret": SECRET, **table}]})
    return hook


def test_addresses_come_from_the_environment_and_the_secrets() -> None:
    environ = {**WEB, "HEVO_WEBHOOKS": "https://a.example/1, https://b.example/2", "HEVO_NOTIFY": "json://127.0.0.1/x"}
    tables = [{"address": "http://127.0.0.1:8766/webhook"}, {"apprise": "json://127.0.0.1/y", "events": ["run.*"]}]
    hooks = read_hooks(environ, {"webhooks": tables})
    assert [hook.shown for hook in hooks] == [
        *("https://a.example/…", "https://b.example/…", "json", "http://127.0.0.1:8766/…", "json"),
    ]
    assert [hook.key for hook in hooks] == [KEY, KEY, None, KEY, None]
    assert hooks[0].events == USUAL
    assert hooks[4].events == {Kind.REQUESTED, Kind.FINISHED}
    assert read_hooks({}, {}) == ()


@pytest.mark.parametrize(
    "address",
    [
        *("http://example.com/hook", "ftp://example.com", "https://", "hook", "http://127.0.0.1.example.com/"),
        *("https://example.com:99999/", "https://exämple.com/", "file:///etc/passwd", "http://10.0.0.1/"),
    ],
)
def test_an_address_is_https_or_on_this_machine(address: str) -> None:
    with pytest.raises(SettingsError, match="must be an https address") as error:
        read_hooks({**WEB, "HEVO_WEBHOOKS": address}, {})
    assert address not in str(error.value)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", SECRET[6:], "whsec_" + "QUJD" * 40])
def test_an_address_needs_a_secret_that_is_one(secret: str) -> None:
    with pytest.raises(SettingsError, match="needs a secret") as error:
        read_hooks({"HEVO_WEBHOOKS": "https://a.example/", "HEVO_WEBHOOK_SECRET": secret}, {})
    assert len(secret) < 8 or secret not in str(error.value)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "either an address or apprise"),
        ({"address": "https://a.example", "apprise": "json://a"}, "either an address or apprise"),
        ({"adress": "https://a.example"}, "do not know: adress"),
        ({"address": 7}, "must be text"),
        ({"address": "https://a.example", "events": "pipeline.failed"}, "list of texts"),
        ({"address": "https://a.example", "events": ["pipeline.broken"]}, "events of .* must be some of: pipeline"),
        ({"address": "https://a.example", "teams": [1]}, "teams of .* list of texts"),
        ({"address": "https://a.example", "after": "soon"}, 'like "10 min"'),
        ({"address": "https://a.example", "after": "25 h"}, "at most a day"),
        ({"address": "https://a.example", "after": 10}, 'like "10 min"'),
        ({"apprise": "nonsense"}, "Apprise does not know"),
    ],
)
def test_a_mistake_in_a_table_is_named_with_its_place(table: dict[str, Any], said: str) -> None:
    good = {"address": "https://b.example", "secret": SECRET}
    with pytest.raises(SettingsError, match=said) as error:
        read_hooks({}, {"webhooks": [good, {"secret": SECRET, **table}]})
    assert "number 2" in str(error.value)


@pytest.mark.parametrize("tables", ["https://a.example", {"address": "https://a.example"}, ["https://a.example"]])
def test_tables_stand_in_a_list(tables: object) -> None:
    with pytest.raises(SettingsError, match="two pairs of brackets"):
        read_hooks({}, {"webhooks": tables})


def test_an_address_is_named_once_and_there_are_not_too_many() -> None:
    with pytest.raises(SettingsError, match="twice"):
        read_hooks({**WEB, "HEVO_WEBHOOKS": "https://a.example, https://a.example"}, {})
    with pytest.raises(SettingsError, match="more than 20"):
        read_hooks({**WEB, "HEVO_WEBHOOKS": ",".join(f"https://{number}.example" for number in range(21))}, {})


@pytest.mark.parametrize(("after", "seconds"), [("10 min", 600), ("90s", 90), ("2 h", 7_200), ("", 0)])
def test_after_is_a_length_of_time(after: str, seconds: float) -> None:
    assert one({"address": "https://a.example", "after": after}).after == seconds


def test_after_may_be_set_for_every_address_at_once() -> None:
    environ = {**WEB, "HEVO_WEBHOOKS": "https://a.example", "HEVO_NOTIFY": "json://a", "HEVO_WEBHOOK_AFTER": "10 min"}
    own = {"address": "https://b.example", "after": "1 h 30 min"}
    assert [hook.after for hook in read_hooks(environ, {"webhooks": [own]})] == [600, 600, 5_400]
    with pytest.raises(SettingsError, match="after of HEVO_WEBHOOKS must be like"):
        read_hooks({**environ, "HEVO_WEBHOOK_AFTER": "soon"}, {})


SALES, OPS = Team("sales", "Sales desk", None), Team("ops", "Operations", None)
MONTH = Report(1, "month", "Month end", None, OPS, ())


@pytest.mark.parametrize(
    ("table", "owned", "wanted"),
    [
        ({"teams": ["SALES"]}, Owned(team=SALES), True),
        ({"teams": ["sales desk"]}, Owned(team=SALES), True),
        ({"teams": ["sales"]}, Owned(team=OPS), False),
        ({"teams": ["ops"]}, Owned(team=SALES, reports=(MONTH,)), True),
        ({"reports": ["Month end"]}, Owned(reports=(MONTH,)), True),
        ({"reports": ["month"]}, UNOWNED, False),
        ({"teams": ["sales"], "reports": ["month"]}, Owned(reports=(MONTH,)), True),
    ],
)
def test_an_address_may_want_the_pipelines_of_teams_or_reports_alone(
    table: dict[str, Any], owned: Owned, wanted: bool
) -> None:
    hook = one({"address": "https://a.example", **table})
    assert hook.wants(Kind.FAILED, owned) is wanted
    assert hook.wants(Kind.UNCONFIRMED, None)  # that concerns everybody


def test_all_that_may_be_secret_in_an_address_is_hidden() -> None:
    read_hooks(
        {
            "HEVO_WEBHOOK_SECRET": SECRET,
            "HEVO_WEBHOOKS": "https://user:pass-word@a.example/services/T0ABCDEFG/in?key=query-secret",
            "HEVO_NOTIFY": "mailtos://robot:mail-pass@example.com?to=ana@example.com",
        },
        {},
    )
    for secret in ("pass-word", "T0ABCDEFG", "query-secret", "mail-pass", SECRET, "/services/T0ABCDEFG/in"):
        assert secret not in masked(f"before {secret} after")
    assert masked("pipeline of a.example") == "pipeline of a.example"


def test_a_hook_shows_nothing_of_its_address_or_secret(caplog: pytest.LogCaptureFixture) -> None:
    hook = Hook("https://user:pass-word@a.example:8443/secret-place", KEY)
    logging.getLogger("monitor").warning("%r", hook)
    assert hook.shown == "https://a.example:8443/…"
    for secret in ("pass-word", "secret-place", base64.b64encode(KEY).decode(), KEY.decode()):
        assert secret not in f"{hook!r} {hook.shown} {hook.id} {caplog.text}"
