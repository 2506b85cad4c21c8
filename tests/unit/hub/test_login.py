"""Signing in by link beside another authenticator."""

import asyncio
from dataclasses import dataclass

import pytest
from oauthenticator.generic import GenericOAuthenticator

from assay_hub.login.links import LinkLogin


class Login(LinkLogin, GenericOAuthenticator):
    """What ``assay_hub.login.configured`` makes of a provider in the settings."""


@dataclass
class User:
    """Somebody who has signed in by a link, so that no provider's tokens are kept."""

    name: str

    async def get_auth_state(self):
        return None


@pytest.mark.parametrize(("name", "goes_on"), [("cand-abcdefghij", True), ("iv-abcdefghij", True), ("ada", False)])
def test_a_candidates_session_goes_on_when_the_provider_has_nothing_to_renew(name, goes_on):
    login = Login(enable_auth_state=True)

    assert asyncio.run(login.refresh_user(User(name))) is goes_on
