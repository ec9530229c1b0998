"""Turns a plain Python container into the job: fetches its archives from S3, unpacks them, runs the module.

A job's command holds this text (`python -c`), so it takes the standard library and nothing else.
"""

import datetime
import hashlib
import hmac
import http.client
import io
import json
import os
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Mapping
from urllib.parse import urlsplit

TRIES = 5


def job_role(variables: Mapping[str, str]) -> dict[str, str]:
    """The credentials of the job role, from where the container is told to ask for them."""
    local = variables.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    url = local or "http://169.254.170.2" + variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
    with urllib.request.urlopen(url, timeout=10) as answer:
        return dict(json.load(answer))


def signed(url: str, role: Mapping[str, str], region: str, now: datetime.datetime) -> urllib.request.Request:
    """A GET from S3 with an AWS signature, version 4."""
    parts, date, empty = urlsplit(url), f"{now:%Y%m%d}", hashlib.sha256(b"").hexdigest()
    headers = {"host": parts.netloc, "x-amz-content-sha256": empty, "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}"}
    headers["x-amz-security-token"] = role["Token"]
    names, lines = ";".join(headers), "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join(["GET", parts.path, "", lines, names, empty])
    scope = f"{date}/{region}/s3/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = b"AWS4" + role["SecretAccessKey"].encode()
    for text in (*scope.split("/"), "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, digest])):
        key = hmac.digest(key, text.encode(), "sha256")
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={role['AccessKeyId']}/{scope}, "
        f"SignedHeaders={names}, Signature={key.hex()}"
    )
    return urllib.request.Request(url, headers=headers)


def unpack(url: str, variables: Mapping[str, str], folder: str) -> None:
    """Unpack one archive; a passing fault of S3 or of the network is waited for."""
    url = variables["AWS_ENDPOINT_URL"] + urlsplit(url).path if "AWS_ENDPOINT_URL" in variables else url
    for pause in [2**n for n in range(TRIES - 1)] + [0]:
        now = datetime.datetime.now(datetime.UTC)
        try:
            request = signed(url, job_role(variables), variables["AWS_DEFAULT_REGION"], now)
            with urllib.request.urlopen(request, timeout=60) as answer:
                zipfile.ZipFile(io.BytesIO(answer.read())).extractall(folder)
            return
        except (OSError, http.client.HTTPException):
            if not pause:
                raise
            time.sleep(pause)


if __name__ == "__main__":
    home = tempfile.mkdtemp()
    for archive in os.environ["JOB_ARCHIVES"].split():
        unpack(archive, os.environ, home)
    os.environ["PYTHONPATH"] = f"{home}:{home}/python"
    os.execv(sys.executable, [sys.executable, "-m", "lambdas.oversize_orders.job", *sys.argv[1:]])
