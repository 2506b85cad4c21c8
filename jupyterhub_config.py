"""JupyterHub's configuration: read the settings, apply them."""

from assay_config import jupyterhub, settings

jupyterhub.apply(get_config(), settings.read())
