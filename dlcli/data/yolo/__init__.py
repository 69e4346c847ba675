"""YOLO: a text file for each image."""
