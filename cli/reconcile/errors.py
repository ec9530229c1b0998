"""The error of an order file that can't be counted."""


class UncountableFileError(Exception):
    """The order file as a whole can't be counted; says why."""
