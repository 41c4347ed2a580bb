"""Asking for runs and what became of them, in words; and our own trouble, said without a number or a class name."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

import pytest

from dashboard.times import Times
from dashboard.words import runs as words
from dashboard.words import trouble
from hevo_api.errors import HevoError
from monitor.health import Word
from monitor.known import Trouble
from monitor.now import Since
from monitor.requests import Outcome, Request, Standing
from tests.app_house import pipeline, rows_of

CLOCK = Times(UTC, 1_800_000_000.0)  # 08:00
F, H = Word.FAILED, Word.HEALTHY


def asked(standing: Standing = Standing.ASKED, **fields: Any) -> Request:
    told: dict[str, Any] = {"before": F, "answered_at": CLOCK.now - 600} | fields
    return Request("r", "7", told.pop("name", "Orders DB"), told.pop("by", None), CLOCK.now - 660, standing, **told)


def of(cause: str) -> Trouble:
    return Trouble(cause, "1a2b3c4d", CLOCK.now, CLOCK.now)


HEALTHY: dict[str, Any] = {"outcome": Outcome.HEALTHY, "outcome_at": CLOCK.now}
FAILING: dict[str, Any] = {"outcome": Outcome.FAILING, "outcome_at": CLOCK.now}
NO_CHANGE: dict[str, Any] = {"outcome": Outcome.NO_CHANGE, "outcome_at": CLOCK.now}


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (asked(Standing.ASKING), "Asking Hevo now."),
        (asked(Standing.WAITING), "Waiting for its turn."),
        (asked(), "Asked Hevo at 07:50. That does not mean it worked yet."),
        (asked(**HEALTHY), "Asked Hevo at 07:50. Healthy at 08:00."),
        (asked(**FAILING), "Asked Hevo at 07:50. Still failing at 08:00."),
        (asked(**FAILING, before=H), "Asked Hevo at 07:50. Failing at 08:00."),
        (asked(**NO_CHANGE), "Asked Hevo at 07:50. No change seen after 30 minutes."),
        (
            asked(Standing.UNCLEAR),
            "We do not know whether Hevo received the request. We are checking; please do not press again.",
        ),
    ],
)
def test_each_step_of_a_run_is_told(request_: Request, sentence: str) -> None:
    assert words.standing(request_, CLOCK) == sentence


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (asked(Standing.WAITING), "Orders DB: waiting for its turn."),
        (asked(Standing.ASKING), "Orders DB: asking Hevo now."),
        (asked(), "Orders DB: asked 07:50. That does not mean it worked yet."),
        (asked(**HEALTHY), "Orders DB: asked 07:50, healthy 08:00."),
        (asked(**FAILING), "Orders DB: asked 07:50, still failing 08:00."),
        (asked(**NO_CHANGE), "Orders DB: asked 07:50, no change seen after 30 minutes."),
        (asked(Standing.REFUSED, why="unrecorded"), f"Orders DB: not sent. {words.WHY['unrecorded']}"),
    ],
)
def test_a_line_follows_a_run_to_its_end(request_: Request, sentence: str) -> None:
    assert words.followed([request_], CLOCK) == sentence


def test_several_runs_are_summed_up_and_none_is_left_out() -> None:
    several = [asked(**HEALTHY), asked(**HEALTHY), asked(**FAILING), asked(), asked(Standing.REFUSED)]
    said = words.followed(several, CLOCK)
    assert said == (
        "5 pipelines, asked at 07:49: 2 healthy now; 1 failing; 1 asked, nothing seen yet; 1 not carried out."
    )
    for standing in Standing:
        assert "2 " in words.followed([asked(standing), asked(standing)], CLOCK).split(": ")[1]


def test_a_second_press_is_told_who_asked_and_when() -> None:
    second = asked(Standing.IGNORED, earlier_by="Anna", earlier_at=CLOCK.now - 1_800)
    assert words.standing(second, CLOCK).startswith("Not sent again: Anna asked for this run at 07:30")
    assert "somebody asked" in words.standing(asked(Standing.IGNORED, earlier_at=CLOCK.now), CLOCK)


def test_before_a_second_press_it_is_told_when_one_may_ask_again() -> None:
    said = words.lately([asked(by="Anna", answered_at=CLOCK.now - 20)], 1, CLOCK)
    assert said == "Anna asked for this run at 07:49. One a minute is enough: you can ask again at 08:00:40."
    assert "still under way" in words.lately([asked(Standing.ASKING)], 1, CLOCK)
    several = words.lately([asked(name=name) for name in "abcd"], 9, CLOCK)
    assert several == "4 of your 9 are skipped, asked a moment ago: a, b, c and 1 more."


def test_what_was_never_sent_is_told_apart_from_what_hevo_refused() -> None:
    never, refused = asked(Standing.REFUSED, why="paused"), asked(Standing.REFUSED, why="permission", status=403)
    assert words.standing(never, CLOCK) == "Not sent. This pipeline is paused. Turn it on in Hevo first."
    assert "Our key can look, but may not run pipelines." in words.standing(refused, CLOCK)
    assert "Not sent" not in words.standing(refused, CLOCK)
    assert words.answer(never).startswith("Not sent: This pipeline is paused")
    assert words.answer(refused).startswith("Refused: Our key")


@pytest.mark.parametrize("standing", Standing)
def test_the_log_tells_hevos_answer_and_what_was_seen_apart(standing: Standing) -> None:
    assert words.answer(asked(standing))
    assert words.seen(asked(Standing.ASKED, **HEALTHY), CLOCK) == "Healthy at 08:00"
    assert (words.seen(asked(standing), CLOCK) != "") == (standing in (Standing.ASKED, Standing.UNCLEAR))


def test_the_question_names_one_pipeline_and_counts_several() -> None:
    assert words.question(["Salesforce to Snowflake"]) == 'Run "Salesforce to Snowflake" now?'
    assert words.question(["a"] * 7) == "Run 7 pipelines now?"


def test_the_confirmation_tells_how_it_is_and_whether_we_still_know() -> None:
    [row] = rows_of(pipeline(health_status="FAILED"))
    failed = row.__class__(row.pipeline, row.word, Since(CLOCK.now - 11_580, CLOCK.now - 11_520))
    assert words.now(failed, True, 60.0, CLOCK) == "Now: Failed for 3 h 12 min. Checked 1 min ago."
    assert words.now(failed, False, 900.0, CLOCK) == (
        "Last known: Failed for 3 h 12 min. We cannot confirm it now. Checked 15 min ago."
    )


def test_skipped_ones_are_counted() -> None:
    assert words.skipped(2, 9).startswith("2 of your 9 are skipped: paused")
    assert words.skipped(1, 9) == "1 of your 9 is skipped: paused. Turn it on in Hevo first."


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("key", "Hevo did not accept our key. Nothing below is being updated. Ask the dashboard owner to renew it."),
        (
            "limit",
            "Hevo allows 100 requests a minute and they are used up. Next check in 23 seconds. Data from 09:12.",
        ),
        ("down", "Hevo is not answering. Last answer 09:12. Trying again in 23 seconds."),
        (
            "unreadable",
            "Hevo sent an answer we could not read. Data from 09:12. Trying again in 23 seconds. Reference 1a2b3c4d.",
        ),
    ],
)
def test_our_own_trouble_is_told_in_plain_words(cause: str, sentence: str) -> None:
    said = trouble.of_hevo(of(cause), "09:12", 23.0)
    assert said == sentence
    assert said.startswith(trouble.briefly(cause))


def test_a_key_that_may_not_look_is_told_who_must_make_it() -> None:
    assert "must be made by a Hevo account owner." in trouble.of_hevo(of("permission"), "09:12", 23.0)


def test_hevo_that_refused_our_request_is_not_said_to_be_silent() -> None:
    for cause in ("request", "gone"):
        assert "not answering" not in trouble.of_hevo(of(cause), "09:12", 23.0)


def test_the_limit_is_named_as_it_was_set() -> None:
    assert "Hevo allows 50 requests a minute" in trouble.of_hevo(of("limit"), "09:12", 5, limit=50)


def test_whom_to_ask_is_named_where_the_owner_said_so() -> None:
    assert trouble.briefly("key", contact="Ana").endswith("Ask Ana to renew it.")


@pytest.mark.parametrize("cause", sorted({kind.cause for kind in HevoError.__subclasses__()}))
@pytest.mark.parametrize("answered", ["09:12", None])
@pytest.mark.parametrize("next_try", [23.0, 0.4, 0.0, None])
def test_no_trouble_shows_a_status_a_class_or_a_count_of_nothing(
    cause: str, answered: str | None, next_try: float | None
) -> None:
    sentence = trouble.of_hevo(of(cause), answered, next_try)
    assert not re.search(r"\b[2345]\d\d\b|HTTP|Error|Exception|None| 0 seconds|  ", sentence)
    assert sentence.endswith(".")


@pytest.mark.parametrize("problem", ["unwritable", "newer", "away", "whatever comes"])
def test_a_store_that_fails_is_told_in_a_sentence(problem: str) -> None:
    assert re.fullmatch(
        r"(What we see now is not being kept|We cannot reach our own records)\..*", trouble.of_store(problem, "09:12")
    )
