"""The quotas of AWS, each with the load that reaches it, as the model reckons it."""

from __future__ import annotations

from cli.estimate.quotas.computing import computing, jobs
from cli.estimate.quotas.quota import Deployment, Quota
from cli.estimate.quotas.starting import starting
from cli.estimate.quotas.storing import items, objects


def quotas(at: Deployment) -> list[Quota]:
    """All of them, in the order of the flow."""
    return [quota for part in (starting, computing, jobs, objects, items) for quota in part(at)]
