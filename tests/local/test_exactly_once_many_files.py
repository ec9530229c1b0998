"""Exactly once with many files at once: all of them hold orders of the same merchants."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

from lambdas.adapters.runs_table import SUCCEEDED
from tests.local.books import HEADING, Books, plain_pass
from tests.local.conftest import Deployed

FILES = 200
MERCHANTS = 60
LINES_IN_A_FILE = 40


def orders(file: int) -> list[str]:
    """Lines of some of the merchants, the same ones at every run of the test; every tenth is a refund."""
    random = Random(file)
    lines = []
    for line in range(LINES_IN_A_FILE):
        merchant, cents = random.randrange(MERCHANTS), random.randrange(1, 100_000)
        sign = "-" if random.random() < 0.1 else ""
        amount = f"{sign}{cents // 100}.{cents % 100:02d}"
        lines.append(
            f"~many{merchant},{amount},o{line // 3},{line},{1 + line % 5},2024-{1 + line % 12:02d}-05"
        )
    return [HEADING, *lines]


def test_many_files_of_the_same_merchants_uploaded_at_once_are_counted_to_the_cent(
    deployed: Deployed,
) -> None:
    books = Books(deployed)
    files = {f"once/many/{file:03d}.csv": orders(file) for file in range(FILES)}

    def put(key: str) -> str:
        return books.put(key, "\n".join(files[key]).encode())

    with ThreadPoolExecutor(16) as uploads:
        list(uploads.map(put, files))
    for key in files:
        assert [run["status"] for run in books.quiet(key, looks=1)] == [SUCCEEDED]
    books.check("~many", {key: plain_pass(lines) for key, lines in files.items()})
