"""Format tools: try an order format on a file of this computer, and draft one from a file."""
