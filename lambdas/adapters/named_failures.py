"""Failures that nobody foresaw, told with what was being worked on: in the log, and in the run's reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger

from lambdas.domain.errors import OrderFileError, RunError, TimeIsUpError, UnforeseenError


@contextmanager
def named_failures(logger: Logger, work: str, **about: object) -> Iterator[None]:
    """Log an error with the work, and name that in the message too; errors of ours name it themselves.

    Raises UnforeseenError from an error that isn't ours.
    """
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
        told = UnforeseenError(f"{work}: {type(e).__name__}: {e}")
        logger.exception("failed", extra={"reason": str(told)})
        raise told from e
    finally:
        logger.remove_keys(list(about))
