"""What other programs read and write of Assay, as JSON: what they send, what they get, and how one becomes it."""
