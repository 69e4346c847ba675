"""Learning from a teacher: another, trained network."""
