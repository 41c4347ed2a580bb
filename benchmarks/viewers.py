"""A viewer without a browser: a real session over the websocket, which draws pages and waits."""

from __future__ import annotations

import time
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


class Viewer:
    """One tab's connection."""

    def __init__(self, url: str) -> None:
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = connect(address, subprotocols=["streamlit"], max_size=None, compression=None)  # type: ignore[list-item]
        self.bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def draw(self, page: str = "", query: str = "") -> float:
        """Milliseconds from asking for the page until its script has ended and all that it drew has arrived."""
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = query
        asked.rerun_script.context_info.timezone = "UTC"
        began = time.perf_counter()
        self._socket.send(asked.SerializeToString())
        self.bytes = 0
        while not self._is_drawn():
            pass
        return (time.perf_counter() - began) * 1000

    def _is_drawn(self) -> bool:
        received = self._socket.recv(60)
        assert isinstance(received, bytes)
        self.bytes += len(received)
        message = ForwardMsg.FromString(received)
        assert message.delta.new_element.WhichOneof("type") != "exception", "The page shows an error."
        return message.WhichOneof("type") == "script_finished" and message.script_finished in (
            ForwardMsg.FINISHED_SUCCESSFULLY,
            ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
        )
