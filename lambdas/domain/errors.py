"""Errors that a person reads: each says what was wrong, where, and what to do."""


class OrderFileError(Exception):
    """The order file as a whole can't be counted: the run ends FAILED with this sentence, without a retry."""


class RunError(Exception):
    """The run can't go on as it stands: it ends FAILED with this sentence, without a retry."""


class ConservationError(RunError):
    """Lines or money of a run aren't accounted for: a mistake of the program, or damaged files."""


class TimeIsUpError(Exception):
    """The call's time is nearly over and its work isn't: the next attempt goes on where this one stops."""


class UnforeseenError(Exception):
    """Something failed that nobody foresaw: the sentence names the work, the error and what it said."""


class OrderFormatError(Exception):
    """An order format file is wrong: the sentence names the file, the key and what was expected."""


FINAL_ERRORS = (OrderFileError.__name__, RunError.__name__)
"""Whose message is a whole sentence for people, and after which trying again can't help."""
