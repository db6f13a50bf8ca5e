"""The examples for schedulers: each is read by its own rules, and what it calls exists."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from saldo import cli

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "examples" / "schedule"
CRON = (FOLDER / "saldo.cron").read_text(encoding="utf-8")
SERVICE = (FOLDER / "saldo-refresh.service").read_text(encoding="utf-8")
TIMER = (FOLDER / "saldo-refresh.timer").read_text(encoding="utf-8")
WORKFLOW = (FOLDER / "refresh.yml").read_text(encoding="utf-8")
# Minute, hour, day, month, day of the week: the least and the largest.
FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def commands() -> set[str]:
    """The commands that `saldo` has."""
    (subparsers,) = (
        action for action in cli._parser()._actions if action.dest == "==SUPPRESS==" or action.choices
    )
    return set(subparsers.choices or ())


@pytest.mark.parametrize("text", [CRON, SERVICE, WORKFLOW], ids=["cron", "systemd", "workflow"])
def test_each_refreshes_and_then_says_how_things_stand(text: str) -> None:
    called = re.findall(r"\.venv/bin/saldo (\w+)", text)
    assert called == ["refresh", "status"]
    assert {"refresh", "status"} <= set(commands())


def cron_faults(line: str) -> list[str]:
    """What crontab(5) would not take: `*`, a number, a list, a range, a step."""
    faults = []
    *fields, command = line.split(maxsplit=5)
    for field, (least, largest) in zip(fields, FIELDS, strict=True):
        for part in field.split(","):
            match = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?", part)
            numbers = [int(number) for number in match.groups()[:2] if number] if match else [-1]
            if not all(least <= number <= largest for number in numbers) or numbers != sorted(numbers):
                faults.append(field)
    # cron ends the command at a per cent sign and gives the rest to it as input
    return [*faults, *re.findall(r"(?<!\\)%", command)]


def test_the_cron_line() -> None:
    (line,) = (line for line in CRON.splitlines() if line and not line.startswith("#"))
    assert CRON.endswith("\n"), "cron leaves out a last line that does not end"
    assert cron_faults(line) == []
    assert cron_faults("60 3 * * 1-8 date +%F") == ["60", "1-8", "%"]
    command = line.split(maxsplit=5)[5]
    assert subprocess.run(["/bin/sh", "-n", "-c", command], capture_output=True).returncode == 0


def test_the_cron_line_mails_only_what_is_not_well(tmp_path: Path) -> None:
    """Run by sh as cron does, with a `saldo` that notes its calls."""
    program = tmp_path / "saldo" / ".venv" / "bin" / "saldo"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$1 in $(pwd)"\nexit "$(cat ../$1)"\n')
    program.chmod(0o755)
    command = CRON.splitlines()[-1].split(maxsplit=5)[5]
    for refresh, status in ((0, 0), (0, 7), (6, 0), (1, 9)):
        (tmp_path / "refresh").write_text(str(refresh))
        (tmp_path / "status").write_text(str(status))
        said = {"refresh": refresh, "status": status}
        mailed = "".join(f"{name} in {tmp_path / 'saldo'}\n" for name, code in said.items() if code)
        env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(["/bin/sh", "-c", command], cwd="/", env=env, capture_output=True, text=True)
        assert (done.stdout, done.stderr) == (mailed, "")
    log = (tmp_path / "saldo" / "logs" / "refresh.log").read_text()
    assert log == 4 * f"refresh in {tmp_path / 'saldo'}\n"


def test_the_systemd_units(tmp_path: Path) -> None:
    units = {}
    for name, text in (("saldo-refresh.service", SERVICE), ("saldo-refresh.timer", TIMER)):
        units[name] = configparser.ConfigParser(interpolation=None, strict=True)
        units[name].optionxform = str  # type: ignore[assignment,method-assign]
        units[name].read_string(text)
        # The folder of the user's project is not there; another that is takes its place.
        (tmp_path / name).write_text(text.replace("%h/saldo", str(tmp_path / "saldo")), encoding="utf-8")
    service, timer = units["saldo-refresh.service"], units["saldo-refresh.timer"]
    assert service["Service"]["ExecStart"].startswith(
        service["Service"]["WorkingDirectory"] + "/.venv/bin/saldo "
    )
    assert timer["Timer"]["OnCalendar"] == "*-*-* 03:15:00"
    assert timer["Install"]["WantedBy"] == "timers.target"
    if not shutil.which("systemd-analyze"):
        return  # what can be seen without systemd has been seen
    program = tmp_path / "saldo" / ".venv" / "bin" / "saldo"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert verify(tmp_path) == []
    broken = SERVICE.replace("%h/saldo", str(tmp_path / "saldo")).replace("Nice=10", "Nicer=10")
    (tmp_path / "saldo-refresh.service").write_text(broken, encoding="utf-8")
    assert any("Nicer" in line for line in verify(tmp_path))


def verify(folder: Path) -> list[str]:
    """What `systemd-analyze verify` says about the units in a folder."""
    paths = [folder / "saldo-refresh.service", folder / "saldo-refresh.timer"]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *paths],  # noqa: S607
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)},
        capture_output=True,
        text=True,
    )
    return [line for line in (done.stdout + done.stderr).splitlines() if "saldo-refresh" in line]


def test_the_workflow() -> None:
    workflow: dict[Any, Any] = yaml.safe_load(WORKFLOW)
    triggers = workflow[True]  # YAML 1.1 reads the key `on` as a truth
    (schedule,) = triggers["schedule"]
    assert cron_faults(f"{schedule['cron']} x") == []
    assert "workflow_dispatch" in triggers
    assert workflow["concurrency"] == {"group": "refresh", "cancel-in-progress": False}
    (job,) = workflow["jobs"].values()
    steps = job["steps"]
    assert all(("run" in step) != ("uses" in step) for step in steps)
    assert [step["run"] for step in steps if "run" in step] == [
        "make build",
        ".venv/bin/saldo refresh",
        ".venv/bin/saldo status",
    ]
    used = [step["uses"] for step in steps if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z/-]+@v\d+", name) for name in used)
    python = next(step for step in steps if step.get("uses", "").startswith("actions/setup-python"))
    assert python["with"]["python-version"] == "3.11"
    # What is kept is what was restored, and it is kept even if a source is late.
    restored, saved = (step for step in steps if step.get("uses", "").startswith("actions/cache/"))
    assert restored["with"]["path"] == saved["with"]["path"] == "landing\nwarehouse\n"
    assert restored["with"]["key"] == saved["with"]["key"]
    assert saved["if"] == "always()"


def test_the_page_names_every_example() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in FOLDER.iterdir():
        if path.name != "README.md":
            assert f"`{path.name}`" in page, path.name
