"""Credentials of a job's role, asked for by the job's process as a container asks Fargate for them."""

import secrets
import time
from datetime import UTC, datetime
from typing import Any

PATH = "/_merchant_sales/job-credentials/"
VALID_SECONDS = 3600


class JobCredentials:
    """Hands out sessions of roles by a secret, and takes them back when the job has ended."""

    def __init__(self, sts: Any) -> None:
        """Take the engine's STS, in whose sessions its IAM finds who calls."""
        self._sts = sts
        self._jobs: dict[str, tuple[str, str]] = {}
        self._sessions: dict[str, list[str]] = {}

    def give(self, role_arn: str, job_id: str) -> str:
        """The secret with which one attempt of a job asks for its role."""
        secret = secrets.token_urlsafe(24)
        self._jobs[secret] = role_arn, job_id
        self._sessions[secret] = []
        return secret

    def take_back(self, secret: str) -> None:
        """From now on neither the secret nor what it was answered is good for anything."""
        self._jobs.pop(secret, None)
        for access_key in self._sessions.pop(secret, []):
            self._sts._sessions.pop(access_key, None)

    def answer(self, secret: str) -> dict[str, str] | None:
        """A new session in the form that Fargate gives it; None for a wrong secret."""
        if secret not in self._jobs:
            return None
        role_arn, job_id = self._jobs[secret]
        access_key, secret_key, token = (
            f"ASIA{secrets.token_hex(8).upper()}",
            secrets.token_hex(20),
            secrets.token_hex(32),
        )
        until = time.time() + VALID_SECONDS
        self._sts.register_session(
            access_key,
            {
                "Arn": _session_arn(role_arn, job_id),
                "UserId": f"{role_arn.rsplit('/', 1)[-1]}:{job_id}",
                "SecretAccessKey": secret_key,
                "SessionToken": token,
                "Expiration": until,
            },
        )
        self._sessions[secret].append(access_key)
        return {
            "RoleArn": role_arn,
            "AccessKeyId": access_key,
            "SecretAccessKey": secret_key,
            "Token": token,
            "Expiration": datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def _session_arn(role_arn: str, job_id: str) -> str:
    account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    return f"arn:aws:sts::{account}:assumed-role/{name}/{job_id.replace(':', '-')}"
