"""The speed of an interface is that of the adapters below it, or it is not known."""

from __future__ import annotations

from in_turn import in_turn

from livemigration.facts.adapter_speeds import AdapterSpeed, TeamMember
from livemigration.facts.virtual_ports import VirtualPort
from livemigration.verdict.link_speeds import Adapters, LinkSpeed

GIGABIT = 10**9
UP = "Msvm_ExternalEthernetPort"


def adapter(
    name: str, speed: int | None = 10, *, virtual: bool | None = False, receive: int | None = None
) -> AdapterSpeed:
    sent = None if speed is None else speed * GIGABIT
    came = sent if receive is None else receive * GIGABIT
    return AdapterSpeed(name, sent, came, virtual, name.upper())


def uplinks(switch: str, *names: str) -> VirtualPort:
    return VirtualPort(switch, True, UP, "", adapters=tuple(each.upper() for each in names))


NIC1, NIC2 = adapter("NIC1", 25), adapter("NIC2", 10)
HOST = adapter("vEthernet (LM)", 10, virtual=True)
TEAM = adapter("Team1", 35, virtual=True)
IN_TEAM = (TeamMember("nic1", "TEAM1"), TeamMember("NIC2", "Team1"))
BOTH = LinkSpeed(35 * GIGABIT, 10 * GIGABIT)


@in_turn(
    "interface, adapters, expected",
    [
        ("nic1", Adapters((NIC1, NIC2)), LinkSpeed(25 * GIGABIT, 25 * GIGABIT)),
        ("NIC3", Adapters((NIC1, NIC2)), None),
        ("a", Adapters((adapter("a", 10, receive=1),)), LinkSpeed(GIGABIT, GIGABIT)),
        ("a", Adapters((adapter("a", None),)), None),
        ("Team1", Adapters((NIC1, NIC2, TEAM), IN_TEAM), BOTH),
        # One without a cable carries nothing; one that is not listed, nobody knows.
        (
            "Team1",
            Adapters((NIC1, adapter("NIC2", None), TEAM), IN_TEAM),
            LinkSpeed(25 * GIGABIT, 25 * GIGABIT),
        ),
        ("vEthernet (LM)", Adapters((NIC1, NIC2, HOST)), None),
        ("vEthernet (LM)", Adapters((NIC1, NIC2, HOST), (), (uplinks("S", "NIC1", "NIC2"),)), BOTH),
        (
            "vEthernet (LM)",
            Adapters((NIC1, NIC2, TEAM, HOST), IN_TEAM, (uplinks("S", "Team1"),)),
            BOTH,
        ),
        # Of two switches, it is on either.
        (
            "vEthernet (LM)",
            Adapters((NIC1, NIC2, HOST), (), (uplinks("S", "NIC1"), uplinks("T", "NIC2"))),
            None,
        ),
        # A switch that an interface of the host would be below of, is none of its adapters.
        ("vEthernet (LM)", Adapters((HOST,), (), (uplinks("S", "vEthernet (LM)"),)), None),
    ],
)
def test_an_interface_is_as_fast_as_what_is_below_it(
    interface: str, adapters: Adapters, expected: LinkSpeed | None
) -> None:
    assert adapters.speed_of(interface) == expected
