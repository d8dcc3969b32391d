"""One visit to the overview over the websocket, as a browser makes it: runs the router once and
imports everything.
"""

import http.client
import socket
import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from pipeline.services.access.one_time_token import LOCAL_ADDRESS, login_address

VISIT_SECONDS = 60


def is_listening(host: str, port: int) -> bool:
    """Whether anybody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def log_in(token: str, port: int, seconds: float = VISIT_SECONDS) -> str:
    """Spend a token at the server on a port of this machine; the cookie it gave, as a browser sends
    it. Raises TimeoutError when it gave none.
    """
    server = http.client.HTTPConnection(LOCAL_ADDRESS, port, timeout=seconds)
    try:
        server.request("GET", login_address(token, port).partition(f":{port}")[2])
        cookie = server.getresponse().getheader("set-cookie")
    finally:
        server.close()
    if not cookie:
        raise TimeoutError(f"port {port}: the server let its own starter not in")
    return cookie.partition(";")[0]


def visit(host: str, port: int, cookie: str, seconds: float = VISIT_SECONDS) -> None:
    """Return when the first page has been drawn for the bearer of a cookie; raises TimeoutError
    when it is not drawn in time.
    """
    deadline = time.monotonic() + seconds
    request = BackMsg()
    request.rerun_script.SetInParent()
    with connect(
        f"ws://{host}:{port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={"Cookie": cookie},
        max_size=None,
        open_timeout=seconds,
    ) as stream:
        stream.send(request.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(stream.recv(timeout=max(deadline - time.monotonic(), 0.1)))
            if message.WhichOneof("type") == "script_finished":
                return
