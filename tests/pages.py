"""Pages of documentation read, run and compared: what they tell to type, and what they say comes out.

What a page may hold, besides Markdown:

    <!-- ends with 3 -->            the commands of the next block end with this status; without it, with 0
    <!-- not run: REASON -->        the next block is not run, and why
    <!-- as the first build -->     the next block is not run anew: it prints what the first build has printed
    ```sh ... ```                   commands, run in the order of the page in one copy of the project
    ```python ... ```               a program, run likewise
    ```text ... ```                 what the block before it prints; a line `...` stands for any lines
    ``` ... ```                     without a word: a picture, compared with nothing
    ```sql ... ```                  a query of the published file; its lines `-- ` are the rows
    <!-- figures: QUERY -->         gives the numbers of the paragraph or table above it, in their order
"""

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"(?:^ *<!-- (?P<mark>[^\n]*) -->\n)?"
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
FIGURES = re.compile(r"^<!-- figures:(.*?)-->$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
# A number: grouped by spaces, or with a decimal point; a hyphen between two of them is no sign.
NUMBER = re.compile(r"(?<![\w.])[−-]?(?:\d{1,3}(?:[ \u00a0]\d{3})+(?![\d.])|\d+(?:\.\d+)?)")
# A year, a day and the level of the intervals say what is spoken of.
NAMES = re.compile(r"\b(?:19|20)\d\d\b|\b95 %|\b1[ \u00a0]January\b")
# What differs from build to build and from machine to machine.
VARIABLE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d|\b\d\d:\d\d:\d\d\b|\d{8}T\d{6}Z-[0-9a-f]{8}|\d+\.\d (?:s|MB)"
)
COLOUR = re.compile(r"\x1b\[[\d;]*m")  # dbt writes it to a file, too


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        line: of the page, where its text begins.
        mark: what the comment above it says, or ''.
    """

    line: int
    language: str
    text: str
    mark: str

    @property
    def status(self) -> int:
        """The exit status with which its commands must end."""
        found = re.fullmatch(r"ends with (\d+)", self.mark)
        return int(found[1]) if found else 0


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [
        Block(
            page.count("\n", 0, match.start("text")) + 1,
            match["language"],
            textwrap.dedent(match["text"]),
            match["mark"] or "",
        )
        for match in BLOCK.finditer(page)
    ]


def typed(
    command: str, folder: Path, *, env: Mapping[str, str] | None = None, timeout: int = 900
) -> subprocess.CompletedProcess[str]:
    """Runs commands as in a shell of a user; `duckdb` is the shell of the development environment."""
    # MAKE…: this may run below `make test`, whose settings a user's shell does not have
    others = ("SALDO_", "DBT_", "MAKE", "MFLAGS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["/usr/bin/env", "bash", "-c", command],
        cwd=folder,
        env=kept | {"PATH": path} | dict(env or {}),
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
    )


def lend_environment(project: Path) -> None:
    """Makes `.venv` of a copy of the project: the programs of these tests, which make takes for installed."""
    folder = project / ".venv"
    folder.mkdir()
    for part in Path(sys.prefix).iterdir():
        if not part.name.startswith("installed"):
            (folder / part.name).symlink_to(part)
    for stamp in ("installed", "installed-dev"):
        (folder / stamp).touch()


class Session:
    """A reader who types the blocks of one page, from above, in a copy of the project.

    Args:
        name: of the page, for messages.
        project: the copy, with an environment.
        first_build: what the first build has printed.
    """

    def __init__(self, name: str, project: Path, first_build: str) -> None:
        self.name = name
        self.project = project
        self.first_build = first_build
        self.ran = 0
        self._printed: str | None = None

    def follow(self, page: str) -> None:
        """Types every block.

        Raises:
            AssertionError: one ends or prints otherwise than the page says; names page and line.
        """
        for block in blocks(page):
            if block.language in ("sh", "python"):
                self._printed = self._type(block)
            elif block.language == "text":
                self._compare(block)

    def _type(self, block: Block) -> str | None:
        if block.mark.startswith("not run: "):
            return None
        if block.mark == "as the first build":
            return self.first_build
        command = f"set -e -o pipefail\n{block.text}"
        if block.language == "python":
            command = f".venv/bin/python - <<'END_OF_PROGRAM'\n{block.text}END_OF_PROGRAM"
        # the code of the copy, not of the project in which the environment was made
        outcome = typed(command, self.project, env={"PYTHONPATH": "."})
        said = f"{block.text}{outcome.stdout}{outcome.stderr}"
        assert outcome.returncode == block.status, (
            f"{self.name}, line {block.line}: ended with {outcome.returncode}, not {block.status}\n{said}"
        )
        self.ran += 1
        return outcome.stdout + (outcome.stderr if block.status else "")

    def _compare(self, block: Block) -> None:
        place = f"{self.name}, line {block.line}"
        assert self._printed is not None, f"{place}: a text that no block above it has printed"
        assert shows(block.text, self._printed), (
            f"{place}: the page shows\n{block.text}and it printed\n{self._printed}"
        )


def shows(text: str, printed: str) -> bool:
    """Whether a page's text is what was printed, but for the time, sizes and lines `...`."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", _settled(text), flags=re.MULTILINE)]
    return re.fullmatch("(?:.*\n)*?".join(parts), _settled(printed)) is not None


def _settled(text: str) -> str:
    plain = COLOUR.sub("", text).replace("\u00a0", " ")  # looks the same
    lines = VARIABLE.sub("*", plain).strip("\n").splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, a list or a table of a page.

    Attributes:
        line: of the page, where it begins.
        query: what its numbers are compared with; '' if it has none.
    """

    line: int
    text: str
    query: str

    def numbers(self) -> list[str]:
        """Its numbers as printed, without years and what stands as code or address."""
        prose = re.sub(r"`[^`]*`", "", self.text).replace("\n", " ")
        return NUMBER.findall(NAMES.sub("", LINK.sub("]", prose)))


def paragraphs(page: str) -> Iterator[Paragraph]:
    """The prose of a page: no headings, no fenced blocks."""
    without = BLOCK.sub(lambda match: "\n" * match[0].count("\n"), page)
    for match in re.finditer(r"(?:^.*\S.*$\n?)+", without, re.MULTILINE):
        query = FIGURES.search(match[0])
        text = FIGURES.sub("", match[0])
        if not text.startswith("#"):
            line = without.count("\n", 0, match.start()) + 1
            yield Paragraph(line, text, query[1].strip() if query else "")


def is_rounded(printed: str, value: float) -> bool:
    """Whether a printed number is this value at the decimals that it is printed with."""
    plain = re.sub(r"[ \u00a0]", "", printed).replace("−", "-")
    decimals = len(plain.partition(".")[2])
    return abs(float(plain) - float(value)) <= 0.5 * 10**-decimals + 1e-9


def anchors(page: str) -> set[str]:
    """The names by which links lead to the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
