"""The command line: built from the task registry."""
