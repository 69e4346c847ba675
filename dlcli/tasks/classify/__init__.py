"""Say what a picture shows as a whole, and sort pictures by it."""
