"""Takes one file from the web: conditional, bounded in time, size and redirects, and whole or not at all."""

import hashlib
import http.client
import queue
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import BinaryIO, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.exceptions import HTTPError, IncompleteRead, MaxRetryError, ProtocolError, ReadTimeoutError
from urllib3.util.retry import Retry

from saldo import __version__

CHUNK = 1 << 16
MB = 1_000_000
# The server is there but cannot answer just now.
BUSY = frozenset({429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LOGIN = frozenset({401, 403, 407})
GONE = frozenset({404, 410})
TRY_LATER = "the publisher is down or out of reach: try later; if it lasts, open the address in a browser"
TRY_AGAIN = "try again; if it lasts, open the address in a browser"
MOVED = "find where the publisher has the file now, and declare the address in models/staging/sources.yml"
ASK_WHAT = "open the address in a browser and see what it is"

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """How long to wait and how often to try.

    Attributes:
        connect_seconds, read_seconds: for a connection, and for the next bytes.
        total_seconds: for one file with all its retries, redirects and waits.
        retries: after a failure that may pass.
        backoff_seconds: before the second retry; doubled before each further one.
        longest_wait_seconds: between two tries, whatever the server asks for.
        redirects: one after the other.
    """

    connect_seconds: float = 10
    read_seconds: float = 30
    total_seconds: float = 600
    retries: int = 3
    backoff_seconds: float = 1
    longest_wait_seconds: float = 60
    redirects: int = 5


@dataclass(frozen=True)
class Answer:
    """What came.

    Attributes:
        sha256, size: of the bytes; None if nothing has changed since the last time (304).
        etag, last_modified: headers, to ask by next time.
        answered_at: by the server's clock; None if it does not say.
    """

    sha256: str | None
    size: int
    etag: str | None
    last_modified: str | None
    answered_at: datetime | None = None


class DownloadError(Exception):
    """The file did not come, or did not come whole.

    Args:
        what: what came instead.
        remedy: what to do.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def download(
    address: str, file: BinaryIO, *, conditions: Mapping[str, str], largest: int, limits: Limits
) -> Answer:
    """Writes what stands at an address into a file.

    Args:
        address: of the file.
        file: open for writing, and empty; of no use after an error.
        conditions: headers such as If-None-Match.
        largest: how many bytes are taken, after decompression.
        limits: of time and tries.

    Raises:
        DownloadError: it did not come, or not whole.
        OSError: the file cannot be written.
    """
    job = _Download(address, file, conditions, largest, limits)
    return _within(limits.total_seconds, job.run)


def _within(seconds: float, job: Callable[[], T]) -> T:
    """The result of a job that may take so long and no longer.

    A socket's own time-out counts from the last byte: a server that sends one now and then would hold us for
    ever, as would a resolver of names. The thread that is left behind ends at its own next time-out.
    """
    results: queue.SimpleQueue[tuple[T | None, Exception | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put((job(), None))
        except Exception as error:
            results.put((None, error))

    threading.Thread(target=run, daemon=True, name="download").start()
    try:
        result, error = results.get(timeout=seconds)
    except queue.Empty:
        raise _too_slow(seconds) from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


class _Download:
    """The steps of one download."""

    def __init__(
        self, address: str, file: BinaryIO, conditions: Mapping[str, str], largest: int, limits: Limits
    ) -> None:
        self._address = address
        self._file = file
        self._conditions = conditions
        self._largest = largest
        self._limits = limits
        self._give_up_at = time.monotonic() + limits.total_seconds

    def run(self) -> Answer:
        """Tries until the file has come whole, as often as the limits allow."""
        policy = Retry(
            total=self._limits.retries,
            status_forcelist=BUSY,
            raise_on_status=False,  # the last answer says more than the count of them
            backoff_factor=self._limits.backoff_seconds,
            backoff_max=self._limits.longest_wait_seconds,
            retry_after_max=self._limits.longest_wait_seconds,  # type: ignore[arg-type]
        )
        while True:
            try:
                return self._try(policy)
            except (ProtocolError, IncompleteRead, ReadTimeoutError) as error:  # it broke off on the way
                try:
                    policy = policy.increment("GET", self._address, error=ProtocolError(str(error)))
                except MaxRetryError:
                    raise _broken_off(error, self._limits) from error
                policy.sleep()
            except (requests.RequestException, HTTPError) as error:
                raise _unreachable(error, self._limits) from error

    def _try(self, policy: Retry) -> Answer:
        with requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=policy))
            session.mount("https://", HTTPAdapter(max_retries=policy))
            session.headers = {"User-Agent": f"saldo/{__version__}", "Accept": "*/*", **self._conditions}  # type: ignore[assignment]
            session.headers["Accept-Encoding"] = "gzip, deflate"
            # Proxies of the environment serve; passwords (.netrc) and cookies are nobody's here.
            session.auth = lambda request: request
            session.cookies = RequestsCookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
            with self._follow(session) as response:
                return self._take(response)

    def _follow(self, session: requests.Session) -> requests.Response:
        """The answer at the end of the redirects."""
        address = self._address
        for _ in range(self._limits.redirects + 1):
            response = session.get(
                address,
                stream=True,
                allow_redirects=False,  # each step is looked at first
                timeout=(self._limits.connect_seconds, self._limits.read_seconds),
            )
            location = response.headers.get("Location")
            if response.status_code not in REDIRECTS or not location:
                return response
            response.close()
            address = _checked(address, urljoin(address, location))
        raise DownloadError(f"redirected more than {self._limits.redirects} times, last to {address}", MOVED)

    def _take(self, response: requests.Response) -> Answer:
        headers = response.headers
        etag, last_modified = headers.get("ETag"), headers.get("Last-Modified")
        if response.status_code == HTTPStatus.NOT_MODIFIED and self._conditions:
            return Answer(None, 0, etag, last_modified)
        if response.status_code != HTTPStatus.OK:
            raise _refused(response)
        declared = headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > self._largest:
            raise _too_large(self._largest)
        self._file.seek(0)
        self._file.truncate()
        digest, size = hashlib.sha256(), 0
        # read1 gives what is there; read would wait for a full chunk of a slow server.
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            size += len(chunk)
            if size > self._largest:
                raise _too_large(self._largest)
            if time.monotonic() > self._give_up_at:
                raise _too_slow(self._limits.total_seconds)
            digest.update(chunk)
            self._file.write(chunk)
        return Answer(digest.hexdigest(), size, etag, last_modified, _answered_at(headers))


def _answered_at(headers: Mapping[str, str]) -> datetime | None:
    """The server's clock: when it made the answer, and how long a cache has kept it since."""
    age = headers.get("Age", "")
    kept = timedelta(seconds=int(age)) if re.fullmatch(r"\d{1,9}", age) else timedelta()
    moment = http_moment(headers.get("Date"))
    return moment + kept if moment else None


def http_moment(header: str | None) -> datetime | None:
    """The moment, in UTC, that a header such as Last-Modified tells; None if it tells none."""
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _checked(address: str, target: str) -> str:
    """The target of a redirect, if it is a place that we may be sent to.

    Raises:
        DownloadError: it is not: figures of another host are not the declared source's.
    """
    here, there = urlsplit(address), urlsplit(target)
    if here.scheme == "https" and there.scheme != "https":
        raise DownloadError(f"redirected from https to {target}, which is not encrypted", MOVED)
    if there.scheme not in ("http", "https") or here.hostname != there.hostname or there.username:
        raise DownloadError(f"redirected to another place, {target}", MOVED)
    return target


def _refused(response: requests.Response) -> DownloadError:
    status = response.status_code
    reason = response.reason or http.client.responses.get(status, "")
    said = f"the server answered {status} {reason}".rstrip()
    if status in GONE:
        return DownloadError(said, MOVED)
    if status in LOGIN:
        return DownloadError(said, "the publisher asks for a login or shuts us out: ask there for access")
    if status in BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return DownloadError(said, TRY_LATER)
    return DownloadError(said, ASK_WHAT)


def _too_large(largest: int) -> DownloadError:
    return DownloadError(f"more than {largest / MB:g} MB came; no release is so large", ASK_WHAT)


def _too_slow(seconds: float) -> DownloadError:
    return DownloadError(f"it was not here after {seconds:g} s", TRY_LATER)


def _broken_off(error: Exception, limits: Limits) -> DownloadError:
    if isinstance(error, ReadTimeoutError):
        return DownloadError(f"nothing more came for {limits.read_seconds:g} s", TRY_LATER)
    times = f", {limits.retries + 1} times" if limits.retries else ""
    return DownloadError(f"the answer broke off before its end{times}: {_innermost(error)}", TRY_AGAIN)


def _unreachable(error: Exception, limits: Limits) -> DownloadError:
    if isinstance(error, requests.exceptions.SSLError):
        return DownloadError(f"its certificate is not valid: {_innermost(error)}", TRY_LATER)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return DownloadError(f"no connection within {limits.connect_seconds:g} s", TRY_LATER)
    if isinstance(error, requests.exceptions.ReadTimeout) or _is_read_timeout(error):
        return DownloadError(f"no answer within {limits.read_seconds:g} s", TRY_LATER)
    if isinstance(error, requests.exceptions.ConnectionError):
        return DownloadError(f"it cannot be reached: {_innermost(error)}", TRY_LATER)
    return DownloadError(f"the answer cannot be read: {_innermost(error)}", TRY_AGAIN)


def _is_read_timeout(error: Exception) -> bool:
    """After its last retry urllib3 gives the reason, and requests calls it a failure to connect."""
    failure = error.args[0] if error.args else None
    return isinstance(failure, MaxRetryError) and isinstance(failure.reason, ReadTimeoutError)


def _innermost(error: BaseException) -> str:
    """What happened, without the names of the layers that it passed through."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(reason).split())
