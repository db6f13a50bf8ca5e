"""Pictures of two clients for docs/images: Harlequin draws its own, Chromium that of the dashboard."""

import functools
import shutil
import subprocess
import tempfile
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.clients.environments import FOLDER
from tests.project import PROJECT

IMAGES = PROJECT / "docs" / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1000, 1300


def write() -> list[str]:
    """Puts the pictures of the last run into docs/images; what could not be made, a line each."""
    IMAGES.mkdir(exist_ok=True)
    missing = []
    terminal, pages = FOLDER / "rooms" / "harlequin" / "harlequin.svg", FOLDER / "dashboard" / "dist"
    if terminal.exists():
        shutil.copyfile(terminal, IMAGES / terminal.name)
    else:
        missing.append("no picture of Harlequin: it was not asked")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        missing.append("no picture of the dashboard: Chromium is not there")
    elif not pages.exists():
        missing.append("no picture of the dashboard: it was not built")
    else:
        _photograph(browser, pages, IMAGES / "dashboard.png")
    return missing


def _photograph(browser: str, pages: Path, picture: Path) -> None:
    """A page's modules load over HTTP only, so a server on this machine shows them."""
    handler = functools.partial(_Quiet, directory=str(pages))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, tempfile.TemporaryDirectory() as profile:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={profile}",
            f"--window-size={WIDTH},{HEIGHT}", "--virtual-time-budget=15000", f"--screenshot={picture}",
        )  # fmt: skip
        address = f"http://127.0.0.1:{server.server_port}/"
        subprocess.run([browser, *options, address], capture_output=True, timeout=120, check=True)
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
