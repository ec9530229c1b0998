"""A simulation of runs: starts of Map children, Lambda's concurrency, throttling, DynamoDB's write rate."""
