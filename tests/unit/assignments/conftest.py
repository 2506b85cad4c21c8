"""Property tests here have no time limit for one example: machines are slow now and then."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
