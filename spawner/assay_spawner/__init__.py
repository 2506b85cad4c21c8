"""One locked-down container per interview."""
