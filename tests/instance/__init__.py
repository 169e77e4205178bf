"""Reading, judging and writing instances."""
