"""What the pipeline costs beside the shortest honest scripts that do the same; `make bench` runs all of it."""
