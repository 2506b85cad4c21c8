"""The Jupyter server extension of a workspace: manifest, recorder, snapshot."""
