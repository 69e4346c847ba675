"""The --pre chain: its grammar, its table, its maths."""
