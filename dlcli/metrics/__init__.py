"""Scores in NumPy: add() predictions and truth, then value()."""
