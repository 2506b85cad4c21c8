"""What the service does without being asked: keep workspaces up, pull recordings, work off the grading queue."""
