"""Questions that take more than one plan: trade-offs, sensitivity, near-optimal alternatives, later deadlines."""
