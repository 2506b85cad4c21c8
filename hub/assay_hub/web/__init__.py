"""The service's pages and endpoints."""
