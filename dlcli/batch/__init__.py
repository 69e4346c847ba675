"""The way of many images: sources, pipeline, writers, report."""
