"""How detectors of others lay out what they find, one family a file."""
