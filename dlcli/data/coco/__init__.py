"""COCO: one JSON file for each split."""
