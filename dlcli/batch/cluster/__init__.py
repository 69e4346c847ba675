"""`--on ray`: images of a run on the processes of a Ray cluster."""
