"""The endpoints: each parses, authorises, calls one use case and renders."""
