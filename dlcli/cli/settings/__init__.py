"""Values of options from files and the environment."""
