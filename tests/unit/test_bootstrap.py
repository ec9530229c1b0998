"""The bootstrap of jobs: signs as the AWS SDK does, asks for the job role, unpacks, and waits out faults."""

import ast
import http.client
import io
import json
import sys
import urllib.error
import urllib.request
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from lambdas.oversize_orders import bootstrap

ROLE = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret/+", "Token": "token=="}
URL = "https://s3.eu-west-1.amazonaws.com/assets-000000000000-eu-west-1/0a1b.zip"
NOW = datetime(2026, 11, 24, 9, 8, 7, tzinfo=UTC)
FARGATE = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x", "AWS_DEFAULT_REGION": "eu-west-1"}

NO_ROUTE = urllib.error.URLError("no route to host")


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        written.writestr("lambdas/new.py", "x = 1")
    return content.getvalue()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been asked of the network, which gives the role and the archive."""
    urls: list[str] = []

    def answer(request: str | Request, timeout: float) -> io.BytesIO:
        del timeout
        url = request if isinstance(request, str) else request.full_url
        urls.append(url)
        return io.BytesIO(archive() if url.endswith(".zip") else json.dumps(ROLE).encode())

    monkeypatch.setattr("urllib.request.urlopen", answer)
    monkeypatch.setattr("time.sleep", lambda seconds: urls.append(f"waited {seconds}"))
    return urls


def test_it_signs_as_the_sdk_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW)
    theirs = AWSRequest("GET", URL)
    theirs.context["client_config"] = Config(s3={"payload_signing_enabled": True})
    credentials = Credentials(ROLE["AccessKeyId"], ROLE["SecretAccessKey"], ROLE["Token"])
    S3SigV4Auth(credentials, "s3", "eu-west-1").add_auth(theirs)
    ours = bootstrap.signed(URL, ROLE, "eu-west-1", NOW)
    headers = {name.lower(): value for name, value in ours.header_items()}
    for name in ("Authorization", "X-Amz-Date", "X-Amz-Content-SHA256", "X-Amz-Security-Token"):
        assert headers[name.lower()] == theirs.headers[name]


def test_it_fetches_with_the_job_role_and_unpacks(asked: list[str], tmp_path: Path) -> None:
    bootstrap.unpack(URL, FARGATE, str(tmp_path))
    assert asked == ["http://169.254.170.2/v2/credentials/x", URL]
    assert (tmp_path / "lambdas" / "new.py").read_text() == "x = 1"


def test_it_asks_where_it_is_told_to(asked: list[str], tmp_path: Path) -> None:
    told = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/role",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    bootstrap.unpack(URL, told, str(tmp_path))
    assert asked == ["http://127.0.0.1:1/role", "http://127.0.0.1:1/assets-000000000000-eu-west-1/0a1b.zip"]


@pytest.mark.parametrize("fault", [NO_ROUTE, http.client.IncompleteRead(b"PK")])
@pytest.mark.parametrize("faults", [1, bootstrap.TRIES - 1])
def test_a_passing_fault_is_waited_for(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: int, fault: Exception
) -> None:
    _break(monkeypatch, faults, fault)
    bootstrap.unpack(URL, FARGATE, str(tmp_path))
    assert [step for step in asked if step.startswith("waited")] == [f"waited {2**n}" for n in range(faults)]
    assert (tmp_path / "lambdas").is_dir()


def test_a_fault_that_stays_ends_the_job(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break(monkeypatch, bootstrap.TRIES, NO_ROUTE)
    with pytest.raises(urllib.error.URLError):
        bootstrap.unpack(URL, FARGATE, str(tmp_path))
    assert len(asked) == bootstrap.TRIES - 1


def _break(monkeypatch: pytest.MonkeyPatch, faults: int, fault: Exception) -> None:
    """Let the first so many requests fail."""
    works, left = urllib.request.urlopen, iter(range(faults))

    def answer(request: Any, timeout: float) -> Any:
        if next(left, None) is not None:
            raise fault
        return works(request, timeout=timeout)

    monkeypatch.setattr("urllib.request.urlopen", answer)


def test_it_needs_the_standard_library_only() -> None:
    tree = ast.parse(Path(bootstrap.__file__).read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
