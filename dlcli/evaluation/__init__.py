"""The shipped predictor over a labelled set, into a metric."""
