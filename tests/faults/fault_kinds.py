"""The table of all kinds of fault that the suite is held against."""

from __future__ import annotations

from fault_envelopes import OF_MESSAGES
from fault_patience import OF_PATIENCE
from fault_plays import Kind
from fault_scripts import OF_SCRIPTS
from fault_tls import OF_TLS
from fault_wires import AT_THREE_MOMENTS, OF_THE_LINE

KINDS: tuple[Kind, ...] = (
    *AT_THREE_MOMENTS,
    *OF_THE_LINE,
    *OF_MESSAGES,
    *OF_SCRIPTS,
    *OF_PATIENCE,
)
BY_NAME = {kind.name: kind for kind in (*KINDS, *OF_TLS)}
