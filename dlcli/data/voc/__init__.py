"""Pascal VOC: an XML file, and a PNG mask, for each image."""
