"""Builds the adapters from the settings, once."""
