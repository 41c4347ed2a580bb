"""What can go wrong, one class for each cause.

`sentence` is for people: plain words. `detail` is for the log: technical, but never with a key or a secret.
`reference` stands in both, so that what a person reports can be found in the log.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from hevo_api.models import Pipeline

Cause = Literal["key", "permission", "gone", "request", "limit", "down", "unreadable", "unclear"]


class HevoError(Exception):
    """Hevo gave no right and complete answer; the class says why, and `cause` says it in a word.

    `status` is the HTTP status, where there was one. `retry_after`: seconds until asking again makes sense.
    """

    cause: ClassVar[Cause]
    sentence: str = "Something went wrong between us and Hevo."

    def __init__(self, detail: str = "", *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.retry_after = retry_after
        self.reference = secrets.token_hex(4)

    def __str__(self) -> str:
        status = f"HTTP {self.status}: " if self.status else ""
        return f"{self.sentence} [{self.reference}] {status}{self.detail}".rstrip()


class KeyNotAccepted(HevoError):
    """401: the key or the secret is not valid [doc]."""

    cause = "key"
    sentence = "Hevo did not accept our key."


class NotPermitted(HevoError):
    """403: the key's user lacks the permission, as a member does for all writes [doc; 403 is a guess]."""

    cause = "permission"
    sentence = "Our key can look, but may not run pipelines. It must be made by a Hevo account owner."


class NotFound(HevoError):
    """404: no such thing, or it was deleted [doc]."""

    cause = "gone"
    sentence = "This pipeline no longer exists in Hevo."


class InvalidRequest(HevoError):
    """400 (wrong parameter [doc]) or another 4xx: asking the same again will not help."""

    cause = "request"
    sentence = "Hevo did not understand our request."


class RateLimited(HevoError):
    """This minute's requests are used up: Hevo says so [doc], or our own budget does before Hevo has to."""

    cause = "limit"
    sentence = "Hevo allows 100 requests a minute and they are used up."


class Unavailable(HevoError):
    """No answer in time, no connection, or a 5xx. `sent` is False when the request certainly never left us."""

    cause = "down"
    sentence = "Hevo is not answering."
    sent: bool = True


class UnreadableAnswer(HevoError):
    """An answer that is cut short, too large, not strict JSON, not of the documented shape, or a redirect."""

    cause = "unreadable"
    sentence = "Hevo sent an answer we could not read."


class OutcomeUnknown(HevoError):
    """A request left us and its answer was lost: Hevo may have acted or not. It is never sent again by itself.

    `pipeline` is what one look afterwards saw, or None where that failed too.
    """

    cause = "unclear"
    sentence = "We do not know whether Hevo received the request."
    pipeline: Pipeline | None = None
