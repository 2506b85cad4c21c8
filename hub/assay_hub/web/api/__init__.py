"""The REST API: the desk for other systems."""

from assay_hub.web.api.app import create_api

__all__ = ["create_api"]
