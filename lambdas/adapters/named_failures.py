"""Failures that nobody foresaw, told with what was being worked on: in the log, and in the run's reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger

from lambdas.domain.errors import OrderFileError, RunError, TimeIsUpError


@contextmanager
def named_failures(logger: Logger, work: str, **about: object) -> Iterator[None]:
    """Name the work in the log's line and in the message of an error; those of ours name it themselves."""
    logger.append_keys(**about)  # so that what is told meanwhile, such as of a busy table, is found by them
    try:
        yield
    except TimeIsUpError as e:
        logger.info("goes on in another call", extra={"reason": str(e)})
        raise
    except (OrderFileError, RunError) as e:
        logger.error("failed", extra={"reason": str(e)})
        raise
    except Exception as e:
        logger.exception("failed", extra={"reason": str(e)})
        e.args = (f"{work}: {e}",)
        raise
    finally:
        logger.remove_keys(list(about))
