"""The infrastructure: one construct a file, in the order of the flow."""
