"""heatnet: the whole heating decision of a city as one mixed-integer model, solved with a proven bound and checked."""
