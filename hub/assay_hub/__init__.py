"""The hub's side of Assay: rooms, recordings, submissions and grades."""
