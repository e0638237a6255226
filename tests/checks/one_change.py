"""A fleet of a healthy host in which one thing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livemigration.lab.fleet import Fleet, FleetHost
from livemigration.lab.world import World

SERVER_2012 = {"build": 9200, "version": "6.2.9200", "caption": "Server 2012"}
SERVER_2008_R2 = {"build": 7601, "version": "6.1.7601", "caption": "Server 2008 R2"}
ON_MIGRATION = {"networks": ["migration"]}
MANAGEMENT, MIGRATION = "127.20.1.11", "127.20.50.11"


def fleet(change: Mapping[str, Any], *others: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a fleet of a host with one change, and of others."""
    return {
        "name": "test",
        "title": "one change",
        "domain": "contoso.com",
        "networks": {
            "management": {"subnet": "1.0/24"},
            "migration": {"subnet": "50.0/24", "dropped": True},
        },
        "system": {"build": 20348, "version": "10.0.20348", "caption": "Server 2022"},
        "vmm": {"name": "vmm01.contoso.com", "address": "1.5", "registry": "10.22.1287.0"},
        "clusters": {"cl": {"maximum_parallel_migrations": 1, "excluded": ["management"]}},
        "hosts": [
            {
                "name": f"hv{number:02}.contoso.com",
                "shows": "one change",
                "addresses": {"management": f"1.{10 + number}", "migration": f"50.{10 + number}"},
                **each,
            }
            for number, each in enumerate((change, *others), start=1)
        ],
        **more,
    }


def world_of(change: Mapping[str, Any], **more: Any) -> tuple[World, FleetHost]:
    loaded = Fleet.model_validate(fleet(change, **more))
    return World(loaded, 20), loaded.hosts[0]
