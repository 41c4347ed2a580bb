"""The points on which public sources about Hevo's API disagree, each as a switch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args, get_type_hints

from starlette.responses import JSONResponse, PlainTextResponse, Response


@dataclass
class Variants:
    """Which reading the sandbox follows; it starts with the first choice of each."""

    envelope: Literal["data", "bare"] = "data"
    run_status: Literal["200", "201", "202", "204"] = "200"
    paused: Literal["INACTIVE", "PAUSED"] = "INACTIVE"
    error_body: Literal["message", "error", "error_object", "text", "empty"] = "message"
    ids: Literal["number", "text"] = "number"
    last_page: Literal["absent", "null"] = "absent"
    limit_status: Literal["429", "200"] = "429"
    retry_after: Literal["absent", "present"] = "absent"
    last_run: Literal["present", "absent"] = "present"

    def switch(self, **choices: object) -> None:
        """Change some switches, all or none: `switch(envelope="bare", run_status=204)`."""
        for name, choice in choices.items():
            if str(choice) not in CHOICES.get(name, ()):
                raise ValueError(f"No such variant: {name}={choice}. {variants_help()}")
        for name, choice in choices.items():
            setattr(self, name, str(choice))

    def error(self, status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
        """An error in the chosen shape of body."""
        bodies: dict[str, object] = {
            "message": {"message": words},
            "error": {"error": words},
            "error_object": {"error": {"message": words}},
        }
        if self.error_body in bodies:
            return JSONResponse(bodies[self.error_body], status, headers)
        return PlainTextResponse(words if self.error_body == "text" else "", status, headers)


CHOICES: Mapping[str, tuple[str, ...]] = {name: get_args(kind) for name, kind in get_type_hints(Variants).items()}


def variants_help() -> str:
    """All switches and their choices, in one sentence."""
    return "There are " + ", ".join(f"{name}={'|'.join(choices)}" for name, choices in CHOICES.items()) + "."
