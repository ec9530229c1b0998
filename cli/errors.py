"""The one place that turns errors into a sentence which says what was wrong and what to do."""

from __future__ import annotations

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
    SSOError,
    TokenRetrievalError,
)

from lambdas.domain.errors import OrderFileError, OrderFormatError, RunError
from local.errors import LocalEngineError

OR_LOCAL = "or add --local for the embedded engine"


class CommandError(Exception):
    """What a person asked for can't be done: one sentence that says why and what to do."""


_OURS = (CommandError, LocalEngineError, OrderFileError, OrderFormatError, RunError)
_NO_CREDENTIALS = (
    NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, SSOError, TokenRetrievalError
)  # fmt: skip
_NO_CONNECTION = (
    EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError, ConnectionClosedError,
    ProxyConnectionError, SSLError,
)  # fmt: skip
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_NOT_KNOWN = {
    "AuthFailure", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignatureException",
    "SignatureDoesNotMatch", "UnrecognizedClientException",
}  # fmt: skip
_NOT_ALLOWED = {"AccessDenied", "AccessDeniedException", "403", "UnauthorizedOperation"}
_GONE = {"ResourceNotFoundException", "NoSuchBucket", "StateMachineDoesNotExist"}


def sentence(error: BaseException) -> str | None:
    """What to tell a person about an error, or None where it is a mistake of the program."""
    if isinstance(error, _OURS):
        return str(error)
    if isinstance(error, S3UploadFailedError):
        cause = error.__context__ or error.__cause__
        return (sentence(cause) if cause else None) or str(error)
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, BotoCoreError):
        return _broken(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error}."
    return None


def _broken(error: BotoCoreError) -> str:
    if isinstance(error, ProfileNotFound):
        return f"{error}: set AWS_PROFILE to a profile of `aws configure list-profiles`, {OR_LOCAL}."
    if isinstance(error, _NO_CREDENTIALS):
        return (
            f"No usable AWS credentials ({_one_line(error)}): log in or set AWS_PROFILE "
            f"(`aws sts get-caller-identity` shows whether it works), {OR_LOCAL}."
        )
    if isinstance(error, NoRegionError):
        return f"No AWS region: set AWS_REGION to the region that the stack is deployed in, {OR_LOCAL}."
    if isinstance(error, _NO_CONNECTION):
        return (
            f"No connection ({_one_line(error)}): check the network and the region in AWS_REGION; the "
            "embedded engine is started with `merchant-sales local start`."
        )
    return f"AWS could not be asked: {_one_line(error)}."


def _refusal(error: ClientError) -> str:
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), _one_line(str(told.get("Message", "")))
    if code in _EXPIRED:
        return f"The AWS credentials have expired ({code}): log in again, {OR_LOCAL}."
    if code in _NOT_KNOWN:
        return f"AWS doesn't know these credentials ({code}): check AWS_PROFILE and AWS_REGION, {OR_LOCAL}."
    if code in _NOT_ALLOWED:
        return (
            f"The credentials don't allow {error.operation_name} ({message or code}): use ones that may "
            "read and write the stack's buckets and tables."
        )
    if code in _GONE:
        return (
            f"Something of the stack is missing ({error.operation_name}: {message or code}): deploy it again "
            "with `make deploy`, or `merchant-sales local start` for the embedded engine."
        )
    return f"AWS refused {error.operation_name}: {message or 'no message'} ({code})."


def _one_line(error: object) -> str:
    return " ".join(str(error).split()).rstrip(".")
