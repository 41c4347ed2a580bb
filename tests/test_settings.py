"""The owner's settings: whole or refused, and no secret in what is said about them."""

import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hevo_api import REGIONS
from monitor import Settings, SettingsError, read_settings
from monitor.masking import masked

KEY, SECRET = "a-key-of-ours", "the-secret-of-ours"
WHOLE = {"HEVO_API_KEY": KEY, "HEVO_API_SECRET": SECRET}


def refusal(environ: dict[str, str], secrets: dict[str, Any] | None = None) -> str:
    """The sentence with which settings are refused; fails if anything about the error tells a value."""
    with pytest.raises(SettingsError) as caught:
        read_settings(environ, secrets or {})
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert KEY not in told
    assert SECRET not in told
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return str(caught.value)


def test_nothing_set_opens_the_sample_data() -> None:
    settings = read_settings(
        {"PATH": "/bin", "HEVO_API_KEY": "", "HEVO_REFRESH_SECONDS": ""}, {"other": {"api_key": "x"}}
    )
    assert settings.sample
    assert settings == Settings()
    assert settings.interval == 60
    assert settings.data_dir.name == ".data"
    assert settings.data_dir.parent == Path(__file__).resolve().parent.parent


def test_the_environment_names_an_account() -> None:
    settings = read_settings({**WHOLE, "HEVO_REGION": " EU "}, {})
    assert not settings.sample
    assert (settings.api_key, settings.api_secret, settings.region) == (KEY, SECRET, "eu")


def test_the_secrets_name_an_account() -> None:
    secrets = {"hevo": {"api_key": KEY, "api_secret": SECRET, "region": "asia"}}
    settings = read_settings({"HEVO_BASE_URL": "http://127.0.0.1:8765"}, secrets)
    assert (settings.api_key, settings.region) == (KEY, "asia")
    assert settings.base_url == "http://127.0.0.1:8765"


def test_the_environment_wins_as_a_set() -> None:
    secrets = {"hevo": {"api_key": "other", "api_secret": "another", "region": "asia"}}
    settings = read_settings(WHOLE, secrets)
    assert (settings.api_key, settings.api_secret, settings.region) == (KEY, SECRET, "us")


@pytest.mark.parametrize("part", ["HEVO_API_KEY", "HEVO_API_SECRET"])
def test_a_key_is_never_completed_from_the_other_place(part: str) -> None:
    secrets = {"hevo": {"api_key": "other", "api_secret": "another"}}
    missing = ({"HEVO_API_KEY", "HEVO_API_SECRET"} - {part}).pop()
    assert missing in refusal({part: WHOLE[part]}, secrets)


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"HEVO_API_KEY": KEY}, "HEVO_API_SECRET"),
        ({"HEVO_API_SECRET": SECRET}, "HEVO_API_KEY"),
        ({"HEVO_REGION": "eu"}, "HEVO_API_KEY"),
        ({"HEVO_BASE_URL": "https://eu.hevodata.com"}, "HEVO_BASE_URL"),
        ({**WHOLE, "HEVO_API_KEY": "  "}, "HEVO_API_KEY"),
        ({**WHOLE, "HEVO_API_SECRET": "\t\n"}, "HEVO_API_SECRET"),
        ({**WHOLE, "HEVO_API_KEY": f"{KEY}:x"}, "HEVO_API_KEY"),
        ({**WHOLE, "HEVO_API_KEY": f"{KEY}é"}, "HEVO_API_KEY"),
        ({**WHOLE, "HEVO_API_SECRET": f"{SECRET}\x00"}, "HEVO_API_SECRET"),
        ({**WHOLE, "HEVO_API_SECRET": f"{SECRET}\udcff"}, "HEVO_API_SECRET"),  # a byte that is no text
        ({**WHOLE, "HEVO_STATUS_TOKEN": f"{SECRET}\udcff"}, "HEVO_STATUS_TOKEN"),
        ({**WHOLE, "HEVO_REGION": SECRET}, "HEVO_REGION"),
    ],
)
def test_a_half_filled_or_wrong_account_is_named(environ: dict[str, str], named: str) -> None:
    assert named in refusal(environ)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"api_key": KEY}, "api_secret"),
        ({"api_secret": SECRET}, "api_key"),
        ({"region": "eu"}, "api_key"),
        ({"api_key": 12345, "api_secret": SECRET}, "api_key"),
        ({"api_key": KEY, "api_secret": SECRET, "region": "moon"}, "region"),
        (KEY, "[hevo]"),
    ],
)
def test_what_is_wrong_in_the_secrets_is_named_by_its_name_there(table: Any, named: str) -> None:
    sentence = refusal({}, {"hevo": table})
    assert named in sentence
    assert "secrets" in sentence


def test_an_unknown_region_is_told_the_known_ones() -> None:
    sentence = refusal({**WHOLE, "HEVO_REGION": "moon"})
    assert all(region in sentence for region in REGIONS)


@pytest.mark.parametrize(
    "address",
    [
        "http://eu.hevodata.com",
        "https://hevodata.com.evil.example",
        "https://evil.example/hevodata.com",
        "https://user@eu.hevodata.com",
        "https://127.0.0.1",
        "http://10.0.0.1",
        "ftp://eu.hevodata.com",
        "http://127.0.0.1:port",
        "http://127.0.0.1.evil.example",
        "eu.hevodata.com",
        "http://[::1",
    ],
)
def test_the_key_is_sent_nowhere_but_to_hevo_and_this_machine(address: str) -> None:
    assert "HEVO_BASE_URL" in refusal({**WHOLE, "HEVO_BASE_URL": address})


@pytest.mark.parametrize(
    "address", ["https://eu.hevodata.com/api/public/v2.0", "http://localhost:1", "http://127.0.0.1:80/x"]
)
def test_an_address_of_ones_own_is_taken(address: str) -> None:
    assert read_settings({**WHOLE, "HEVO_BASE_URL": address}, {}).base_url == address


@pytest.mark.parametrize("seconds", ["4.9", "0", "-60", "nan", "inf", "1e400", "soon", " ", "5;drop", "9" * 400])
def test_a_wrong_interval_is_refused(seconds: str) -> None:
    assert "HEVO_REFRESH_SECONDS" in refusal({"HEVO_REFRESH_SECONDS": seconds})


@pytest.mark.parametrize("number", ["9", "nan", "inf", "50.5", "many"])
def test_a_wrong_number_of_requests_is_refused(number: str) -> None:
    assert "HEVO_REQUESTS_PER_MINUTE" in refusal({"HEVO_REQUESTS_PER_MINUTE": number})


def test_the_other_settings_are_read() -> None:
    settings = read_settings(
        {"HEVO_REFRESH_SECONDS": " 5 ", "HEVO_REQUESTS_PER_MINUTE": "60", "HEVO_DATA_DIR": "/somewhere"}, {}
    )
    assert (settings.interval, settings.requests_per_minute) == (5.0, 60)
    assert settings.data_dir == Path("/somewhere")


@pytest.mark.parametrize("folder", ["~nobody-of-this-name/x", "~nobody-of-this-name"])
def test_a_home_that_nobody_has_is_a_sentence(folder: str) -> None:
    sentence = refusal({"HEVO_DATA_DIR": folder})
    assert "HEVO_DATA_DIR" in sentence
    assert "nobody-of-this-name" not in sentence


def test_ones_own_home_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ana")
    assert read_settings({"HEVO_DATA_DIR": "~/x"}, {}).data_dir == Path("/home/ana/x")


@pytest.mark.parametrize(
    ("environ", "secrets"),
    [
        ({"HEVO_API_KEY": "read-k", "HEVO_API_SECRET": "read-s"}, {}),
        ({"HEVO_API_KEY": "half-k"}, {}),
        ({"HEVO_API_KEY": " bad-k:x ", "HEVO_API_SECRET": "bad-s"}, {}),
        ({}, {"hevo": {"api_key": "table-k", "api_secret": 1234567}}),
        ({"HEVO_STATUS_TOKEN": "a-token-that-is-read"}, {}),
        ({"HEVO_STATUS_TOKEN": "too-short"}, {}),
        ({}, {"auth": {"cookie_secret": "cookie-s", "okta": {"client_secret": "client-s"}}}),
    ],
)
def test_whatever_secret_is_read_is_hidden_from_the_log(environ: dict[str, str], secrets: dict[str, Any]) -> None:
    with suppress(SettingsError):
        read_settings(environ, secrets)
    tables = [environ, *secrets.values(), *secrets.get("auth", {}).values()]
    values = [str(value).strip() for table in tables if isinstance(table, dict) for value in table.values()]
    told = [value for value in values if not value.startswith("{")]
    assert told
    assert not [value for value in told if value in masked(" ".join(told))]


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(read_settings(WHOLE, {}))
    assert KEY not in shown
    assert SECRET not in shown


@pytest.mark.parametrize("contact", ["mailto:desk@example.com", "https://wiki.example.com/hevo", "#data-desk on Slack"])
def test_whom_to_ask_may_be_an_address_or_plain_text(contact: str) -> None:
    assert read_settings({"HEVO_CONTACT": f" {contact} "}, {}).contact == contact
    assert read_settings({}, {}).contact is None


@pytest.mark.parametrize("contact", ["javascript:alert(1)", "mailto:nobody", "x" * 201, "two\nlines", "http:/x"])
def test_a_contact_that_is_neither_is_refused(contact: str) -> None:
    with pytest.raises(SettingsError, match="HEVO_CONTACT"):
        read_settings({"HEVO_CONTACT": contact}, {})
