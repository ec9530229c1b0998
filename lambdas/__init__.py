"""The functions of the pipeline: one folder per state, the pure rules in domain, AWS in adapters."""
