"""Asking for runs, and what became of each."""

from __future__ import annotations

from dashboard.times import Times
from dashboard.words.text import counted, one_line
from monitor.health import Word
from monitor.requests import Outcome, Request, Standing

ASKED = "That does not mean it worked yet."
RUN_MEANS = (
    "Hevo will fetch new and changed data now instead of waiting for the next planned time. "
    "The schedule stays as it is. If it is already running, Hevo ignores this request. It cannot be stopped from here."
)
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


def skipped(paused: int, chosen: int) -> str:
    """'2 of your 9 are skipped: paused'"""
    verb, what = ("is", "it") if paused == 1 else ("are", "them")
    return f"{paused} of your {chosen} {verb} skipped: paused. Turn {what} on in Hevo first."


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
