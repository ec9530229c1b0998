"""`formats infer` says beside the currency where it comes from, or that it is a guess."""

from pathlib import Path

import pytest

from tests.unit.cli.drafting import drafted, lines, written


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("shop,amount\n" + lines("S{few},SEK {n}.{cent}\n"), "SEK    # it stands beside the amounts"),
        ("shop;amount\n" + lines("B{few};{n},{cent} €\n"), "EUR    # the amounts have its sign, €"),
        (
            "shop,sale (dollars)\n" + lines("S{few},{n}.{cent}\n"),
            "USD    # by the heading 'sale (dollars)'; check it",
        ),
        (
            "shop,amount,currency\n" + lines("S{few},{n}.{cent},EUR\n"),
            "EUR    # of lines whose currency is blank: the most frequent one",
        ),
        (
            "shop,amount\n" + lines("S{few},€{n}.{cent}\nS{few},£{n}.{cent}\n"),
            "EUR    # of amounts without a sign: that of the most frequent one",
        ),
    ],
)
def test_the_currency_comes_with_its_source(content: str, line: str, tmp_path: Path) -> None:
    assert f"currency: {line}\n" in drafted(written(tmp_path, "orders.csv", content)).text


def test_a_currency_that_nothing_says_is_a_guess(tmp_path: Path) -> None:
    text = drafted(written(tmp_path, "orders.csv", "shop,amount\n" + lines("S{few},{n}.{cent}\n"))).text
    assert "# Nothing in the file says the currency. Is it this one?\ncurrency: USD\n" in text
