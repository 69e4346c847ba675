"""Names to model files: bundled ones, runs and paths."""
