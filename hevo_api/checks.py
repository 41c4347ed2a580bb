"""What may be given to the client: checked before the network, and never repeated in an error."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType

API_PATH = "/api/public/v2.0"
REGIONS: Mapping[str, str] = MappingProxyType(
    {name: f"https://{name}.hevodata.com{API_PATH}" for name in ("us", "us2", "eu", "in", "asia", "au", "us-gcp")}
)
"""Hevo's regions and their addresses [doc and code; "us-gcp" from one source alone]."""

BASE_URL = re.compile(
    r"(https://[a-z0-9-]+\.hevodata\.com(?::443)?|http://(localhost|[0-9.]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?)"
    r"((?:/[A-Za-z0-9._~-]+)*)/*"
)


def is_valid_id(text: str) -> bool:
    """True for what can be an id in Hevo: 1 to 64 ASCII letters, digits, `_` and `-` [guess]."""
    return _fits(text, r"[A-Za-z0-9_-]{1,64}")


def pipeline_path(pipeline_id: str | int) -> str:
    """Where a pipeline is, below the API's own path."""
    if type(pipeline_id) not in (int, str) or not is_valid_id(str(pipeline_id)):
        raise ValueError("this cannot be the id of a pipeline")
    return f"/pipelines/{pipeline_id}"


def checked_base_url(region: str, base_url: str | None) -> str:
    """https on a region's host, or plain http on this machine: to nobody else do we send a key."""
    if base_url is None:
        if region not in REGIONS:
            raise ValueError(f"the region must be one of {', '.join(REGIONS)}")
        return REGIONS[region]
    match = BASE_URL.fullmatch(base_url)
    with suppress(ValueError):  # numbers that are no address
        if match and (match[2] in (None, "localhost") or ipaddress.ip_address(match[2].strip("[]")).is_loopback):
            return match[1] + (match[3] or API_PATH)
    raise ValueError("the base URL must be https://<region>.hevodata.com, or http on the loopback address")


def check_settings(
    api_key: str, api_secret: str, deadline: float, requests_per_minute: int, proxy: str | None, ca_bundle: str | None
) -> None:
    """Printable ASCII, numbers above zero, a proxy that is spoken to in plain http, and a bundle that exists.

    No colon in the key, since a colon ends it in the header.
    """
    is_count = isinstance(requests_per_minute, int) and requests_per_minute > 0
    rules = {
        "the API key must be printable ASCII without a colon": _fits(api_key, r"[ -9;-~]+"),
        "the API secret must be printable ASCII": _fits(api_secret, r"[ -~]+"),
        "the deadline must be a number of seconds above zero": 0 < deadline < math.inf,
        "the requests per minute must be a whole number above zero": is_count,
        "the proxy must look like http://host:port": proxy is None or _fits(proxy, r"http://[!-~]+"),
        "there is no CA bundle at this path": ca_bundle is None or os.path.exists(ca_bundle),
    }
    for sentence, holds in rules.items():
        if not holds:
            raise ValueError(sentence)


def _fits(text: object, pattern: str) -> bool:
    return isinstance(text, str) and re.fullmatch(pattern, text) is not None
