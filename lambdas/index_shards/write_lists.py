"""The lists that others need to find the frames and rejects of a file that was cut."""

from __future__ import annotations

from lambdas.adapters.read_splits import ReadSplits
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.cuts import places
from lambdas.domain.frame_list import frame_list
from lambdas.domain.plan import Plan
from lambdas.domain.stored_names import rejects_object


def write_lists(plan: Plan, read: ReadSplits, work: WorkFiles) -> None:
    """Of a file that was cut: where each partition's frames are, and how the rejects are numbered."""
    if len(plan.splits) < 2:
        return
    work.put_frame_list(plan.run_id, frame_list(read.indexes, read.inside, plan.partitions))
    found = [
        {
            "object": rejects_object(plan.run_id, split, begins_inside=number in read.inside),
            "lines": place.lines,
            "bytes": place.bytes,
        }
        for number, (split, place) in enumerate(zip(plan.splits, places(read.indexes), strict=True))
        if read.indexes[number].rejected
    ]
    if found:
        work.put_places(plan.run_id, found)
