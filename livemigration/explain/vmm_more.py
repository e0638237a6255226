"""More job errors of Virtual Machine Manager, as its articles and its own objects name them."""

from __future__ import annotations

from livemigration.explain import sources
from livemigration.explain.entry import Entry, Kind

ENTRIES = (
    Entry(
        Kind.VMM,
        12700,
        (),
        "Hyper-V refused an operation on the host: the sentences behind the number say which.",
        "With 0x80070005 and (0x8001) for an ISO file: the library share does not let the host's "
        "computer account read it, or constrained delegation of cifs is missing. With 0x80070570: "
        "another service uses the port of BITS (TCP 443). In a migration: as the code inside says.",
        (
            "Explain each code behind the number.",
            "(0x8001) and its like are return values of Hyper-V: 0x8001 is 32769, access denied.",
        ),
        ("LM302", "LM303"),
        (sources.ISO_12700, sources.IMPORT_12700, sources.BITS_443),
    ),
    Entry(
        Kind.VMM,
        2606,
        (),
        "Another job holds an object that this job needs.",
        "While Start Maintenance Mode runs, the host, its cluster and its virtual machines are "
        "locked: that is by design.",
        ("Wait for the other job, then start this one again.",),
        (),
        (sources.REFRESH_LOCKED,),
    ),
    *(
        Entry(
            Kind.VMM,
            number,
            (),
            meaning,
            steps=(
                (
                    "In the Jobs view, group by status: the running or canceling job of the object "
                    "holds it. Wait for it, then try again."
                ),
            ),
            sources=(sources.OBJECT_LOCKING,),
        )
        for number, meaning in (
            (2602, "Another job holds an object that this job needs."),
            (23234, "A virtual machine was not refreshed: another job holds it."),
        )
    ),
    Entry(
        Kind.VMM,
        801,
        ("LibObjectNotFound",),
        "VMM's database no longer has an object that the job needs.",
        steps=("Read which object the job names. The article says how to clear its left-overs.",),
        sources=(sources.OBJECT_801,),
    ),
    Entry(
        Kind.VMM,
        10434,
        (),
        "Maintenance mode found no host that could take the highly available virtual machines.",
        "A documented cause: an extension of the virtual switch, or a port profile, has no free "
        "ports left.",
        (
            "Move the virtual machines one by one: each rating says what its host lacks.",
            "Raise the number of ports of the switch extension and of the port profile.",
        ),
        ("LM306", "LM801"),
        (sources.MAINTENANCE_10434,),
    ),
    Entry(
        Kind.VMM,
        20503,
        ("HMComputerUnreachableByPing",),
        "VMM's health monitor did not reach the host by ping.",
        steps=("Check name, network and firewall of the host; a firewall may drop only the ping.",),
        checks=("LM201", "LM204", "LM301"),
        sources=(sources.VMM_OBJECTS,),
    ),
    Entry(
        Kind.VMM,
        20510,
        ("HMAgentVersionUpgradeAvailable",),
        "A newer agent is available for the host: it needs attention, and works.",
        steps=("Update the agent in VMM when it suits; no migration waits for it.",),
        sources=(sources.VMM_OBJECTS,),
    ),
)
