"""Who may look and who may run: exact, verified, and nobody by mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import sign_in
from monitor import Access, SettingsError, read_settings
from monitor.access import address, read_access
from sandbox import Sandbox
from tests.app_house import Screen
from tests.conftest import settings_for

AUTH = {
    "redirect_uri": "https://dash.example.com/oauth2callback",
    "cookie_secret": "a cookie's secret, which is long",
    "client_id": "dashboard",
    "client_secret": "the client's secret",
    "server_metadata_url": "https://sign-in.example.com/.well-known/openid-configuration",
}
LETTERS = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="*@,")
NAMES = st.text(LETTERS, min_size=1, max_size=12)
DOMAINS = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z]{2,5}){1,2}", fullmatch=True)


def claims(email: object, verified: object = True, signed_in: object = True) -> dict[str, object]:
    return {"is_logged_in": signed_in, "email": email, "email_verified": verified}


def access(**rules: Any) -> Access:
    return read_access({}, {"auth": AUTH, "dashboard": rules})


def refusal(environ: dict[str, str], secrets: dict[str, Any]) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(environ, secrets)
    return str(caught.value)


@given(NAMES, DOMAINS)
def test_whoever_is_named_may_look_in_whatever_case(name: str, domain: str) -> None:
    email = f"{name}@{domain}"
    for written in (email, email.upper(), email.title()):
        assert access(viewers=[email]).may_look(claims(written))
        assert access(viewers=[written.lower()]).may_look(claims(email))
        assert access(viewers=[f"@{domain}"]).may_look(claims(written))
        assert access(viewers=[domain]).may_look(claims(written))


@given(NAMES, DOMAINS, st.text(min_size=1, max_size=5))
def test_nothing_that_only_resembles_a_named_address_may_look(name: str, domain: str, more: str) -> None:
    email, rules = f"{name}@{domain}".lower(), access(viewers=[f"{name}@{domain}"])
    for other in (
        email + more,
        more + email,
        f"{name}{more}@{domain}",
        f"{name}@{more}{domain}",
        f"{name}@sub.{domain}",
    ):
        assert other.lower() == email or not rules.may_look(claims(other))
    assert not access(viewers=[domain]).may_look(claims(f"{name}@sub.{domain}"))
    assert not access(viewers=[domain]).may_look(claims(f"{name}@{domain}@{more}"))


@given(st.text() | st.none() | st.integers() | st.lists(st.text()))
def test_no_odd_address_is_let_in_by_an_empty_list(email: object) -> None:
    assert not access().may_look(claims(email))
    assert not access(viewers=["@example.com"], operators=[]).may_run(claims(email))


@pytest.mark.parametrize("verified", [False, None, 1, "true", "True", [True]])
def test_only_an_address_verified_outright_counts(verified: object) -> None:
    assert address(claims("ana@example.com", verified=verified)) is None
    assert address(claims("ana@example.com", signed_in=verified)) is None
    assert address({"is_logged_in": True, "email": "ana@example.com"}) is None
    assert address(claims("Ana@Example.com")) == "ana@example.com"


@pytest.mark.parametrize(
    "email",
    ["ana@e\u212aample.com", "ana@example.com\n", " ana@example.com", "ana@", "@example.com", "a b@example.com"],
)
def test_an_address_that_could_be_taken_for_another_is_none(email: str) -> None:
    assert address(claims(email)) is None


def test_who_may_run_must_be_allowed_to_look_too() -> None:
    rules = access(viewers="@example.com", operators="ana@example.com, @other.org")
    assert rules.may_run(claims("ANA@example.com"))
    assert not rules.may_run(claims("ben@example.com"))
    assert not rules.may_run(claims("eve@other.org"))
    assert not access(viewers="@example.com", operators="@example.com", read_only=True).may_run(
        claims("ana@example.com")
    )


def test_without_sign_in_everybody_may_look_and_run_unless_read_only() -> None:
    assert read_access({}, {}).may_look({})
    assert read_access({}, {}).may_run({})
    read_only = read_access({"HEVO_READ_ONLY": "True"}, {})
    assert read_only.may_look({})
    assert not read_only.may_run({})


def test_the_environment_wins_over_the_secrets() -> None:
    rules = read_access({"HEVO_VIEWERS": "ana@example.com"}, {"auth": AUTH, "dashboard": {"viewers": ["ben@x.org"]}})
    assert rules.viewers == {"ana@example.com"}


@pytest.mark.parametrize(
    ("environ", "secrets", "named"),
    [
        ({"HEVO_VIEWERS": "ana@example.com"}, {}, "[auth]"),
        ({"HEVO_OPERATORS": "ana@example.com"}, {}, "[auth]"),
        ({}, {"auth": {}}, "[auth]"),
        ({}, {"auth": "yes"}, "[auth]"),
        ({}, {"auth": {**AUTH, "cookie_secret": ""}}, "[auth]"),
        ({}, {"auth": AUTH, "dashboard": {"viewers": ["*"]}}, "HEVO_VIEWERS"),
        ({}, {"auth": AUTH, "dashboard": {"viewers": ["*@example.com"]}}, "HEVO_VIEWERS"),
        ({}, {"auth": AUTH, "dashboard": {"viewers": {"ana@example.com": True}}}, "HEVO_VIEWERS"),
        ({}, {"dashboard": {"readonly": True}}, "readonly"),
        ({}, {"dashboard": "read_only"}, "[dashboard]"),
        ({"HEVO_READ_ONLY": "maybe"}, {}, "HEVO_READ_ONLY"),
        ({"HEVO_PUBLIC_HOST": "https://dash.example.com"}, {}, "HEVO_PUBLIC_HOST"),
        ({"HEVO_EMBED_HOSTS": "https://x.org; script-src *"}, {}, "HEVO_EMBED_HOSTS"),
        ({"HEVO_EMBED_HOSTS": "*"}, {}, "HEVO_EMBED_HOSTS"),
        ({"HEVO_STATUS_TOKEN": "short"}, {}, "HEVO_STATUS_TOKEN"),
    ],
)
def test_a_rule_that_cannot_be_meant_closes_the_dashboard(
    environ: dict[str, str], secrets: dict[str, Any], named: str
) -> None:
    assert named in refusal(environ, secrets)


def test_a_new_rule_is_no_new_account() -> None:
    rules = {"dashboard": {"read_only": True}}
    assert read_settings({}, rules) == read_settings({}, {})
    assert hash(read_settings({}, rules)) == hash(read_settings({}, {}))


@pytest.fixture
def tab(settings: Callable[..., None], hevo: Sandbox) -> Screen:
    """A signed-in person's tab; who it is and what the rules are, the tests say."""
    settings(**settings_for(hevo, 60))
    screen = Screen()
    screen.app.secrets = {"auth": AUTH, "dashboard": {"viewers": ["@example.com"], "operators": ["ana@example.com"]}}
    screen.app.user = claims("ana@example.com")
    return screen


def posts(hevo: Sandbox) -> int:
    return sum(arrival.method == "POST" for arrival in hevo.arrivals)


@pytest.mark.parametrize("page", ["overview", "pipelines", "history", "run", "guide"])
@pytest.mark.parametrize(
    "user", [{"is_logged_in": False}, {}, claims("eve@other.org"), claims("ben@example.com", False)]
)
def test_no_page_touches_data_for_who_may_not_look(tab: Screen, hevo: Sandbox, page: str, user: dict[str, Any]) -> None:
    tab.app.user = user
    tab.open(page)
    assert "screen" not in tab.app.session_state
    assert not tab.app.dataframe
    assert hevo.arrivals == []
    assert tab.title in ("Hevo pipelines", "You may not look at this dashboard")


def test_the_guide_says_who_may_run(tab: Screen) -> None:
    assert "You may run pipelines." in tab.open("guide").text
    tab.app.user = claims("ben@example.com")
    assert "You can look, but not run. Ask ana@example.com." in tab.open("guide").text
    tab.app.secrets = {"dashboard": {"read_only": True}}
    assert "nobody may run pipelines" in tab.open("guide").text
    tab.app.secrets = {"other": {}}
    assert "everybody who can open this dashboard may also run" in tab.open("guide").text


def test_the_log_says_who_asked(tab: Screen, hevo: Sandbox) -> None:
    pipeline_id = str(hevo.fleet.ids[0])
    hevo.fleet.pin(int(pipeline_id), status="ACTIVE", health_status="FAILED")
    tab.open("run")
    tab.app.session_state["confirming"] = [pipeline_id]
    tab.draw().press("Run pipeline")
    assert [asked.by for asked in tab.account.now(watching=False).requests] == ["ana@example.com"]
    assert posts(hevo) <= 1


def test_the_right_to_run_is_asked_again_in_the_action_itself(tab: Screen, hevo: Sandbox) -> None:
    pipeline_id = hevo.fleet.ids[0]
    hevo.fleet.pin(pipeline_id, status="ACTIVE", health_status="FAILED")
    tab.open("run")
    tab.app.session_state["confirming"] = [str(pipeline_id)]
    tab.draw()
    tab.app.user = claims("ben@example.com")  # the button was drawn for ana; now it is pressed by ben
    tab.press("Run pipeline")
    assert tab.account.now(watching=False).requests == ()
    assert posts(hevo) == 0
    assert "You can look, but not run. Ask ana@example.com." in tab.text


def test_who_signs_out_is_out_in_every_tab_at_its_next_glance(tab: Screen) -> None:
    """Streamlit's sessions know a person until they end: the cookie is gone, but the other tabs' sessions live on."""
    other = Screen()
    tab.app.user = claims("ana@example.com") | {"iat": 1_700_000_000}
    other.app.secrets, other.app.user = tab.app.secrets, dict(tab.app.user)
    assert other.open("run").title == "Run"
    sign_in.leave(dict(tab.app.user))
    for screen in (tab, other):
        assert screen.draw().title == "Hevo pipelines"
        assert not screen.app.dataframe
        assert "Sign in" in screen.text
    other.app.user = claims("ana@example.com") | {"iat": 1_800_000_000}  # came in again, in one of them
    assert other.draw().title == "Run"


@given(st.dictionaries(st.sampled_from(["sub", "iss", "nonce", "name"]), st.text()), st.integers())
def test_only_this_sign_in_is_ended(told: dict[str, Any], at: int) -> None:
    ended = told | {"is_logged_in": True, "iat": at}
    sign_in.leave(ended)
    assert sign_in.has_left(ended)
    assert not sign_in.has_left(ended | {"iat": f"after {at}"})


def test_whoever_is_not_signed_in_or_cannot_be_told_apart_from_a_later_visit_cannot_leave() -> None:
    for told in ({"is_logged_in": False, "iat": "never left before"}, {"is_logged_in": True, "sub": "ana"}):
        sign_in.leave(told)
        assert not sign_in.has_left(told)


def test_sign_outs_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "MOST_LEFT", 3)
    for number in range(9):
        sign_in.leave({"is_logged_in": True, "iat": number})
    left = [sign_in.has_left({"is_logged_in": True, "iat": number}) for number in range(5, 9)]
    assert left == [False, True, True, True]
