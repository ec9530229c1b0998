"""docs/cost.md: its tables are written by `python -m cli.estimate.document`, and a test compares them."""
