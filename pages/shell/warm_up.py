"""One visit to the overview over the websocket, as a browser makes it: runs the router once and
imports everything.
"""

import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

VISIT_SECONDS = 60


def visit(host: str, port: int, seconds: float = VISIT_SECONDS) -> None:
    """Return when the first page has been drawn; raises TimeoutError when it is not drawn in
    time.
    """
    deadline = time.monotonic() + seconds
    request = BackMsg()
    request.rerun_script.SetInParent()
    with connect(
        f"ws://{host}:{port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        open_timeout=seconds,
    ) as socket:
        socket.send(request.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(socket.recv(timeout=max(deadline - time.monotonic(), 0.1)))
            if message.WhichOneof("type") == "script_finished":
                return
