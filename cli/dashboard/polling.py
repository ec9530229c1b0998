"""How often an open page asks again."""


def poll_seconds(*, goes_on: bool, local: bool, soon: bool = False) -> float:
    """Seconds between two requests: on AWS each costs a little; `soon` for a page that somebody watches."""
    if soon:
        return 1 if local else 2
    if goes_on:
        return 2 if local else 5
    return 5 if local else 15
