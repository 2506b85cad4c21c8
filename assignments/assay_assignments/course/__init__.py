"""A plain nbgrader course folder: its configuration, submissions and gradebook, and the grading of a whole batch."""
