"""A publisher's server on this machine, which answers as it is told and remembers what it was asked."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat

Answer = Callable[[BaseHTTPRequestHandler], None]
SECONDS_OF_A_TEST = 60


class Publisher:
    """Answers each request by the next of its `answers`; the last one serves for all further ones.

    Attributes:
        base: its address.
        answers: for every path, or by path where `paths` has it.
        asked: path and headers of the requests that came.
        closing: set when the test is over.
    """

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.paths: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, Message]] = []
        self.closing = threading.Event()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            close_connection = True

            def do_GET(self) -> None:
                publisher.asked.append((self.path, self.headers))
                answers = publisher.paths.get(self.path, publisher.answers)
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                with contextlib.suppress(ConnectionError):  # the other end has heard enough
                    answer(self)
                self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_port
        self.base = f"http://127.0.0.1:{self.port}"

    @contextlib.contextmanager
    def open(self) -> Iterator["Publisher"]:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield self
        finally:
            self.closing.set()
            self._server.shutdown()
            self._server.server_close()

    def drips(self, head: bytes, drop: bytes) -> Answer:
        """Sends a head at once and then a drop now and then, until the test is over."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(head)
            while not self.closing.wait(0.02):
                handler.wfile.write(drop)

        return answer

    def says_nothing(self, handler: BaseHTTPRequestHandler) -> None:
        """Takes the request and does not answer."""
        self.closing.wait(SECONDS_OF_A_TEST)


def answers(body: bytes = b"", status: int = 200, **headers: str) -> Answer:
    """A whole answer; `ETag="x"` and the like are headers, `_` in a name stands for a hyphen."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(body)), "Connection": "close"} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def answers_if_new(body: bytes, **headers: str) -> Answer:
    """A whole answer, or 304 to a client that has it already."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    def answer(handler: BaseHTTPRequestHandler) -> None:
        known = handler.headers.get("If-None-Match") == etag
        (answers(b"", 304, ETag=etag) if known else answers(body, ETag=etag, **headers))(handler)

    return answer


def sends(*parts: bytes) -> Answer:
    """These bytes, head and all, and the end of the connection."""
    return lambda handler: handler.wfile.writelines(parts)


def head(*lines: str) -> bytes:
    """A status line and headers."""
    return "".join(f"{line}\r\n" for line in ("HTTP/1.1 200 OK", *lines, "")).encode("ascii")


def again(answer: Answer, times: int) -> list[Answer]:
    return list(repeat(answer, times))
