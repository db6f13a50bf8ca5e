"""What is fetched from a publisher: new files whole, and from a fault nothing but a clear word."""

import csv
import gzip
import io
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from project import RunSaldo
from publisher import Answer, Publisher, again, answers, head, sends

from saldo import fetch as module
from saldo.download import DownloadError, Limits, _checked, download
from saldo.errors import InputError, LockedError
from saldo.fetch import Fetched, exit_status, fetch
from saldo.intake.ingest import Options, ingest
from saldo.landing import Landing, open_landing
from saldo.lock import held
from saldo.progress import Progress
from saldo.quarantine import settle
from saldo.refresh import _ingest_inbox
from saldo.sources import FREQUENCIES, Frequency, read_sources

PROJECT = Path(__file__).parents[2]
DATA = PROJECT / "tests" / "intake" / "data"
POPULATION = (DATA / "bns_csv_6584_population_extract.csv").read_bytes()
BALANCE = (DATA / "bns_csv_6567_migration_balance_first_rows.csv").read_bytes()
PATH = "/api/iblock/element/6584/csv/file/ru/"
MODIFIED = "Tue, 11 Aug 2026 04:30:00 GMT"
DAY = date(2026, 8, 11)
# No wait between two tries: nothing here tests that time passes.
LIMITS = Limits(backoff_seconds=0, longest_wait_seconds=0, retries=2)
PAGE = "<!DOCTYPE html>\n<html><title>Бюро национальной статистики</title></html>\n".encode()


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    """A server that takes the place of all sources."""
    with Publisher().open() as opened:
        monkeypatch.setenv("SALDO_SOURCE_BASE", opened.base)
        yield opened


@pytest.fixture
def landing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Landing:
    monkeypatch.setenv("SALDO_LANDING", str(tmp_path / "landing"))
    return open_landing(PROJECT)


def get(landing: Landing, *names: str, limits: Limits = LIMITS) -> list[Fetched]:
    said = Progress(io.StringIO())
    return fetch(PROJECT, landing, said, only=names or ["bns.population"], limits=limits)


def files_of(landing: Landing) -> dict[str, bytes]:
    """Every file of landing but the locks; of the records of sources, what they say of fetched files."""
    paths = (path for path in landing.folder.rglob("*") if path.is_file() and path.name != "saldo.lock")
    found = {path.relative_to(landing.folder).as_posix(): path.read_bytes() for path in paths}
    for name in [name for name in found if name.startswith("fetched/")]:
        fetched = json.loads(found[name])
        fetched.pop("failing", None)
        if fetched:
            found[name] = json.dumps(fetched).encode()
        else:
            del found[name]
    return found


# --- what comes -------------------------------------------------------------------------------------------


def test_a_new_file_is_put_whole_into_the_inbox(publisher: Publisher, landing: Landing) -> None:
    publisher.answers = [answers(POPULATION, ETag='"one"', Last_Modified=MODIFIED)]
    (found,) = get(landing)
    assert found.path == landing.inbox / "bns.population" / "bns_6584_2026-08-11.csv"
    assert found.path.read_bytes() == POPULATION
    assert (found.source, found.status, found.layout) == ("bns.population", "new", "bns_csv_6584")
    assert (found.indicator, found.published_on) == (None, DAY)
    assert found.message == f"{len(POPULATION)} bytes, published on 2026-08-11 (Last-Modified)"
    assert stat.S_IMODE(found.path.stat().st_mode) == 0o444
    assert landing.waiting() == [found.path]
    ((path, asked),) = publisher.asked
    assert path == PATH
    assert {"If-None-Match", "If-Modified-Since", "Authorization", "Cookie"}.isdisjoint(asked)
    assert set(files_of(landing)) == {
        "inbox/bns.population/bns_6584_2026-08-11.csv",
        "fetched/bns.population.json",
    }


def test_what_is_fetched_can_be_ingested(publisher: Publisher, landing: Landing) -> None:
    """Each declared source: its layout reads the file that the inbox holds, under the day in its name."""
    record = json.loads((DATA / "taldau_701189_agriculture_output_2026-08-31.json").read_bytes())[0]
    years = {key: value for key, value in record.items() if not key.lstrip("y").startswith("12")}
    income = json.dumps([years | {"y122020": "116126.35", "122020": "883"}]).encode()
    shapes = {
        "bns.migration_balance": BALANCE,
        "bns.population": POPULATION,
        "bns.income": (DATA / "bns_csv_19298_income_extract.csv").read_bytes(),
        "bns.unemployment": (DATA / "bns_csv_102790_unemployment_extract.csv").read_bytes(),
        "taldau.income": income,
    }
    sources = read_sources(PROJECT)
    assert [source.name for source in sources] == list(shapes)
    for source in sources:
        path = "/" + source.address.split("/", 3)[3]
        publisher.paths[path] = [answers(shapes[source.name], Last_Modified="Wed, 30 Sep 2026 04:30:00 GMT")]
    for found, source in zip(get(landing, *shapes), sources, strict=True):
        assert found.status == "new", found
        said = Options(found.layout, found.indicator, found.published_on, None)
        (outcome,) = ingest(PROJECT, landing, [str(found.path)], said)
        assert (outcome.status, outcome.layout) == ("landed", source.layout), outcome
    for manifest in landing.manifests():
        assert manifest["published_on"] == "2026-09-30"
        (source,) = [one for one in sources if one.layout == manifest["layout"]]
        assert set(manifest["indicators"]) <= set(source.indicators)


def test_the_day_is_the_one_of_fetching_where_the_server_names_none(
    publisher: Publisher, landing: Landing
) -> None:
    publisher.answers = [
        answers(POPULATION),
        answers(POPULATION + b"\n", Last_Modified="Fri, 01 Jan 2100 00:00:00 GMT"),
        answers(POPULATION + b"\n\n", Last_Modified="no day"),
    ]
    before = datetime.now(UTC).date()
    found = [get(landing)[0] for _ in range(3)]
    days = {before, datetime.now(UTC).date()}
    assert [one.status for one in found] == ["new"] * 3
    assert all(one.published_on in days for one in found)
    assert "(the day on which it was fetched: the server names none)" in found[0].message
    assert "Last-Modified, 2100-01-01, cannot be" in found[1].message
    # Three editions of one day, none of which has been ingested yet: each has its own file.
    assert len(landing.waiting()) == 3
    assert {path.read_bytes() for path in landing.waiting()} == {POPULATION + b"\n" * n for n in range(3)}


class SetBack(datetime):
    """The clock of a machine whose battery is empty."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime(2016, 1, 1, tzinfo=tz)


def test_a_clock_that_was_set_back_dates_no_release(
    publisher: Publisher, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saldo.fetch.datetime", SetBack)
    publisher.answers = [answers(POPULATION, Last_Modified=MODIFIED), answers(POPULATION + b"\n")]
    dated, undated = (get(landing)[0].published_on for _ in range(2))
    assert dated == date(2026, 8, 11)
    assert undated is not None
    assert undated > dated  # the server tells its own time
    publisher.answers = [sends(head(f"Last-Modified: {MODIFIED}", ""), POPULATION + b"\n\n")]
    (failed,) = get(landing)
    assert failed.status == "failed"
    assert "Last-Modified is 2026-08-11, this machine's clock says 2016-01-01" in failed.message
    assert "set the clock" in failed.remedy
    assert len(landing.waiting()) == 2


@pytest.mark.parametrize(("age", "day"), [("864000", 11), ("", 1), ("x", 1)])
def test_an_answer_that_a_cache_has_kept_is_older_than_it_comes(
    publisher: Publisher, landing: Landing, age: str, day: int
) -> None:
    header = head("Date: Tue, 01 Sep 2026 10:00:00 GMT", f"Age: {age}", "")
    publisher.answers = [sends(header, POPULATION)]
    assert get(landing)[0].published_on == date(2026, 9, day)


def test_the_second_time_only_what_is_new_is_asked_for(publisher: Publisher, landing: Landing) -> None:
    publisher.answers = [answers(POPULATION, ETag='"one"', Last_Modified=MODIFIED), answers(status=304)]
    get(landing)
    before = files_of(landing)
    (found,) = get(landing)
    assert (found.status, found.path, found.published_on) == ("unchanged", None, None)
    assert found.message.startswith("not modified since 20")
    asked = publisher.asked[1][1]
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"one"', MODIFIED)
    assert list(files_of(landing)) == list(before)
    (third,) = get(landing)  # a 304 without headers does not make us forget by what to ask
    assert third.status == "unchanged"
    assert publisher.asked[2][1]["If-None-Match"] == '"one"'


def test_the_same_bytes_are_not_new(publisher: Publisher, landing: Landing) -> None:
    publisher.answers = [answers(POPULATION, Last_Modified=MODIFIED), answers(POPULATION, ETag='"two"')]
    get(landing)
    (found,) = get(landing)
    assert found.status == "unchanged"
    assert found.message.startswith("the same bytes")
    assert len(landing.waiting()) == 1
    get(landing)
    assert publisher.asked[2][1]["If-None-Match"] == '"two"'


def test_other_bytes_are_new(publisher: Publisher, landing: Landing) -> None:
    later = "Thu, 01 Oct 2026 04:30:00 GMT"
    publisher.answers = [
        answers(POPULATION, Last_Modified=MODIFIED),
        answers(POPULATION + b"\n", Last_Modified=later),
    ]
    get(landing)
    (found,) = get(landing)
    assert (found.status, found.published_on) == ("new", date(2026, 10, 1))
    assert len(landing.waiting()) == 2


def test_the_same_rows_in_another_order_are_not_new(publisher: Publisher, landing: Landing) -> None:
    header, *rows = POPULATION.splitlines(keepends=True)
    shuffled = header + b"".join(reversed(rows))
    changed = header + b"".join([rows[0].replace(b"1", b"2"), *rows[1:]])
    publisher.answers = [answers(POPULATION), answers(shuffled, ETag='"two"'), answers(changed)]
    found = [get(landing)[0] for _ in range(3)]
    assert [one.status for one in found] == ["new", "unchanged", "new"]
    assert found[1].message.startswith("the same rows in another order since 20")
    assert publisher.asked[2][1]["If-None-Match"] == '"two"'

    record = {"id": "741880", "text": "АКМОЛИНСКАЯ ОБЛАСТЬ", "leaf": "true", "y122020": "116126.35"}
    other = record | {"id": "741881", "text": "КОСТАНАЙСКАЯ ОБЛАСТЬ"}
    backwards = [dict(reversed(other.items())), dict(reversed(record.items()))]
    publisher.answers = [
        answers(json.dumps(records).encode())
        for records in ([record, other], backwards, [record, other | {"y122020": "116126.36"}])
    ]
    found = [get(landing, "taldau.income")[0] for _ in range(3)]
    assert [one.status for one in found] == ["new", "unchanged", "new"]


def test_compressed_on_the_way(publisher: Publisher, landing: Landing) -> None:
    publisher.answers = [answers(gzip.compress(POPULATION), Content_Encoding="gzip")]
    (found,) = get(landing)
    assert found.path is not None
    assert found.path.read_bytes() == POPULATION


def test_chunks_and_a_redirect_on_the_same_host(publisher: Publisher, landing: Landing) -> None:
    middle = len(POPULATION) // 2
    chunks = [b"%x\r\n%b\r\n" % (len(part), part) for part in (POPULATION[:middle], POPULATION[middle:], b"")]
    publisher.answers = [
        answers(status=302, Location="/moved", Set_Cookie="session=1; Path=/"),
        sends(head("Transfer-Encoding: chunked"), *chunks),
    ]
    (found,) = get(landing)
    assert found.path is not None
    assert found.path.read_bytes() == POPULATION
    path, asked = publisher.asked[1]
    assert path == "/moved"
    assert "Cookie" not in asked


def test_no_password_of_this_machine_is_sent(
    publisher: Publisher, landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    publisher.answers = [answers(status=302, Location="/moved"), answers(POPULATION)]
    (found,) = get(landing)
    assert found.status == "new"
    assert ["Authorization" in asked for _, asked in publisher.asked] == [False, False]


# --- faults -----------------------------------------------------------------------------------------------

CUT = sends(head(f"Content-Length: {len(POPULATION)}"), POPULATION[:1000])
BAD_CHUNK = sends(head("Transfer-Encoding: chunked"), b"400\r\n", POPULATION[:0x400], b"\r\nzz\r\n")
CUT_CHUNK = sends(head("Transfer-Encoding: chunked"), b"400\r\n", POPULATION[:100])
NO_LAST_CHUNK = sends(head("Transfer-Encoding: chunked"), b"400\r\n", POPULATION[:0x400], b"\r\n")
IN_CP1251 = POPULATION.removeprefix(b"\xef\xbb\xbf").decode().replace("Ә", "А").encode("cp1251", "replace")

FAULTS: dict[str, tuple[list[Answer], int, str, str]] = {
    # answers, how many of them are asked for, what is said, what is to be done
    "not there": ([answers(PAGE, 404)], 1, "the server answered 404 Not Found", "sources.yml"),
    "shut out": ([answers(PAGE, 403)], 1, "the server answered 403 Forbidden", "access"),
    "no content": ([answers(status=204)], 1, "the server answered 204 No Content", "browser"),
    "not modified, unasked": ([answers(status=304)], 1, "the server answered 304 Not Modified", "browser"),
    "broken for ever": (
        [answers(PAGE, 500)],
        3,
        "the server answered 500 Internal Server Error",
        "try later",
    ),
    "shut for a day": (
        [answers(PAGE, 503, Retry_After="86400")],
        3,
        "the server answered 503 Service Unavailable",
        "try later",
    ),
    "cut": ([CUT], 3, "the answer broke off before its end, 3 times", "try again"),
    "a broken chunk": ([BAD_CHUNK], 3, "the answer broke off before its end, 3 times", "try again"),
    "a cut chunk": ([CUT_CHUNK], 3, "the answer broke off before its end, 3 times", "try again"),
    "no last chunk": ([NO_LAST_CHUNK], 3, "the answer broke off before its end, 3 times", "try again"),
    "no end declared": (
        [sends(head(), POPULATION[:1000])],
        1,
        "the last line does not end: the file may be cut here",
        "try again",
    ),
    "no answer at all": ([sends()], 3, "it cannot be reached", "try later"),
    "no web server": ([sends(b"220 ready\r\n")], 3, "it cannot be reached", "try later"),
    "damaged on the way": (
        [answers(POPULATION, Content_Encoding="gzip")],
        1,
        "the answer cannot be read",
        "try again",
    ),
    "a web page": (
        [answers(PAGE, Content_Type="text/csv")],
        1,
        "row 1: a web page or XML, not data; found: «<!DOCTYPE html>",
        "the publisher is down or asks for a login",
    ),
    "nothing": ([answers(b"")], 1, "the file is empty", "fetch it again"),
    "JSON": ([answers(b'{"error": 1}')], 1, "json, not text", "sources.yml"),
    "a workbook": (
        [answers((DATA / "bns_decent_work_indicators.xlsx").read_bytes())],
        1,
        "xlsx, not text",
        "sources.yml",
    ),
    "in windows-1251": ([answers(IN_CP1251)], 1, "it looks like windows-1251", "UTF-8"),
    "in UTF-16": ([answers(POPULATION.decode().encode("utf-16"))], 1, "the text is UTF-16", "UTF-8"),
    "in a circle": ([answers(status=302, Location=PATH)], 6, "redirected more than 5 times", "sources.yml"),
    "another host": (
        [answers(status=301, Location="http://localhost:9/file.csv")],
        1,
        "redirected to another place, http://localhost:9/file.csv",
        "sources.yml",
    ),
    "a file of this machine": (
        [answers(status=302, Location="file:///etc/passwd")],
        1,
        "redirected to another place, file:///etc/passwd",
        "sources.yml",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("fetched_before", [False, True], ids=["first", "later"])
def test_a_fault_leaves_everything_as_it_was(
    fault: str, fetched_before: bool, publisher: Publisher, landing: Landing
) -> None:
    given, count, what, remedy = FAULTS[fault]
    if fetched_before:
        # Without a header to ask by, so that the same faults can come.
        publisher.answers = [answers(POPULATION + b"\n")]
        get(landing)
        publisher.asked.clear()
    before = files_of(landing)
    publisher.answers = list(given)
    (found,) = get(landing)
    assert (found.status, found.path, found.published_on) == ("failed", None, None)
    says = f"Bureau of National Statistics of Kazakhstan, {publisher.base}{PATH}: "
    assert found.message.startswith(says)
    assert what in found.message
    assert remedy in found.remedy
    assert exit_status([found]) == 6
    assert len(publisher.asked) == count
    assert files_of(landing) == before
    failing = landing.read_fetched("bns.population")["failing"]
    assert (failing["times"], failing["message"], failing["remedy"]) == (1, found.message, found.remedy)
    assert failing["since"] == failing["last_at"]
    assert not landing.fetching.exists()


def test_failures_in_a_row_are_counted_until_it_answers(
    publisher: Publisher, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked by stays as it was, and an answer of any kind clears the count."""

    class Clock(datetime):
        day = 1

        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2026, 11, cls.day, 3, tzinfo=UTC)

    def on(day: int, *given: Answer) -> dict[str, Any]:
        Clock.day, publisher.answers = day, list(given)
        get(landing)
        return landing.read_fetched("bns.population")

    monkeypatch.setattr(module, "datetime", Clock)
    page, absent = answers(PAGE), answers(PAGE, 404)
    assert on(1, absent)["failing"]["since"] == "2026-11-01T03:00:00+00:00"
    fetched = on(2, answers(POPULATION, ETag='"one"', Last_Modified=MODIFIED))
    assert "failing" not in fetched
    on(3, page)
    failed = on(4, absent)
    failing = failed.pop("failing")
    assert failed == fetched
    assert (failing["since"][:10], failing["last_at"][:10], failing["times"]) == (
        "2026-11-03",
        "2026-11-04",
        2,
    )
    assert "404 Not Found" in failing["message"]
    assert "failing" not in on(5, answers(status=304))
    assert publisher.asked[-1][1]["If-None-Match"] == '"one"'
    on(6, absent)
    assert "failing" not in on(7, answers(POPULATION))  # the same bytes


@pytest.mark.parametrize(
    "fault",
    [
        answers(PAGE, 500),
        answers(PAGE, 503, Retry_After="86400"),
        answers(PAGE, 429),
        CUT,
        CUT_CHUNK,
        sends(),
    ],
    ids=["500", "503", "429", "cut", "a cut chunk", "no answer"],
)
def test_a_fault_that_passes_is_lived_through(fault: Answer, publisher: Publisher, landing: Landing) -> None:
    publisher.answers = [*again(fault, 2), answers(POPULATION)]
    (found,) = get(landing)
    assert found.path is not None
    assert found.path.read_bytes() == POPULATION
    assert len(publisher.asked) == 3


def test_nothing_of_a_broken_try_is_left(publisher: Publisher, landing: Landing) -> None:
    longer = sends(head(f"Content-Length: {len(POPULATION) + 2000}"), POPULATION, b"x" * 1000)
    publisher.answers = [longer, answers(POPULATION)]
    (found,) = get(landing)
    assert found.path is not None
    assert found.path.read_bytes() == POPULATION


def test_a_slow_drip_ends_at_the_deadline(publisher: Publisher, landing: Landing) -> None:
    """Each byte comes well within the time for one read."""
    limits = replace(LIMITS, total_seconds=0.3, read_seconds=30)
    drips = publisher.drips(head(f"Content-Length: {len(POPULATION)}"), b"x")
    headers = publisher.drips(b"HTTP/1.1 200 OK\r\nX-Never-Ends: ", b"x")
    for answer in (drips, headers, publisher.says_nothing):
        publisher.answers = [answer]
        before = files_of(landing)
        (found,) = get(landing, limits=limits)
        assert "it was not here after 0.3 s" in found.message
        assert "try later" in found.remedy
        assert files_of(landing) == before
        assert not landing.fetching.exists()


def test_silence_ends_at_the_time_for_one_read(publisher: Publisher, landing: Landing) -> None:
    limits = replace(LIMITS, read_seconds=0.1, retries=0)
    publisher.answers = [publisher.says_nothing]
    (found,) = get(landing, limits=limits)
    assert "no answer within 0.1 s" in found.message

    def stops(handler: object) -> None:
        sends(head(f"Content-Length: {len(POPULATION)}"), POPULATION[:100])(handler)  # type: ignore[arg-type]
        publisher.says_nothing(handler)  # type: ignore[arg-type]

    publisher.answers = [stops]
    (found,) = get(landing, limits=limits)
    assert "nothing more came for 0.1 s" in found.message
    assert files_of(landing) == {}


def test_nobody_listens(publisher: Publisher, landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    with Publisher().open() as closed:
        pass
    monkeypatch.setenv("SALDO_SOURCE_BASE", closed.base)
    (found,) = get(landing)
    assert "it cannot be reached: " in found.message
    assert "refused" in found.message.lower()
    assert files_of(landing) == {}


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "not declared"])
def test_a_file_that_is_too_large_is_not_taken(
    declared: bool, publisher: Publisher, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST", {"text": 10_000, "json": 10_000})
    publisher.answers = [answers(POPULATION) if declared else sends(head(), POPULATION)]
    (found,) = get(landing)
    assert "more than 0.01 MB came" in found.message
    assert files_of(landing) == {}


def test_a_compression_bomb_stops_at_the_limit(publisher: Publisher) -> None:
    publisher.answers = [answers(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip")]
    taken = io.BytesIO()
    with pytest.raises(DownloadError, match="more than 1 MB came"):
        download(publisher.base + "/", taken, conditions={}, largest=1_000_000, limits=LIMITS)
    assert len(taken.getvalue()) <= 1_000_000


def test_encryption_is_not_given_up() -> None:
    with pytest.raises(DownloadError, match=r"from https to http://stat\.gov\.kz/b, which is not encrypted"):
        _checked("https://stat.gov.kz/a", "http://stat.gov.kz/b")
    with pytest.raises(DownloadError, match="another place"):
        _checked("https://stat.gov.kz/a", "https://me@stat.gov.kz/b")
    assert _checked("http://stat.gov.kz/a", "https://stat.gov.kz/b") == "https://stat.gov.kz/b"


def test_a_full_disk_is_no_fault_of_the_publisher(
    publisher: Publisher, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, os.strerror(28), "landing")

    publisher.answers = [answers(POPULATION)]
    monkeypatch.setattr("saldo.landing._move", full)
    with pytest.raises(OSError, match="No space"):
        get(landing)
    assert files_of(landing) == {}


# --- what came before -------------------------------------------------------------------------------------


def test_one_that_fails_does_not_stop_the_others(
    publisher: Publisher, landing: Landing, run_saldo: RunSaldo
) -> None:
    publisher.paths[PATH] = [answers(PAGE, 404)]
    publisher.paths[PATH.replace("6584", "6567")] = [answers(BALANCE, Last_Modified=MODIFIED)]
    env = {"SALDO_LANDING": str(landing.folder), "SALDO_SOURCE_BASE": publisher.base}
    names = ["bns.population", "bns.migration_balance"]
    done = run_saldo(PROJECT, "fetch", *names, "--json", env=env)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["status"]) == (6, "failed")
    assert [(one["source"], one["status"]) for one in answer["sources"]] == [
        ("bns.migration_balance", "new"),
        ("bns.population", "failed"),
    ]
    assert [path.name for path in landing.waiting()] == ["bns_6567_2026-08-11.csv"]
    publisher.paths[PATH] = [answers(POPULATION)]
    done = run_saldo(PROJECT, "fetch", *names, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    unchanged, new = done.stdout.splitlines()
    assert unchanged.startswith("unchanged  bns.migration_balance: the same bytes since 20")
    assert new.startswith(f"new        bns.population: {len(POPULATION)} bytes, published on 20")


def test_a_source_that_is_not_declared(landing: Landing, run_saldo: RunSaldo) -> None:
    done = run_saldo(PROJECT, "fetch", "bns.births", env={"SALDO_LANDING": str(landing.folder)})
    assert done.returncode == 3
    assert "bns.births: no such source" in done.stderr
    assert "taldau.income" in done.stderr


@pytest.mark.parametrize("base", ["file:///etc", "http://me@host", "host", "http://host/?a=b"])
def test_a_base_that_is_no_address(base: str, landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALDO_SOURCE_BASE", base)
    with pytest.raises(InputError, match="not an address"):
        get(landing)


def test_a_file_that_was_lost_is_fetched_again(publisher: Publisher, landing: Landing) -> None:
    publisher.answers = [answers(POPULATION, ETag='"one"')]
    (found,) = get(landing)
    assert found.path is not None
    found.path.unlink()
    (again_found,) = get(landing)
    assert "If-None-Match" not in publisher.asked[1][1]
    assert again_found.status == "new"


def test_what_has_landed_is_not_fetched_again(publisher: Publisher, landing: Landing) -> None:
    """Nor if its original was removed since, as the limit on originals has it."""
    publisher.answers = [answers(BALANCE, ETag='"one"', Last_Modified=MODIFIED), answers(status=304)]
    (found,) = get(landing, "bns.migration_balance")
    assert found.path is not None
    (outcome,) = ingest(PROJECT, landing, [str(found.path)], Options())
    assert outcome.status == "landed"
    found.path.unlink()
    (original,) = landing.originals.iterdir()
    original.unlink()
    (again_found,) = get(landing, "bns.migration_balance")
    assert again_found.status == "unchanged"
    assert publisher.asked[1][1]["If-None-Match"] == '"one"'


@pytest.mark.parametrize(
    ("headers", "note"),
    [
        ({"Last_Modified": MODIFIED}, "Last-Modified"),
        ({}, "the day on which it was fetched: the server names none"),
    ],
)
def test_where_the_day_comes_from_goes_with_the_release(
    headers: dict[str, str], note: str, publisher: Publisher, landing: Landing
) -> None:
    publisher.answers = [answers(POPULATION, **headers)]
    get(landing)
    _ingest_inbox(PROJECT, landing)
    (manifest,) = landing.manifests()
    assert manifest["published_on_note"] == note


def test_the_last_release_is_not_new_although_its_record_is_lost(
    publisher: Publisher, landing: Landing
) -> None:
    publisher.answers = again(answers(POPULATION), 3)
    (found,) = get(landing)
    assert found.path
    (outcome,) = ingest(PROJECT, landing, [str(found.path)], Options())
    assert outcome.status == "landed"
    found.path.unlink()
    (landing.fetched / "bns.population.json").unlink()
    for message in ("the bytes of its last release, held since", "the same bytes since"):
        (again_asked,) = get(landing)
        assert (again_asked.status, again_asked.path) == ("unchanged", None)
        assert again_asked.message.startswith(message)
    assert landing.waiting() == []


def test_another_address_is_asked_for_everything(
    publisher: Publisher, landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.answers = [answers(POPULATION, ETag='"one"')]
    get(landing)
    monkeypatch.setenv("SALDO_SOURCE_BASE", f"{publisher.base}/mirror")
    get(landing)
    path, asked = publisher.asked[1]
    assert path == f"/mirror{PATH}"
    assert "If-None-Match" not in asked


def test_a_refused_file_is_asked_for_in_full(publisher: Publisher, landing: Landing) -> None:
    """It may have come damaged: a 304 would keep the damage for ever."""
    damaged = POPULATION.replace(b'"VAL"', b'"VAI"')
    publisher.answers = [answers(damaged, ETag='"one"'), answers(damaged, ETag='"one"'), answers(POPULATION)]
    (found,) = get(landing)
    (outcome,) = ingest(PROJECT, landing, [str(found.path)], Options(layout=found.layout))
    assert outcome.status == "refused"
    assert found.path is not None
    found.path.unlink()
    (second,) = get(landing)
    (third,) = get(landing)
    assert ["If-None-Match" in asked for _, asked in publisher.asked] == [False, False, False]
    assert (second.status, third.status) == ("unchanged", "new")


def test_a_settled_file_is_not_asked_for_in_full_and_never_comes_again(
    publisher: Publisher, landing: Landing
) -> None:
    """Not even after another one, or when the record of it is lost."""
    damaged = POPULATION.replace(b'"VAL"', b'"VAI"')
    publisher.answers = [answers(damaged, ETag='"one"'), answers(status=304)]
    (found,) = get(landing)
    assert found.path is not None
    (outcome,) = ingest(PROJECT, landing, [str(found.path)], Options())
    assert outcome.status == "refused"
    found.path.unlink()
    settle(landing, outcome.sha256)
    (second,) = get(landing)
    assert publisher.asked[1][1]["If-None-Match"] == '"one"'
    publisher.answers = [answers(POPULATION), answers(damaged)]
    (third,) = get(landing)
    (fourth,) = get(landing)
    (landing.fetched / "bns.population.json").unlink()
    publisher.answers = [answers(damaged)]
    (fifth,) = get(landing)
    assert [each.status for each in (second, third, fourth, fifth)] == [
        "unchanged", "new", "unchanged", "unchanged",
    ]  # fmt: skip
    assert fourth.message.startswith("bytes that a person has set aside, held since")
    assert landing.waiting() == [third.path]


def test_what_a_killed_run_left_is_cleared_away(publisher: Publisher, landing: Landing) -> None:
    landing.fetching.mkdir(parents=True)
    (landing.fetching / "bns.income").write_bytes(b"half")
    landing.fetched.joinpath("bns.population.json").write_text("{", encoding="utf-8")
    publisher.answers = [answers(POPULATION, Last_Modified=MODIFIED)]
    (found,) = get(landing)
    assert found.status == "new"
    assert len(files_of(landing)) == 2
    # Killed between the inbox and the record: the file is fetched once more, into its own place.
    landing.fetched.joinpath("bns.population.json").unlink()
    (found,) = get(landing)
    assert found.status == "new"
    assert landing.waiting() == [found.path]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_no_half_file(
    number: signal.Signals, publisher: Publisher, landing: Landing
) -> None:
    publisher.answers = [publisher.drips(head(f"Content-Length: {len(POPULATION)}"), POPULATION[:9])]
    with subprocess.Popen(
        [sys.executable, "-m", "saldo", "fetch", "bns.population"],
        cwd=PROJECT,
        env=os.environ | {"SALDO_LANDING": str(landing.folder), "SALDO_SOURCE_BASE": publisher.base},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        while not publisher.asked:
            assert process.poll() is None, process.stderr and process.stderr.read()
        process.send_signal(number)
        _, said = process.communicate()
    assert landing.waiting() == []
    if number == signal.SIGTERM:
        assert process.returncode == 128 + signal.SIGTERM
        assert "stopped by SIGTERM" in said
        assert files_of(landing) == {}
    publisher.answers = [answers(POPULATION)]
    (found,) = get(landing)
    assert found.status == "new"
    assert len(files_of(landing)) == 2


def test_one_fetch_at_a_time(publisher: Publisher, landing: Landing) -> None:
    publisher.answers = [answers(POPULATION)]
    landing.fetched.mkdir()
    with held(landing.fetch_lock, "saldo fetch"), pytest.raises(LockedError):
        get(landing)
    assert publisher.asked == []


# --- the declaration --------------------------------------------------------------------------------------


@pytest.fixture
def declaration(tmp_path: Path) -> Path:
    """A copy of the declaration, in a project of its own."""
    path = tmp_path / "project" / "models" / "staging" / "sources.yml"
    path.parent.mkdir(parents=True)
    shutil.copy(PROJECT / "models" / "staging" / "sources.yml", path)
    releases = path.parents[2] / "seeds" / "reference" / "release.csv"
    releases.parent.mkdir(parents=True)
    shutil.copy(PROJECT / "seeds" / "reference" / "release.csv", releases)
    return path


@pytest.mark.parametrize(
    ("written", "instead", "named"),
    [
        ("https://stat.gov.kz/api/iblock/element/6584", "http://stat.gov.kz/6584", "bns.population: address"),
        ("bns_6584_{published_on}.csv", "../{published_on}.csv", "bns.population: file_name"),
        ("bns_6584_{published_on}.csv", "bns_6584.csv", "bns.population: file_name"),
        ("indicators: [population]", "indicators: []", "bns.population: «indicators» is missing"),
        ("layout: bns_csv_6584", "lay_out: bns_csv_6584", "bns.population: «layout» is missing"),
        ("{count: 140, period: day}", "{count: 100, period: day}", "bns.unemployment: error_after"),
        ("{count: 140, period: day}", "{count: 1, period: month}", "bns.unemployment: error_after"),
        (
            "error_after: {count: 140, period: day}",
            "",
            "bns.unemployment: error_after is missing, and no source",
        ),
        ("{count: 110, period: day}", "{count: 91, period: day}", "bns.unemployment: warn_after"),
        ("frequency: Q", "frequency: A", "bns.unemployment: warn_after is not what it should be: 366 days"),
        (
            "frequency: Q",
            "frequency: quarterly",
            "bns.unemployment: frequency quarterly is not known: A (yearly)",
        ),
        ("frequency: Q", "calendar: Q", "bns.unemployment: «frequency» is missing"),
        (
            "[bns_income_2026_09_30]",
            "[bns_income]",
            "bns.income: seeded_releases: bns_income is no release of",
        ),
        ("[bns_income_2026_09_30]", "bns_income_2026_09_30", "bns.income: «seeded_releases» is no list"),
        ("- name: unemployment", "- name: ../unemployment", "bns.../unemployment: name"),
        ("sources:", "sources: {", "not YAML"),
        ("sources:", "exposures:", "it declares no sources"),
    ],
)
def test_a_wrong_declaration_is_named(written: str, instead: str, named: str, declaration: Path) -> None:
    text = declaration.read_text(encoding="utf-8")
    assert written in text
    declaration.write_text(text.replace(written, instead), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_sources(declaration.parents[2])
    assert named in str(caught.value)
    assert "models/staging/sources.yml" in str(caught.value)


@pytest.mark.parametrize(
    ("written", "instead", "named"),
    [
        ("release_id,", "release,", "cannot be read: KeyError('release_id')"),
        (",2026-09-30,1,", ",30.09.2026,1,", "published_on: Invalid isoformat string: '30.09.2026'"),
    ],
)
def test_wrong_releases_of_the_seeds_are_named(
    written: str, instead: str, named: str, declaration: Path
) -> None:
    releases = declaration.parents[2] / "seeds" / "reference" / "release.csv"
    text = releases.read_text(encoding="utf-8")
    assert written in text
    releases.write_text(text.replace(written, instead), encoding="utf-8")
    with pytest.raises(InputError, match=r"seeds/reference/release\.csv") as caught:
        read_sources(declaration.parents[2])
    assert named in str(caught.value)
    releases.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_sources(declaration.parents[2])


def test_the_editions_among_the_seeds_are_those_of_the_address() -> None:
    """None forgotten, none of another source: a release says from which address it is."""
    with (PROJECT / "seeds" / "reference" / "release.csv").open(encoding="utf-8", newline="") as file:
        releases = [(row["release_id"], row["source_url"]) for row in csv.DictReader(file)]
    for source in read_sources(PROJECT):
        of_address = {release for release, url in releases if url and source.address.startswith(url)}
        assert set(source.seeded) == of_address, source.name


@pytest.mark.parametrize(
    ("frequency", "last", "expected"),
    [
        ("A", date(2026, 8, 11), date(2027, 8, 11)),
        ("A", date(2024, 2, 29), date(2025, 2, 28)),
        ("Q", date(2026, 9, 30), date(2026, 12, 30)),
        ("Q", date(2025, 11, 30), date(2026, 2, 28)),
        ("M", date(2026, 12, 31), date(2027, 1, 31)),
    ],
)
def test_when_an_edition_is_expected(frequency: str, last: date, expected: date) -> None:
    assert FREQUENCIES[frequency].after(last) == expected


@pytest.mark.parametrize("frequency", FREQUENCIES.values(), ids=FREQUENCIES)
def test_the_longest_wait_for_an_edition(frequency: Frequency) -> None:
    """So that none is due before it is expected; four years hold each length of month and year."""
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(4 * 366)]
    assert max(frequency.after(day) - day for day in days) == frequency.longest


def test_the_page_names_what_is_declared() -> None:
    page = (PROJECT / "docs" / "reference-sources.md").read_text(encoding="utf-8")
    for source in read_sources(PROJECT):
        address = source.address.partition("?")[0] + ("?…" if "?" in source.address else "")
        late_after = f"{source.late_after.days} days" if source.late_after else "never"
        rhythm = f"{source.frequency} | {source.due_after.days} days | {late_after}"
        row = rf"\| `{source.name}` \| .+ \| `{re.escape(address)}` \| {re.escape(rhythm)} \|"
        assert re.search(row, page), source.name
    for code, frequency in FREQUENCIES.items():
        assert f"`{code}` {frequency.word}" in page
    usual = Limits()
    for value in (
        f"{usual.connect_seconds} s / {usual.read_seconds} s / {usual.total_seconds} s",
        f"| {usual.retries}, after 0, {2 * usual.backoff_seconds} and {4 * usual.backoff_seconds} s",
        f"up to {usual.longest_wait_seconds} s",
        f"| redirects | {usual.redirects} |",
        f"{module.LARGEST['text'] // 1_000_000} MB of text, {module.LARGEST['json'] // 1_000_000} MB of JSON",
    ):
        assert value in page


def test_no_declaration(declaration: Path) -> None:
    declaration.unlink()
    with pytest.raises(InputError, match="the file is missing"):
        read_sources(declaration.parents[2])
