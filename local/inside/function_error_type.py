"""Gives a function's own error type back, so that Retry and Catch by name match as on AWS.

The engine reports every exception of a handler as Runtime.HandlerError, and ends the function's process
after it, where AWS keeps it: each retry would be a cold start.
"""

import re
import threading
from typing import Any

from local.inside import worker_script

_HANDLER_ERROR = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
_RAISED = (
    '{"status": "ok", "result": None, '
    '"raised": {"errorMessage": str(e), "errorType": type(e).__name__, '
    '"stackTrace": traceback.format_exc().splitlines()[:-1]}}'
)
_INIT_ERROR = '{"status": "error", "error": str(e)}'
_NAMED_INIT_ERROR = (
    '{"status": "error", "error": '
    "\"Runtime.ImportModuleError: Unable to import module '%s': %s\" % (module_name, e) "
    'if isinstance(e, ImportError) else "%s: %s" % (type(e).__name__, e)}'
)
_INIT_FAILED = re.compile(r"Worker init failed: ([\w.]+): (.*)", re.DOTALL)


def apply(lambda_runtime: Any, lambda_svc: Any) -> None:
    """Carry the exception from the worker's answer to the invocation's result."""
    worker_script.replace(lambda_runtime, _HANDLER_ERROR, _RAISED)
    worker_script.replace(lambda_runtime, _INIT_ERROR, _NAMED_INIT_ERROR)
    answers = threading.local()
    _remember_answers(lambda_runtime, answers)
    original = lambda_svc._execute_function_warm

    def execute(func: Any, event: Any, request_id: str) -> Any:
        answers.last = {}
        result = original(func, event, request_id)
        if raised := answers.last.get("raised"):
            log = "\n".join([result.get("log", ""), *raised["stackTrace"], raised["errorMessage"]])
            return {"body": {**raised, "requestId": request_id}, "error": True, "log": log.strip()}
        if result.get("error") and isinstance(result.get("body"), dict):
            result["body"] = _runtime_error(result["body"], request_id)
        return result

    lambda_svc._execute_function_warm = execute


def _remember_answers(lambda_runtime: Any, answers: threading.local) -> None:
    """Keep each worker's last answer for the thread that called it."""
    original = lambda_runtime.Worker.invoke

    def invoke(self: Any, *args: Any, **options: Any) -> Any:
        answers.last = original(self, *args, **options)
        return answers.last

    lambda_runtime.Worker.invoke = invoke


def _runtime_error(body: dict[str, Any], request_id: str) -> dict[str, Any]:
    """The error of a process that ended or couldn't begin, named as on AWS."""
    message = str(body.get("errorMessage", ""))
    if message == "Worker process died":
        message = f"RequestId: {request_id} Error: Runtime exited"
        return {"errorMessage": message, "errorType": "Runtime.ExitError"}
    if failed := _INIT_FAILED.match(message):
        return {"errorMessage": failed[2], "errorType": failed[1], "requestId": request_id, "stackTrace": []}
    return body
