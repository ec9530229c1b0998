"""Errors as pages: the sentence that the command would print, and no trace."""

from __future__ import annotations

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException, NotFound

from cli.errors import CommandError, sentence
from lambdas.domain.errors import RunError

NOT_FOUND, MISTAKE, UNREACHABLE = 404, 500, 502


def add_error_pages(app: Flask) -> None:
    """Answer every error with a page that says what was wrong and what to do."""

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[str, int]:
        told = error.description or error.name
        if isinstance(error, NotFound):
            told = "There is no such page: begin with the runs or the merchants."
        return _page(told, error.code or MISTAKE)

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[str, int]:
        told = sentence(error)
        if told is not None:
            return _page(told, NOT_FOUND if isinstance(error, CommandError | RunError) else UNREACHABLE)
        app.logger.exception("the dashboard made a mistake")
        return _page(
            "The dashboard made a mistake. The terminal that it runs in shows where; the command "
            "`merchant-sales` shows the same data without it.",
            MISTAKE,
        )


def _page(told: str, code: int) -> tuple[str, int]:
    return render_template("error.html", told=told), code
