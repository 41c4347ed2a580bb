"""A client for Hevo's public API v2.0: it answers rightly and completely, or says in one error why not.

    client = HevoClient(key, secret, region="eu")
    for pipeline in client.list_pipelines():
        print(pipeline.label, pipeline.status, pipeline.health_status)

Docstrings say how sure a fact is: [doc] Hevo's documentation, [code] public programs that run against real
accounts, [guess] our inference.
"""

from hevo_api.checks import REGIONS, is_valid_id
from hevo_api.client import HevoClient
from hevo_api.errors import (
    HevoError,
    InvalidRequest,
    KeyNotAccepted,
    NotFound,
    NotPermitted,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
    UnreadableAnswer,
)
from hevo_api.frames import objects_frame, pipelines_frame
from hevo_api.models import Destination, Pipeline, PipelineObject, Schedule

__all__ = ["REGIONS", "HevoClient", "is_valid_id", "objects_frame", "pipelines_frame"]
__all__ += ["Destination", "Pipeline", "PipelineObject", "Schedule"]
__all__ += ["HevoError", "InvalidRequest", "KeyNotAccepted", "NotFound", "NotPermitted"]
__all__ += ["OutcomeUnknown", "RateLimited", "Unavailable", "UnreadableAnswer"]
