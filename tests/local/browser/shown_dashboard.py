"""What the browser tests look at: an order file that has settled, and the dashboard's pages about it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

KEY, LATER_KEY = "dashboard/orders <b>&.csv", "dashboard/later.csv"
HOSTILE = "~<img src=x onerror=alert(1)>"
MERCHANT, OTHER = "~dash one", "~dash two"
ORDERS = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n" + "".join(
    [
        f"{MERCHANT},1000000000.0001,o1,1,1,2024-01-31T23:00:00\n",
        f"{MERCHANT},-2.5,o2,1,1,2024-03-01T00:00:00\n",
        f"{MERCHANT},1.23456,o3,1,1,2024-03-02\n",
        *(f"{OTHER},1,p{n},1,1,2024-03-01\n" for n in range(40)),
        f"{HOSTILE},5,q1,1,1,2024-02-02\n",
    ]
)
EVIL = "evil.example"
"""A name of somebody else that leads to this computer, as in an attack by DNS rebinding."""
SECONDS = 1000.0
"""In Playwright's milliseconds."""


@dataclass(frozen=True)
class Shown:
    """A running dashboard of a stack that has settled a file."""

    url: str
    run_id: str

    def pages(self) -> dict[str, str]:
        """The address of each kind of page."""
        paths = {
            "runs": "runs", "run": f"runs/{self.run_id}", "rejects": f"runs/{self.run_id}/rejects",
            "merchants": "merchants?currency=USD", "merchant": f"merchant?id={quote(MERCHANT)}",
            "replay": f"replay?key={quote(KEY)}", "an error": "runs/nonsense",
        }  # fmt: skip
        return {name: self.url + path for name, path in paths.items()}
