"""The running API against its own description: schemathesis finds no error of ours and no broken promise."""

import json
import os
import subprocess
import sys
from pathlib import Path

from integration.api.conftest import ACCESS, ADMIN

from assay_hub.representations.render import API_PATH

HERE = Path(__file__).parent
GUESSING = "ensure_resource_availability"
"""This check takes for granted that a new interview has a submission at once, and that a key never comes back."""

DESCRIPTION = HERE.parents[2] / "docs" / "openapi.json"


def test_schemathesis_finds_no_error_and_no_broken_promise(desk, token, tmp_path):
    desk.new_interview("For strangers")
    before = desk.hub_log.count("Unhandled error")

    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), f"--config-file={HERE / 'schemathesis.toml'}", "run"),
            *(DESCRIPTION, f"--url=http://127.0.0.1:{desk.port}{API_PATH}"),
            *("-H", f"Host: {desk.desk_host}", "-H", f"Authorization: Bearer {token(ACCESS, ADMIN)}"),
            *(
                "--checks=all",
                f"--exclude-checks={GUESSING}",
                "--phases=examples,coverage,fuzzing,stateful",
                "--max-examples=3",
                "--max-failures=10",
            ),
            *("--seed=1", "--generation-database=none", "--no-color", "--request-timeout=30"),
        ],
        cwd=tmp_path,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2000:]
    paths = json.loads(DESCRIPTION.read_text())["paths"]
    operations = sum(1 for path in paths.values() for method in path if method != "parameters")
    assert f"Tested: {operations}" in done.stdout
    assert desk.hub_log.count("Unhandled error") == before
