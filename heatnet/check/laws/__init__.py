"""The laws, by subject. Each function notes what breaks them in `Findings`."""
