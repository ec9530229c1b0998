"""The rules of the pipeline as plain functions of plain values: no AWS, no environment, no clock."""
