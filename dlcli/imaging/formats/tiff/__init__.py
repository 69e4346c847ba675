"""TIFF files: directories, blocks of samples, colors."""
