"""Cases that others published, read into instances."""
