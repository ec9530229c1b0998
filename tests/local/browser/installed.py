"""The Chrome or Chromium of the browser tests, which `make browser` finds or installs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OF_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
ADVICE = (
    "The browser tests need Chrome or Chromium: install one (Debian: apt-get install chromium), name it with "
    "CHROME_BIN=/path/to/it, or leave these tests out with BROWSER_TESTS=0."
)


def left_out(variables: Mapping[str, str]) -> bool:
    """Whether the browser tests are not to run."""
    return variables.get("BROWSER_TESTS") == "0"


def installed(variables: Mapping[str, str]) -> str | None:
    """The path of an installed browser."""
    if variables.get("CHROME_BIN"):
        return shutil.which(variables["CHROME_BIN"])
    found = filter(None, map(shutil.which, NAMES))
    return next(found, str(OF_MACOS) if OF_MACOS.exists() else None)


@contextmanager
def headless(*arguments: str) -> Iterator[Browser]:
    """The installed browser, without a window."""
    path = installed(os.environ)
    assert path, ADVICE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            browser.close()


def main() -> int:
    """Say which browser there is, or install Debian's; the exit code."""
    if left_out(os.environ):
        print("== BROWSER_TESTS=0: the browser tests are left out")  # noqa: T201
        return 0
    if not installed(os.environ) and os.geteuid() == 0 and shutil.which("apt-get"):
        print("== no Chrome or Chromium: installing Debian's chromium, a minute or two", flush=True)  # noqa: T201
        install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"]
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
        for command in (["apt-get", "update", "--quiet"], install):
            subprocess.run(command, check=False, **quiet)  # type: ignore[call-overload]
    if not installed(os.environ):
        print(ADVICE, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
