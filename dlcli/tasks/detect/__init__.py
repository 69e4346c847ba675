"""Find objects and draw boxes around them."""
