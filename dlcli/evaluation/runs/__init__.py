"""Trainings side by side: what each came to, and what two differ in."""
