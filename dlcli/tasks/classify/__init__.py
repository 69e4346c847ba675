"""Say what an image shows as a whole, and sort images by it."""
