"""Totals for a warehouse: as CSV or Parquet, whole or by month, and the list of the runs' results files."""
