"""What the model check explores: small worlds, each about one kind of trouble, and larger ones."""

from __future__ import annotations

from tests.fault.model.model import Action, Bug, Scenario

PUT_1, PUT_2, PUT_3 = Action("put", "1"), Action("put", "2"), Action("put", "3")
DELETE = Action("put", "deleted")
REMOVE_1, REMOVE_2, RESTORE = Action("remove", "1"), Action("remove", "2"), Action("remove", "deleted")
REPLAY, DEPLOY = Action("replay"), Action("deploy")
OTHER_PUT = Action("put", "9", key=1)

ALONE = {"look": 1, "index": 1, "sales": 1, "settle": 1, "fail": 1}
"""One copy of each worker; scenarios say which have two."""
MOVED = {"1": (1, 0), "2": (0, 2), "3": (4, 0), "9": (8, 0)}
"""Versions that name different merchants."""
CHANGED = {"1": (1, 1), "2": (2, 0), "3": (0, 4), "9": (8, 8)}
"""Versions that share merchants."""
TWO_PARTITIONS = ((0,), (1,))
ONE_PARTITION = ((0, 1),)

QUICK = (
    Scenario(
        name="two versions, two copies of merchant_sales",
        script=(PUT_1, PUT_2),
        contents=MOVED,
        copies=ALONE | {"sales": 2},
    ),
    Scenario(
        name="two versions, two copies of plan_run",
        script=(PUT_1, PUT_2),
        contents=MOVED,
        copies=ALONE | {"look": 2},
    ),
    Scenario(
        name="two versions, two copies of index_shards and settle_run",
        script=(PUT_1, PUT_2),
        contents=MOVED,
        copies=ALONE | {"index": 2, "settle": 2},
    ),
    Scenario(
        name="a version is removed for good",
        script=(PUT_1, PUT_2, REMOVE_2),
        looks=(3,),
        contents=MOVED,
        copies=ALONE,
    ),
    Scenario(
        name="three versions that share merchants",
        script=(PUT_1, PUT_2, PUT_3),
        looks=(3,),
        contents=CHANGED,
        copies=ALONE,
    ),
    Scenario(
        name="deleted and restored",
        script=(PUT_1, DELETE, RESTORE),
        looks=(3,),
        contents=CHANGED,
        copies=ALONE,
    ),
    Scenario(
        name="the second version fails its validation",
        script=(PUT_1, PUT_2),
        contents=MOVED,
        invalid=frozenset({"2"}),
        copies=ALONE | {"sales": 2},
    ),
    Scenario(
        name="the second of three versions fails its validation",
        script=(PUT_1, PUT_2, PUT_3),
        looks=(3,),
        contents={"1": (1, 0), "2": (2, 0), "3": (0, 4)},
        invalid=frozenset({"2"}),
        copies=ALONE,
    ),
    Scenario(
        name="workers give up",
        script=(PUT_1, PUT_2),
        contents=MOVED,
        give_ups=2,
        copies=ALONE,
    ),
    Scenario(
        name="a run gives up and is redriven",
        script=(PUT_1, DELETE),
        contents=MOVED,
        give_ups=1,
        redrives=1,
        copies=ALONE,
    ),
    Scenario(
        name="fail_run is lost",
        script=(PUT_1,),
        contents=MOVED,
        give_ups=1,
        fail_run_lost=True,
        late_look=True,
    ),
    Scenario(
        name="replayed with another format",
        script=(PUT_1, DEPLOY, REPLAY),
        looks=(1,),
        contents=MOVED | {"1'": (0, 1)},
        copies=ALONE | {"look": 2, "sales": 2},
    ),
    Scenario(
        name="two keys of the same merchants",
        script=(PUT_1, OTHER_PUT),
        looks=(1, 1),
        contents=CHANGED,
        copies=ALONE | {"sales": 2},
    ),
    Scenario(
        name="two currencies of a merchant",
        script=(PUT_1, PUT_2),
        cells=(("a", "USD"), ("a", "EUR")),
        contents=MOVED,
        copies=ALONE,
    ),
    Scenario(
        name="attempts that do not compute the same",
        script=(PUT_1, DELETE),
        contents={"1": (1, 0), "1*": (0, 1)},
        copies=ALONE | {"sales": 2},
    ),
    Scenario(
        name="other partitions each time",
        script=(PUT_1, PUT_2),
        contents={"1": (1, 1), "2": (0, 2)},
        partitions=(ONE_PARTITION, TWO_PARTITIONS),
        copies=ALONE,
    ),
)

FULL = (
    Scenario(
        name="two versions, two copies of every worker",
        script=(PUT_1, PUT_2),
        contents=MOVED,
    ),
    Scenario(
        name="two versions, two copies of every worker but plan_run, one gives up",
        script=(PUT_1, PUT_2),
        contents=MOVED,
        give_ups=1,
        copies={"look": 1},
    ),
    Scenario(
        name="three versions, two copies of merchant_sales",
        script=(PUT_1, PUT_2, PUT_3),
        looks=(3,),
        contents={"1": (1, 0), "2": (0, 2), "3": (4, 0)},
        copies=ALONE | {"sales": 2},
    ),
    Scenario(
        name="removed for good, two copies of plan_run",
        script=(PUT_1, PUT_2, REMOVE_2),
        looks=(2,),
        contents=MOVED,
        copies=ALONE | {"look": 2},
    ),
    Scenario(
        name="deleted and put again, an index_shards gives up and is redriven",
        script=(PUT_1, DELETE, PUT_3),
        looks=(3,),
        contents={"1": (1, 0), "3": (0, 4)},
        give_ups=1,
        give_up_at="index",
        redrives=1,
        copies=ALONE,
    ),
    Scenario(
        name="a merchant_sales gives up and is redriven, two copies of it, of index_shards and fail_run",
        script=(PUT_1, DELETE),
        contents=MOVED,
        give_ups=1,
        give_up_at="sales",
        redrives=1,
        copies=ALONE | {"index": 2, "sales": 2, "fail": 2},
    ),
    Scenario(
        name="two merchant_sales give up and are redriven",
        script=(PUT_1, PUT_2),
        contents=MOVED,
        give_ups=2,
        give_up_at="sales",
        redrives=2,
        copies=ALONE,
    ),
    Scenario(
        name="replayed with another format after a give-up, two versions",
        script=(PUT_1, PUT_2, DEPLOY, REPLAY),
        contents=MOVED | {"2'": (2, 0)},
        give_ups=1,
        copies=ALONE,
    ),
    Scenario(
        name="two versions and a second key of the same merchants, two copies of merchant_sales",
        script=(PUT_1, PUT_2, OTHER_PUT),
        looks=(2, 1),
        contents=CHANGED,
        copies=ALONE | {"sales": 2},
    ),
    Scenario(
        name="other partitions each time, two copies of merchant_sales, two contributions at a time",
        script=(PUT_1, PUT_2),
        cells=(("a", "USD"), ("a", "EUR"), ("b", "USD")),
        contents={"1": (1, 1, 1), "2": (2, 0, 2)},
        partitions=(((0, 1, 2),), ((0, 1), (2,))),
        copies=ALONE | {"sales": 2},
        batch=2,
    ),
)

_QUICK = {scenario.name: scenario for scenario in QUICK}
FOUND_IN = {
    Bug.ORDER_BY_EVENT: _QUICK["a version is removed for good"],
    Bug.LOOKS_NOT_RAISED: _QUICK["a version is removed for good"],
    Bug.OWN_REGISTRATION: _QUICK["two versions, two copies of plan_run"],
    Bug.FENCE_IN_PLAN_RUN: _QUICK["the second version fails its validation"],
    Bug.RESULTS_OVERWRITTEN: _QUICK["attempts that do not compute the same"],
    Bug.RETRACT_LAST_RUN: _QUICK["the second of three versions fails its validation"],
    Bug.RETRACT_SUCCEEDED: _QUICK["two currencies of a merchant"],
    Bug.NO_TOMBSTONE: _QUICK["two currencies of a merchant"],
    Bug.RETRACT_BY_MERCHANT: _QUICK["two currencies of a merchant"],
    Bug.STALE_FENCE_READ: _QUICK["two currencies of a merchant"],
    Bug.NO_COMMIT_CONDITION: _QUICK["two versions, two copies of merchant_sales"],
    Bug.FENCE_READ_FIRST: _QUICK["two currencies of a merchant"],
    Bug.LISTED_PARTITIONS: _QUICK["a run gives up and is redriven"],
    Bug.ABANDONED_RUN: _QUICK["fail_run is lost"],
}
"""A scenario that shows each bug."""
