"""Order files with one oddity each, and what has to come of them: the rows of the table in test_odd_files."""
