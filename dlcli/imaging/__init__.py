"""Pictures in and out: one reader, one writer, geometry, enhancement, drawing."""
