"""Which images a run is about: paths, globs, lists, records, a folder that is watched."""
