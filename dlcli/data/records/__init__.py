"""Records of earlier runs as labeled data."""
