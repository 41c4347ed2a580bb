"""`python -m sandbox`: a Hevo account on this machine, or a receiver of webhooks, until Ctrl-C."""

import argparse
import errno
import signal
import sys
import threading
from functools import partial

from .account import Sandbox
from .faults import KINDS, Faults
from .receiver import Receiver
from .scenarios import SCENARIOS
from .variants import variants_help


def main() -> int:
    """Start the sandbox, say how to reach it, and wait."""
    options = parser().parse_args()
    if options.port is None:
        options.port = 8766 if options.receiver else 8765
    try:
        server = receiver_of(options) if options.receiver else sandbox_of(options)
        order(server.faults, options.fault)
        server.start()
    except (TypeError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, OverflowError) as error:
        reason = "another program is using it" if getattr(error, "errno", 0) == errno.EADDRINUSE else error
        print(f"Cannot listen on {options.host}:{options.port}: {reason}.", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what stops a service ends it as Ctrl-C does
    try:
        print(invitation(server) if isinstance(server, Receiver) else welcome(server), flush=True)
        threading.Event().wait()
    except KeyboardInterrupt:
        print("\nThe sandbox is closed.")
    finally:
        server.stop()
    return 0


def parser() -> argparse.ArgumentParser:
    """The flags."""
    flags = argparse.ArgumentParser("python -m sandbox", description="A local Hevo account over real HTTP.")
    flags.add_argument("--host", default="127.0.0.1")
    flags.add_argument("--port", type=int, help="8765; the receiver's is 8766")
    flags.add_argument("--scenario", choices=SCENARIOS, default="everyday")
    flags.add_argument("--seed", type=int, default=7, help="another seed tells another story")
    flags.add_argument("--speed", type=float, default=1.0, help="how fast the story's time passes")
    flags.add_argument("--requests-per-minute", type=int, default=100)
    flags.add_argument("--variant", action="append", default=[], metavar="NAME=VALUE", help=variants_help())
    flags.add_argument("--fault", action="append", default=[], metavar="NAME[,OPTION=VALUE]", help=", ".join(KINDS))
    flags.add_argument("--receiver", action="store_true", help="take webhooks instead, and print them")
    flags.add_argument("--secret", metavar="whsec_…", help="with which the receiver checks signatures")
    return flags


def sandbox_of(options: argparse.Namespace) -> Sandbox:
    """The sandbox that the flags describe; ValueError when they do not fit."""
    names = ("scenario", "seed", "speed", "host", "port", "requests_per_minute")
    sandbox = Sandbox(**{name: getattr(options, name) for name in names})
    sandbox.variants.switch(**dict(text.partition("=")[::2] for text in options.variant))
    return sandbox


def receiver_of(options: argparse.Namespace) -> Receiver:
    """The receiver that the flags describe; ValueError for a secret that is none."""
    tell = partial(print, flush=True)
    return Receiver(options.secret, host=options.host, port=options.port, tell=tell)


def order(faults: Faults, wishes: list[str]) -> None:
    """Order the faults that the flags name; TypeError or ValueError for what is none."""
    for text in wishes:
        kind, *rest = text.split(",")
        options = dict(option.partition("=")[::2] for option in rest)
        faults.order(kind, **{name: plain(value) for name, value in options.items()})


def plain(text: str) -> str | float:
    """A number where the text is one."""
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return text


def welcome(sandbox: Sandbox) -> str:
    """All that a newcomer needs to look at it."""
    address = sandbox.base_url
    return f"""\
A sandbox of Hevo's API with {len(sandbox.fleet.pipelines)} pipelines ({sandbox.scenario}). Ctrl-C ends it.

  Address  {address}
  Key      {sandbox.api_key}
  Secret   {sandbox.api_secret}
  A key that may look but not run: {sandbox.member_key} / {sandbox.member_secret}

Look at it:
  curl -u {sandbox.api_key}:{sandbox.api_secret} '{address}/pipelines?limit=3'

Break it and mend it (more in sandbox/README.md):
  curl {sandbox.control_url}/faults -d '{{"kind": "status", "status": 503, "times": 3}}'
  curl {sandbox.control_url}/faults -X DELETE

Open the dashboard on it:
  HEVO_BASE_URL={address} HEVO_API_KEY={sandbox.api_key} HEVO_API_SECRET={sandbox.api_secret} make run"""


def invitation(receiver: Receiver) -> str:
    """All that somebody needs who wants to try webhooks."""
    return f"""\
A receiver of webhooks. It takes every POST, and prints a line for each. Ctrl-C ends it.

  Address  {receiver.url}
  Read again what was received:  curl {receiver.address}/received
"""


if __name__ == "__main__":
    sys.exit(main())
