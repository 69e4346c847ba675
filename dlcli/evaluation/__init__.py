"""The shipped predictor over a labeled set, into a metric."""
