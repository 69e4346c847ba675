"""`--cache`: the decoded images of a training, kept in memory or in a file."""
