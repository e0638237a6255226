"""Fixes with the cause that each tells: what tells it from its neighbours, and what of the host."""

from __future__ import annotations

from causes_of_accounts import OF_ACCOUNTS
from causes_of_cluster_roles import OF_CLUSTER_STORAGE, OF_MOVES, OF_QUORUM
from causes_of_listeners import OF_LISTENERS, OF_SELECTION
from causes_of_machines import OF_MACHINES
from causes_of_reach import OF_FIREWALL, OF_IDENTITY, OF_NAMES, OF_PORTS
from causes_of_settings import OF_OPTIONS, OF_SERVICES, OF_SETTINGS
from causes_of_vmm import OF_RATING, OF_RECORDS, OF_VMM
from causes_of_windows import OF_CLOCK, OF_EQUAL_SETTINGS, OF_WINDOWS_SETTINGS
from cluster_rows import TOLD_OF_CLUSTERS
from device_rows import CAUSES_OF_DEVICES
from rows_of_pairs import CAUSES_OF_PAIRS

TOLD = (
    *OF_MOVES,
    *OF_CLUSTER_STORAGE,
    *OF_QUORUM,
    *TOLD_OF_CLUSTERS,
    *CAUSES_OF_DEVICES,
    *OF_ACCOUNTS,
    *OF_LISTENERS,
    *OF_EQUAL_SETTINGS,
    *OF_CLOCK,
    *OF_WINDOWS_SETTINGS,
    *CAUSES_OF_PAIRS,
    *OF_FIREWALL,
    *OF_IDENTITY,
    *OF_NAMES,
    *OF_SELECTION,
    *OF_OPTIONS,
    *OF_PORTS,
    *OF_RATING,
    *OF_RECORDS,
    *OF_SETTINGS,
    *OF_VMM,
    *OF_SERVICES,
    *OF_MACHINES,
)
