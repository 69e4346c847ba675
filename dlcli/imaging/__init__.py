"""Images in and out: one reader, one writer, geometry, enhancement, drawing."""
