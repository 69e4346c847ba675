"""Hostile inputs and unlucky surroundings: a plain sentence and the right exit code, never a fault or a hang."""
