"""What may be given to the client: checked before the network, and never repeated in an error."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Mapping
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
    return re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text) is not None


def checked_id(pipeline_id: str | int) -> str:
    """The id as text."""
    if type(pipeline_id) not in (int, str) or not is_valid_id(str(pipeline_id)):
        raise ValueError("this cannot be the id of a pipeline")
    return str(pipeline_id)


def checked_base_url(region: str, base_url: str | None) -> str:
    """https on a region's host, or plain http on this machine: to nobody else do we send a key."""
    if base_url is None:
        if region not in REGIONS:
            raise ValueError(f"the region must be one of {', '.join(REGIONS)}")
        return REGIONS[region]
    match = BASE_URL.fullmatch(base_url)
    if not match or (match[2] and not _is_loopback(match[2].strip("[]"))):
        raise ValueError("the base URL must be https://<region>.hevodata.com, or http on the loopback address")
    return match[1] + (match[3] or API_PATH)


def check_credentials(api_key: str, api_secret: str) -> None:
    """Printable ASCII, and no colon in the key, since a colon ends it in the header."""
    if not isinstance(api_key, str) or not re.fullmatch(r"[ -9;-~]+", api_key):
        raise ValueError("the API key must be printable ASCII without a colon")
    if not isinstance(api_secret, str) or not re.fullmatch(r"[ -~]+", api_secret):
        raise ValueError("the API secret must be printable ASCII")


def check_settings(deadline: float, requests_per_minute: int, proxy: str | None, ca_bundle: str | None) -> None:
    """Numbers above zero, a proxy that is spoken to in plain http, and a bundle that exists."""
    if not 0 < deadline < math.inf:
        raise ValueError("the deadline must be a number of seconds above zero")
    if not isinstance(requests_per_minute, int) or requests_per_minute < 1:
        raise ValueError("the requests per minute must be a whole number above zero")
    if proxy is not None and not re.fullmatch(r"http://[!-~]+", proxy):
        raise ValueError("the proxy must look like http://host:port")
    if ca_bundle is not None and not os.path.exists(ca_bundle):
        raise ValueError("there is no CA bundle at this path")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
