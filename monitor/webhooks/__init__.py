"""The webhooks that Hevo does not offer: the owner's addresses are told what changed, each thing under one id."""

from monitor.webhooks.hooks import Hook, read_hooks
from monitor.webhooks.telling import Webhooks

__all__ = ["Hook", "Webhooks", "read_hooks"]
