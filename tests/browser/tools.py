"""What the browser tests need beside Python's packages: a Chromium and axe-core from npm.

`python -m tests.browser.tools` is a part of `make test`: as root on Debian it installs what is missing;
elsewhere it says in one line what to install, and the tests that need it are skipped with that line.

Playwright drives the Chromium that is there: one package of Python with its own driver. Selenium would need a
chromedriver of the browser's very version beside it, and could neither block requests nor read the console.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright

FOLDER = Path(__file__).parent
AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
LOCK, INSTALLED = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".package-lock.json"
NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"]
ON_MACOS = [
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
]
NO_CHROMIUM = (
    "tests/browser did not run: no Chromium or Chrome was found; install one, or name it in SALDO_CHROMIUM"
)
NO_AXE = (
    "the tests with axe-core did not run: it is not installed; install npm, then: cd tests/browser && npm ci"
)
# Playwright itself adds --headless, --no-sandbox, --no-first-run, --disable-background-networking,
# --disable-component-update and an empty profile. These keep the browser itself off the network, too.
FLAGS = ["--disable-gpu", "--disable-quic", "--disable-sync"]


def chromium() -> str | None:
    """The path of SALDO_CHROMIUM, or of the first browser of Chromium's family on this machine."""
    if named := os.environ.get("SALDO_CHROMIUM"):
        return shutil.which(named)
    paths = [shutil.which(name) for name in NAMES] + [str(path) for path in ON_MACOS if path.exists()]
    return next((path for path in paths if path), None)


def launch(playwright: Playwright, path: str) -> Browser:
    """Starts that browser, headless."""
    return playwright.chromium.launch(executable_path=path, args=FLAGS)


def axe() -> Path | None:
    """axe-core as one script, of the version in package-lock.json; none while that is not installed."""
    return AXE if AXE.exists() and not _is_stale() else None


def _is_stale() -> bool:
    return not INSTALLED.exists() or INSTALLED.stat().st_mtime < LOCK.stat().st_mtime


def _root_on_debian() -> bool:
    release = Path("/etc/os-release")
    return os.geteuid() == 0 and release.exists() and "ID=debian" in release.read_text().splitlines()


def _run(*command: str, **options: object) -> bool:
    """Runs the command; what it says is shown only if it fails."""
    outcome = subprocess.run(command, capture_output=True, encoding="utf-8", **options)
    if outcome.returncode != 0:
        print(f"{' '.join(command)}:\n{outcome.stdout}{outcome.stderr}", file=sys.stderr)
    return outcome.returncode == 0


def _debian_installs(*packages: str) -> None:
    print(f"installing {' and '.join(packages)} of Debian ...", file=sys.stderr)
    install = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends"]
    silent = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    _ = _run("apt-get", "-qq", "update", **silent) and _run(*install, *packages, **silent)


def set_up() -> list[str]:
    """Installs what is missing and may be installed; a line for each thing that is still missing."""
    wanted = {"chromium": chromium() is None, "npm": axe() is None and shutil.which("npm") is None}
    if any(wanted.values()) and _root_on_debian():
        _debian_installs(*[package for package, is_missing in wanted.items() if is_missing])
    if axe() is None and shutil.which("npm"):
        _run("npm", "ci", "--silent", cwd=FOLDER)
    return [line for line, found in [(NO_CHROMIUM, chromium()), (NO_AXE, axe())] if found is None]


if __name__ == "__main__":
    print("".join(f"{line}\n" for line in set_up()), end="", file=sys.stderr)
