"""The same exact sums by this system and by others: CPU seconds, wall seconds, memory, and who is exact."""
