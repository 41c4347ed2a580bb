"""Asking for runs, and what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dashboard.times import Times, ago
from dashboard.words import states
from dashboard.words.text import counted, large, listed, one_line, small
from monitor.health import Word
from monitor.now import Row
from monitor.requests import Outcome, Request, Standing

ASKED = "That does not mean it worked yet."
RUN_MEANS = (
    "Hevo will fetch new and changed data now instead of waiting for the next planned time. "
    "The schedule stays as it is. If it is already running, Hevo ignores this request. It cannot be stopped from here."
)
NOTHING_YET = "Nothing was asked from here so far."
UNCLEAR = "We do not know whether Hevo received the request. We are checking; please do not press again."
WHY = {
    "unlisted": "This pipeline was not in Hevo's last answer, so nothing was sent.",
    "paused": "This pipeline is paused. Turn it on in Hevo first.",
    "full": "Too many runs are waiting already. Try again when they are done.",
    "unrecorded": "What is asked cannot be written down right now, so nothing is sent.",
    "no room": "Hevo's limit left no room for an hour, so this was not sent.",
    "left behind": "The dashboard stopped before this was sent, and it waited too long since.",
    "no answer": "Hevo did not answer the runs before this one, so it was not sent.",
    "stopped": "The dashboard stopped before this was sent.",
    "key": "Hevo did not accept our key.",
    "permission": "Our key can look, but may not run pipelines. It must be made by a Hevo account owner.",
    "gone": "This pipeline no longer exists in Hevo.",
    "request": "Hevo did not understand our request.",
    "limit": "Hevo's requests of this minute are used up. It goes out when there is room again.",
    "down": "Hevo is not answering.",
}


def question(names: list[str]) -> str:
    """The question over the confirmation."""
    return f'Run "{one_line(names[0], 60)}" now?' if len(names) == 1 else f"Run {counted(len(names))} now?"


def now(row: Row, confirmed: bool, age: float | None, clock: Times) -> str:
    """'Now: Failed for 3 h 12 min. Checked 1 min ago.'"""
    said = states.for_how_long(row, clock)
    checked = "" if age is None else f" Checked {ago(age)}."
    return f"Now: {said}.{checked}" if confirmed else f"Last known: {said}. We cannot confirm it now.{checked}"


def skipped(paused: int, chosen: int) -> str:
    """'2 of your 9 are skipped: paused'"""
    verb, what = ("is", "it") if paused == 1 else ("are", "them")
    return f"{paused} of your {chosen} {verb} skipped: paused. Turn {what} on in Hevo first."


def lately(asked: Sequence[Request], chosen: int, clock: Times) -> str:
    """Why nothing more is sent for what was asked a moment ago: by whom, when, and from when on it can be again."""
    if chosen > 1:
        names, verb = listed([request.name for request in asked], 3), "is" if len(asked) == 1 else "are"
        return f"{len(asked)} of your {chosen} {verb} skipped, asked a moment ago: {names}."
    said = large(who_asked((asked[0].by, asked[0].asked_at), clock))
    if not asked[0].is_over:
        return f"{said}. It is still under way, so nothing more is sent."
    return f"{said}. One a minute is enough: you can ask again at {clock.moment(asked[0].free_at):%H:%M:%S}."


def standing(request: Request, clock: Times) -> str:
    """What became of a request so far, from waiting in line to what the next checks saw."""
    match request.standing:
        case Standing.WAITING:
            return WHY.get(request.why or "", "Waiting for its turn.")
        case Standing.ASKING:
            return "Asking Hevo now."
        case Standing.ASKED:
            asked = f"Asked Hevo at {clock.at(request.answered_at or request.asked_at)}."
            return f"{asked} {_outcome(request, clock) or ASKED}"
        case Standing.IGNORED:
            return f"Not sent again: {who_asked(request.earlier, clock)}, and one a minute is enough."
        case Standing.REFUSED:
            said = "Not sent." if request.status is None else "Hevo refused."
            return f"{said} {WHY.get(request.why or '', '')}".strip()
        case Standing.UNCLEAR:
            after = {Word.FAILED: "Right after, it was failing.", Word.HEALTHY: "Right after, it was healthy."}
            seen = after.get(request.seen_after, "") if request.seen_after else ""
            return " ".join(filter(None, [UNCLEAR, seen, _outcome(request, clock)]))


def who_asked(earlier: tuple[str | None, float] | None, clock: Times) -> str:
    """'Ana asked for this run at 09:22'."""
    who, when = earlier or (None, clock.now)
    return f"{one_line(who, 80) if who else 'somebody'} asked for this run at {clock.at(when)}"


def _outcome(request: Request, clock: Times) -> str:
    when = clock.at(request.outcome_at) if request.outcome_at else ""
    match request.outcome:
        case Outcome.HEALTHY:
            return f"Healthy at {when}."
        case Outcome.FAILING:
            return f"{'Still failing' if request.before is Word.FAILED else 'Failing'} at {when}."
        case Outcome.NO_CHANGE:
            return "No change seen after 30 minutes."
        case _:
            return ""


SUMS: dict[Outcome | Standing, str] = {  # of several requests, in this order
    Standing.WAITING: "waiting",
    Standing.ASKING: "being asked",
    Outcome.HEALTHY: "healthy now",
    Outcome.FAILING: "failing",
    Outcome.NO_CHANGE: "without a change",
    Standing.ASKED: "asked, nothing seen yet",
    Standing.REFUSED: "not carried out",
    Standing.IGNORED: "not sent again",
    Standing.UNCLEAR: "unclear",
}


def followed(requests: Sequence[Request], clock: Times) -> str:
    """What follows them on every page: 'Bank statements DE: asked 21:08, healthy 21:10.'; several are summed up:
    '7 pipelines, asked at 21:08: 3 healthy now; 4 asked, nothing seen yet.'"""
    if len(requests) > 1:
        tally = Counter(request.outcome or request.standing for request in requests)
        parts = [f"{tally[one]} {said}" for one, said in SUMS.items() if tally[one]]
        return f"{counted(len(requests))}, asked at {clock.at(requests[0].asked_at)}: {'; '.join(parts)}."
    request = requests[0]
    name = one_line(request.name, 60)
    if request.standing is not Standing.ASKED:
        return f"{name}: {small(standing(request, clock))}"
    return f"{name}: {in_short(request, clock)}.{'' if request.outcome else f' {ASKED}'}"


def in_short(request: Request, clock: Times) -> str:
    """'asked 21:08, healthy 21:10', of one that reached Hevo."""
    asked = f"asked {clock.at(request.answered_at or request.asked_at)}"
    if request.outcome is None:
        return asked
    return f"{asked}, {small(_outcome(request, clock)).replace(' at ', ' ').rstrip('.')}"


ANSWERS = {
    Standing.WAITING: "Not yet sent",
    Standing.ASKING: "Being asked",
    Standing.ASKED: "Took the request",
    Standing.UNCLEAR: "Not known whether it received the request",
    Standing.IGNORED: "Not sent: asked a moment before",
}


def answer(request: Request) -> str:
    """What Hevo said to a request, for the log."""
    refused = "Not sent" if request.status is None else "Refused"
    return ANSWERS.get(request.standing) or f"{refused}: {WHY.get(request.why or '', 'no reason given')}".rstrip(".")


def seen(request: Request, clock: Times) -> str:
    """What the checks afterwards saw, for the log."""
    if request.standing not in (Standing.ASKED, Standing.UNCLEAR):
        return ""
    return _outcome(request, clock).rstrip(".") or "Nothing yet"


def progress(done: int, of: int) -> str:
    """Beside the bar while requests go out."""
    return f"{done} of {of} sent. It goes on if you close this page."


def choose_failing(number: int) -> str:
    """The shortest way to what is broken."""
    return f"Choose the {counted(number) if number > 1 else 'one'} that failed"


def again(number: int) -> str:
    """The way to try once more what did not work."""
    return f"Try the {counted(number) if number > 1 else 'one'} that did not work again…"


def run_chosen(number: int) -> str:
    """The button that opens the question."""
    return f"Run {counted(number)}…" if number else "Run…"
