"""One report for all browser tests, made from the file that was built once, and a browser to open it in."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pytest
from playwright.sync_api import Browser, sync_playwright
from project import run_in

from tests.browser import report_page, tools

OpenReport = Callable[..., report_page.Report]


def not_there(line: str) -> NoReturn:
    """Skips what needs a program that is not there, with the line that says what to install."""
    pytest.skip(line)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a file of tests: while Playwright runs, no other test of the process can use asyncio."""
    path = tools.chromium() or not_there(tools.NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = tools.launch(playwright, path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> Path:
    """axe-core as one script."""
    return tools.axe() or not_there(tools.NO_AXE)


def make_report(project: Path, page: Path, **env: str) -> Path:
    """Writes the report of the project's published file, or of another one that `env` names."""
    outcome = run_in(project, "report", "--output", str(page), env=env)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return page


@pytest.fixture(scope="session")
def report(built_project: Path) -> Path:
    """The report of the built project, made once for all workers. Only to be read."""
    page = built_project.parent / "отчёт.html"
    with (built_project.parent / "report.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return page if page.exists() else make_report(built_project, page)


@pytest.fixture(scope="session")
def published(built_project: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file that the report was made from, to ask it for its figures."""
    with duckdb.connect(str(built_project / "warehouse" / "saldo.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenReport]:
    """`open_page(path, language="ru", width=360)` opens a report in a window of its own; see open_report."""
    opened: list[report_page.Report] = []

    def open_one(path: Path, **options: Any) -> report_page.Report:
        opened.append(report_page.open_report(browser, path, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.page.context.close()


@pytest.fixture(scope="module", params=report_page.LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """Each language in turn."""
    return request.param


@pytest.fixture(scope="module")
def shown(browser: Browser, report: Path, language: str) -> Iterator[report_page.Report]:
    """The report in that language, open for all tests of a file. Only to be looked at."""
    shown = report_page.open_report(browser, report, language=language)
    yield shown
    shown.page.context.close()


@pytest.fixture(scope="module")
def english(browser: Browser, report: Path) -> Iterator[report_page.Report]:
    """The report in English, open for all tests of a file; each leaves it as it was."""
    english = report_page.open_report(browser, report)
    yield english
    english.page.context.close()


@pytest.fixture(scope="session")
def report_of(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`report_of("delete from core.x")` is the report of a copy of the file after these statements."""

    def make(*statements: str) -> Path:
        folder = tmp_path_factory.mktemp("warehouse")
        file = Path(shutil.copyfile(built_project / "warehouse" / "saldo.duckdb", folder / "saldo.duckdb"))
        with duckdb.connect(str(file)) as connection:
            for statement in statements:
                connection.execute(statement)
        return make_report(built_project, folder / "report.html", SALDO_WAREHOUSE=str(folder))

    return make
