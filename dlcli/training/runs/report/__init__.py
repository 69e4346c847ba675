"""The page of a run: RUN/report.html."""
