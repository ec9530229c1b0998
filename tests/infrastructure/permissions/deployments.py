"""The settings under which policies differ: all statements that the stack can have are in one of these."""

from typing import Any

ORDERS_KEY, BOOTSTRAP_KEY = "ordersBucketKeyArn", "bootstrapKeyArn"
"""Of buckets that aren't in the template."""
DEPLOYMENTS: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "data goes with the stack": {"profile": "dev"},
    "access logs": {"accessLogs": True},
    "a bucket of yours, no sweeps": {"ordersBucketName": "theirs", "sweepHours": 0},
    "a key of its own": {"encryption": "kms"},
    "a bucket of yours and its key, a key for the CDK's": {
        "ordersBucketName": "theirs",
        ORDERS_KEY: "arn:aws:kms:eu-central-1:123456789012:key/theirs",
        BOOTSTRAP_KEY: "arn:aws:kms:eu-central-1:123456789012:key/the-cdk-s",
    },
}
