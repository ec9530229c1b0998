"""The rejected lines of a run, whole, as a file to correct."""
