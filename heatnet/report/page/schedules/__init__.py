"""A comparison of schedules as one HTML page. Every figure is a pure function of a comparison and a language."""
