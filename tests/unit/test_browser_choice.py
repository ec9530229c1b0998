"""Which browser the browser tests take, and what is said where there is none."""

import sys
from pathlib import Path

import pytest

from tests.local.browser import installed as browser


@pytest.fixture
def bare_computer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A computer without a browser, whose user may not install one; the folder of its programs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "OF_MACOS", tmp_path / "none")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    for name in ("CHROME_BIN", "BROWSER_TESTS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.usefixtures("bare_computer")
def test_without_a_browser_it_fails_and_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert browser.main() == 1
    told = capsys.readouterr().err
    assert "apt-get install chromium" in told
    assert "BROWSER_TESTS=0" in told


@pytest.mark.usefixtures("bare_computer")
def test_it_may_be_left_out(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BROWSER_TESTS", "0")
    assert browser.main() == 0
    assert "left out" in capsys.readouterr().out


@pytest.mark.parametrize("name", browser.NAMES)
def test_an_installed_one_is_taken(bare_computer: Path, name: str) -> None:
    path = program(bare_computer / name)
    assert browser.installed({}) == path
    assert browser.main() == 0


def test_one_may_be_named(bare_computer: Path) -> None:
    program(bare_computer / "chromium")
    assert browser.installed({"CHROME_BIN": sys.executable}) == sys.executable
    assert browser.installed({"CHROME_BIN": "/no/such/browser"}) is None
