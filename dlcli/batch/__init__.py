"""The way of many pictures: sources, pipeline, writers, report."""
