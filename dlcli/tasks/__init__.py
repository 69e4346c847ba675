"""One folder a task; registry.py finds them."""
