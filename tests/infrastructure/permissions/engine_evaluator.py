"""Asks the embedded engine's evaluator of policies: a program for the engine's environment.

Takes a list of {statements, action, resource, context} as JSON, and answers a list of true and false.
"""

import importlib
import json
import sys
from typing import Any

evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")


def allowed(case: dict[str, Any]) -> bool:
    """Whether the engine would let a request through."""
    context = {key.lower(): value for key, value in case["context"].items()}
    asked = evaluator.EvalContext(
        principal_arn="arn:aws:sts::123456789012:assumed-role/one/one",
        principal_type="AssumedRole",
        principal_account="123456789012",
        action=case["action"],
        resource_arn=case["resource"],
        region="eu-central-1",
        secure_transport=context.pop("aws:securetransport", "true") == "true",
        service_context=context,
    )
    policies = [evaluator.parse_policy_document({"Statement": case["statements"]})]
    return bool(evaluator.evaluate(asked, policies).decision == "Allow")


if __name__ == "__main__":
    json.dump([allowed(case) for case in json.load(sys.stdin)], sys.stdout)
