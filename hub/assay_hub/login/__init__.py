"""How people come in: staff by the configured authenticator, candidates by a signed link."""
