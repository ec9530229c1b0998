"""Each kind of order file, read and summed by this system and by DuckDB alone."""
