"""The authenticator that the hub uses: the one in the settings, with signing in by link added."""

from traitlets.utils.importstring import import_item

from assay_config import settings
from assay_hub.bootstrap import Application
from assay_hub.login.links import LinkLogin

_settings = settings.read()
_staff = import_item(_settings.login.authenticator)

ConfiguredLogin = type("ConfiguredLogin", (LinkLogin, _staff), {"application": Application(_settings)})
