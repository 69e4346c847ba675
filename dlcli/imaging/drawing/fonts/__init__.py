"""Letters for drawings: the bundled DejaVu Sans, and the system's fonts for what it lacks."""
