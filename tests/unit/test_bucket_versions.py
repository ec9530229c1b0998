"""An orders bucket without versions is refused: a replaced file would look like the one before it."""

from typing import Any

import pytest

from lambdas.adapters.order_files import OrderFiles
from lambdas.domain.errors import OrderFileError


class Bucket:
    """An S3 client whose bucket holds one object."""

    def __init__(self, version_id: str | None, status: str | None) -> None:
        self.head = {"ContentLength": 3} | ({"VersionId": version_id} if version_id else {})
        self.status = {"Status": status} if status else {}
        self.asked = 0

    def head_object(self, **_: object) -> Any:
        """The object."""
        return self.head

    def get_bucket_versioning(self, **_: object) -> Any:
        """Whether the bucket keeps versions."""
        self.asked += 1
        return self.status


def present(client: Any) -> str:
    return OrderFiles(client, "orders").present("a.csv").version_id


def test_a_version_of_its_own_needs_no_question() -> None:
    client = Bucket("v1", "Enabled")
    assert (present(client), client.asked) == ("v1", 0)


def test_an_object_from_before_the_bucket_kept_versions_is_one() -> None:
    assert present(Bucket("null", "Enabled")) == "null"


@pytest.mark.parametrize(("version_id", "status"), [(None, None), ("null", "Suspended")])
def test_a_bucket_that_keeps_no_versions_is_refused(version_id: str | None, status: str | None) -> None:
    with pytest.raises(OrderFileError, match=r"orders keeps no versions .* switch versioning on"):
        present(Bucket(version_id, status))
