"""Every part of the model on cities whose optimum is worked out by hand."""
