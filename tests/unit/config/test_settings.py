"""The settings: sources, contradictions, documentation."""

import stat

import pytest
from pydantic import ValidationError

from assay_config import documentation
from assay_config.secrets import secret
from assay_config.settings import Settings, read


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))
    return tmp_path


def test_a_variable_wins_over_the_file(folder, monkeypatch):
    (folder / "assay.toml").write_text('port = 9000\n[workspace]\nmemory = "2G"\ncpus = 2.0\n')
    monkeypatch.setenv("ASSAY_WORKSPACE__MEMORY", "3G")

    settings = read()

    assert settings.port == 9000
    assert settings.workspace.memory == "3G"
    assert settings.workspace.cpus == 2.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_url": "http://localhost:8000"},
        {"public_url": "http://192.168.0.1"},
        {"public_url": "https://assay.example.org/path"},
        {"public_url": "ftp://assay.example.org"},
        {"environment": "production"},
        {"environment": "production", "public_url": "http://assay.example.org"},
        {"environment": "production", "public_url": "https://a.example", "workspace": {"engine": "process"}},
        {"workspace": {"memory": "lots"}},
        {"workspace": {"colour": "blue"}},
        {"mail": {"host": "mail.example.org"}},
        {"mail": {"host": "mail.example.org", "sender": "Assay <a@b.c>\r\nBcc: x@y.z"}},
        {"mail": {"host": "m.example.org", "sender": "a@b.c", "username": "a"}},
        {
            "mail": {
                "host": "m.example.org",
                "sender": "a@b.c",
                "username": "a",
                "password_file": "p",
                "starttls": False,
            }
        },
        {"port": 0},
        {"port": 65535},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_addresses_follow_from_one_public_url():
    settings = Settings(public_url="https://assay.example.org", environment="production")

    assert settings.desk_url == "https://desk.assay.example.org/services/assay/"
    assert settings.origin("iv-abcdefghij") == "https://iv-abcdefghij.assay.example.org"
    assert settings.secure_cookies


def test_every_setting_is_documented_on_the_page():
    text = documentation.PAGE.read_text()

    assert documentation.page(text) == text, "run `make docs`"
    assert not any(row.endswith("|  |") for row in documentation.table().splitlines())


def test_a_secret_is_made_once_and_readable_by_its_owner_only(folder):
    first = secret(folder, "links")

    assert secret(folder, "links") == first
    assert secret(folder, "other") != first
    assert len(first) == 32
    assert stat.S_IMODE((folder / "secrets" / "links").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "secrets").stat().st_mode) == 0o700
