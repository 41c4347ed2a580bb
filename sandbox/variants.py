"""The points on which public sources about Hevo's API disagree, each as a switch."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import JSONResponse, PlainTextResponse, Response

CHOICES: Mapping[str, tuple[str, ...]] = {
    "envelope": ("data", "bare"),
    "run_status": ("200", "201", "202", "204"),
    "paused": ("INACTIVE", "PAUSED"),
    "error_body": ("message", "error", "error_object", "text", "empty"),
    "ids": ("number", "text"),
    "last_page": ("absent", "null"),
    "limit_status": ("429", "200"),
    "retry_after": ("absent", "present"),
    "last_run": ("present", "absent"),
}


@dataclass
class Variants:
    """Which reading the sandbox follows; it starts with the first choice of each."""

    envelope: str = "data"
    run_status: str = "200"
    paused: str = "INACTIVE"
    error_body: str = "message"
    ids: str = "number"
    last_page: str = "absent"
    limit_status: str = "429"
    retry_after: str = "absent"
    last_run: str = "present"

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


def variants_help() -> str:
    """All switches and their choices, in one sentence."""
    return "There are " + ", ".join(f"{name}={'|'.join(choices)}" for name, choices in CHOICES.items()) + "."
