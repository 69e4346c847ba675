"""Which colors the numbers of an image are, by its profile or a PNG's chunks, and the way to sRGB."""
