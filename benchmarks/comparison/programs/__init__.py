"""One program per side: `python -m benchmarks.comparison.programs.NAME OUT FILE…` writes the sums to OUT."""
