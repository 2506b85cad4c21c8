"""Code analysis: what can be read, counted and measured of a submission, each figure with how it was made."""
