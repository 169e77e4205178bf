"""The judge on examples worked out by hand."""
