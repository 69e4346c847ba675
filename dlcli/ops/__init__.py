"""Array functions in NumPy: boxes, NMS, anchors."""
