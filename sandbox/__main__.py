"""`python -m sandbox`: a Hevo account on this machine, or a receiver of webhooks, until Ctrl-C."""

import argparse
import errno
import signal
import sys
import threading
from functools import partial

from .account import Sandbox
from .faults import KINDS
from .receiver import Receiver
from .scenarios import SCENARIOS
from .variants import variants_help


def main() -> int:
    """Start the sandbox, say how to reach it, and wait."""
    options = parser().parse_args()
    if options.port is None:
        options.port = 8766 if options.receiver else 8765
    try:
        server = server_of(options)
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
        print(welcome(server), flush=True)
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


def server_of(options: argparse.Namespace) -> Sandbox | Receiver:
    """What the flags describe, with the faults that they order; TypeError or ValueError when they do not fit."""
    server: Sandbox | Receiver
    if options.receiver:
        tell = partial(print, flush=True)
        server = Receiver(options.secret, host=options.host, port=options.port, tell=tell)
    else:
        names = ("scenario", "seed", "speed", "host", "port", "requests_per_minute")
        server = Sandbox(**{name: getattr(options, name) for name in names})
        server.variants.switch(**dict(text.partition("=")[::2] for text in options.variant))
    for text in options.fault:
        kind, *rest = text.split(",")
        told = dict(option.partition("=")[::2] for option in rest)
        server.faults.order(kind, **{name: plain(value) for name, value in told.items()})
    return server


def plain(text: str) -> str | float:
    """A number where the text is one."""
    try:
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return text


def welcome(server: Sandbox | Receiver) -> str:
    """All that a newcomer needs to look at it, or to try webhooks."""
    if isinstance(server, Receiver):
        return f"""\
A receiver of webhooks. It takes every POST, and prints a line for each. Ctrl-C ends it.

  Address  {server.url}
  Read again what was received:  curl {server.address}/received
"""
    address = server.base_url
    return f"""\
A sandbox of Hevo's API with {len(server.fleet.pipelines)} pipelines ({server.scenario}). Ctrl-C ends it.

  Address  {address}
  Key      {server.api_key}
  Secret   {server.api_secret}
  A key that may look but not run: {server.member_key} / {server.member_secret}

Look at it:
  curl -u {server.api_key}:{server.api_secret} '{address}/pipelines?limit=3'

Break it and mend it (more in sandbox/README.md):
  curl {server.control_url}/faults -d '{{"kind": "status", "status": 503, "times": 3}}'
  curl {server.control_url}/faults -X DELETE

Open the dashboard on it:
  HEVO_BASE_URL={address} HEVO_API_KEY={server.api_key} HEVO_API_SECRET={server.api_secret} make run"""


if __name__ == "__main__":
    sys.exit(main())
