"""The deployed stack in the embedded engine: time, memory, and every request that a run makes."""
