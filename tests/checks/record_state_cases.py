"""The verdict table's row of VMM's record (LM107): what VMM says of a host beside its settings."""

from __future__ import annotations

from record_cases import state
from verdict_case import FAIL, PASS, WARNING, Case

from livemigration.facts.vmm import VmmHostSettings

CASES = (
    *(
        Case(
            "LM107",
            "not responding",
            FAIL,
            {
                "also": state(
                    communication_state=text,
                    health=("WinRM: Critical, HMWinRMUnreachable (20506)",),
                    maintenance=True,
                    settings=VmmHostSettings(enabled=False),
                )
            },
            says="20506",
            unsaid="EnableLiveMigration",
            fix="vmm-reaches-host",
        )
        for text in ("NotResponding", "Not Responding", "AccessDenied")
    ),
    Case("LM107", "not responding", WARNING, {"also": state(communication_state="7")}),
    Case("LM107", "responding", PASS, {"also": state(communication_state="Responding")}),
    Case("LM107", "responding", PASS, {"also": state(communication_state="responding ")}),
    Case(
        "LM107",
        "needs attention",
        PASS,
        {
            "also": state(
                communication_state="Responding",
                overall_state="NeedsAttention",
                health=("Host Agent Version: Warning",),
                pending_agent_update=True,
            )
        },
        notes="Host Agent Version",
    ),
    Case("LM107", "needs attention", PASS, {"also": state(overall_state="OK", health=("x",))}),
    Case(
        "LM107",
        "maintenance",
        WARNING,
        {"also": state(communication_state="Responding", maintenance=True)},
        fix="vmm-maintenance",
    ),
)
