"""Questions, their release and their grading."""
