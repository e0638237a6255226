"""pypsrp's client of WS-Management, as it asks a host of the lab."""

from __future__ import annotations

from pypsrp.wsman import WSMan

from livemigration.lab.launch import LabMachine, RunningLab


def to_host(lab: RunningLab, host: LabMachine) -> WSMan:
    """Return a client that signs in by NTLM and encrypts its messages, as this suite's does."""
    return WSMan(
        host.address,
        port=host.port,
        ssl=False,
        auth="ntlm",
        encryption="always",
        no_proxy=True,
        username=lab.credentials.username,
        password=lab.credentials.password.reveal(),
    )
