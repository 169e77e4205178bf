"""What the models of a few instances looked like when last written, and what they look like now."""
