"""What files hold: headers, pixels, metadata, format by format."""
