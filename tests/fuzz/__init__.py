"""A coverage-guided fuzzer over the parts of the parser that are Python."""
