"""Ansible's winrm connection against the lab, where ansible-core is installed beside the suite."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from livemigration.lab.launch import RunningLab

pytestmark = pytest.mark.peer


def ansible(lab: RunningLab, folder: Path, command: str, **more: str) -> tuple[int, str]:
    """Run a raw command on the first host; return the exit code and the output."""
    program = shutil.which("ansible", path=str(Path(sys.executable).parent)) or shutil.which(
        "ansible"
    )
    if program is None:
        pytest.skip("ansible is not installed")
    machine = lab.hosts[0]
    variables: dict[str, Any] = {
        "ansible_host": machine.address,
        "ansible_port": machine.port,
        "ansible_connection": "winrm",
        "ansible_shell_type": "cmd",
        "ansible_winrm_scheme": "http",
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_message_encryption": "always",
        "ansible_user": lab.credentials.username,
        "ansible_password": lab.credentials.password.reveal(),
        **more,
    }
    inventory = folder / "inventory.json"
    hosts = {"all": {"hosts": {machine.name: variables}}}
    inventory.write_text(json.dumps(hosts), encoding="utf-8")
    ended = subprocess.run(
        [program, "all", "-i", str(inventory), "-m", "raw", "-a", command],
        env={
            **os.environ,
            "ANSIBLE_HOME": str(folder),
            "ANSIBLE_INVENTORY_ENABLED": "yaml",
            "LC_ALL": "C.UTF-8",
            "NO_PROXY": "*",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_ansible_reads_what_a_program_printed_and_its_exit_code(
    lab: RunningLab, tmp_path: Path
) -> None:
    # Ansible runs everything through PowerShell, and the lab has none but for the suite's scripts.
    code, output = ansible(lab, tmp_path, "hostname")
    assert code == 2, output
    assert "rc=1" in output
    assert "The lab runs only the suite's own scripts." in output


def test_ansible_with_a_wrong_password_is_refused(lab: RunningLab, tmp_path: Path) -> None:
    code, output = ansible(lab, tmp_path, "hostname", ansible_password="wrong")
    assert code == 4, output
    assert "rejected by the server" in output
