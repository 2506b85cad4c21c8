"""What the hub's configuration hands to the service."""

import json
import os
from pathlib import Path

from traitlets.config import Config

from assay_config import jupyterhub
from assay_config.settings import Settings
from assay_hub.bootstrap import Application
from assay_spawner.seccomp import profile


def test_the_grading_sandbox_has_the_system_calls_of_a_workspace(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    c = Config()

    jupyterhub.apply(c, Settings(data=tmp_path, workspace={"engine": "docker"}))

    for name, value in c.JupyterHub.services[0]["environment"].items():
        monkeypatch.setenv(name, value)
    sandbox = Application(Settings()).sandbox
    assert json.loads(Path(sandbox.seccomp).read_text()) == profile()
    assert sandbox.image
