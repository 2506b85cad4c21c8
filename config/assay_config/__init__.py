"""Settings: one frozen tree, and the one place that turns it into JupyterHub's configuration."""
