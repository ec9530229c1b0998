"""The command `merchant-sales`: put order files in, look at runs and sales."""
