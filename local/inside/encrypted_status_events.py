"""Keeps the data of an encrypted state machine's executions out of the events of how they end, as AWS does.

With a customer's KMS key, Step Functions sends neither input nor output, error or cause to EventBridge;
the engine sends them all.
"""

from typing import Any

KEPT_BACK = ("input", "output", "error", "cause")


def apply(stepfunctions: Any) -> None:
    """Put emptied copies of such executions in where events are made."""
    original = stepfunctions._emit_execution_status_event

    def emit(execution: dict[str, Any]) -> None:
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"]) or {}
        encrypted = machine.get("encryptionConfiguration", {}).get("type") == "CUSTOMER_MANAGED_KMS_KEY"
        original({**execution, **dict.fromkeys(KEPT_BACK)} if encrypted else execution)

    stepfunctions._emit_execution_status_event = emit
