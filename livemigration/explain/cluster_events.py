"""Events of clustered virtual machines, of the cluster itself, and of what hosts need beside it."""

from __future__ import annotations

from livemigration.explain import sources
from livemigration.explain.entry import Confidence, Entry, Kind

CLUSTER_LOG = "Hyper-V-High-Availability-Admin"
_INNER = ("Explain the code in the event's text: it names the cause.",)
_SWITCH = (
    "Create the switch on that node with the same name, or connect the virtual machine to another.",
    "Then refresh the virtual machine's configuration in the cluster.",
)


def _entry(
    number: int,
    meaning: str,
    steps: tuple[str, ...] = _INNER,
    checks: tuple[str, ...] = (),
    phrases: tuple[str, ...] = (),
) -> Entry:
    return Entry(
        Kind.EVENT,
        number,
        (CLUSTER_LOG,),
        meaning,
        steps=steps,
        checks=checks,
        sources=(sources.HIGH_AVAILABILITY,),
        phrases=phrases,
        providers=("hyper-v",),
    )


_MACHINES = (
    _entry(21102, "The virtual machine could not be registered on this node."),
    _entry(21111, "The live migration of a clustered virtual machine failed."),
    _entry(21117, "The ports of the virtual switch could not be made.", checks=("LM502",)),
    _entry(21118, "The settings of the virtual machine could not be updated."),
    _entry(21121, "What was left on the target node could not be removed.", checks=("LM707",)),
    _entry(
        21122,
        "The networks for live migration were changed.",
        ("Nothing to do. Compare the addresses in it with the listeners (LM103).",),
        ("LM601", "LM103"),
    ),
    _entry(21123, "The cluster could not set the migration networks.", checks=("LM601", "LM101")),
    _entry(
        21124,
        "More than one virtual machine is in one cluster group: such a group cannot be moved live.",
        ("Give each virtual machine a group of its own.",),
        phrases=("live migration is possible only with one vm resource in the group",),
    ),
    _entry(
        21126,
        "The cluster found no network address of the destination node.",
        (
            "Run Get-ClusterNetwork: a network that is up must be allowed for live migration.",
            "Explain the code in the event's text.",
        ),
        ("LM601", "LM602"),
        ("failed to get the network address for the destination node",),
    ),
    _entry(
        21131,
        "After a failed live migration the virtual machine could not be resumed on its own host.",
        ("Look at the virtual machine's state at once, then explain the code in the text.",),
    ),
    _entry(21140, "An SPN could not be registered.", checks=("LM403", "LM404")),
    _entry(
        21142, "The network settings could not be mended at the destination.", checks=("LM502",)
    ),
    _entry(
        21145,
        "A virtual switch of the virtual machine is disconnected on the destination node: also an "
        "internal or private switch.",
        (
            "Connect that switch to a network on the destination node, or the machine to another.",
            "A virtual machine on an internal or private switch does not move between nodes.",
        ),
        ("LM502", "LM703"),
        (
            "virtual switch used by the vm is disconnected on the destination node",
            "destination has disconnected vm switch",
        ),
    ),
    _entry(
        21158,
        "The virtual machine depends on a virtual switch of its present node.",
        _SWITCH,
        ("LM502", "LM703"),
        ("hard dependency on a virtual switch",),
    ),
    Entry(
        Kind.EVENT,
        21159,
        (CLUSTER_LOG,),
        "A virtual switch of the virtual machine does not exist on the destination node.",
        "Switches are found by name.",
        _SWITCH,
        ("LM502",),
        (sources.HIGH_AVAILABILITY, sources.TROUBLESHOOT_MIGRATION),
        phrases=(
            "a virtual switch used by the vm does not exist on the destination",
            "no matching virtual switch found",
        ),
    ),
    _entry(21201, "The virtual switch was not found.", _SWITCH, ("LM502",)),
    _entry(21203, "A port of the virtual switch could not be made.", checks=("LM502",)),
    *(
        _entry(number, f"{what}: progress, no failure.", ("Nothing to do.",))
        for number, what in (
            (21300, "A live migration began on the source node"),
            (21301, "A live migration was completed on the source node"),
            (21302, "The offline phase began on the source node"),
            (21303, "The offline phase was completed on the source node"),
            (21304, "The move began on the source node"),
            (21305, "The move was completed on the source node"),
            (21306, "A live migration began on the target node"),
            (21307, "A live migration was completed on the target node"),
            (21308, "The restore began on the target node"),
            (21309, "The restore was completed on the target node"),
        )
    ),
    _entry(21500, "The text of the event is all that it says: a message of the cluster resource."),
    _entry(21503, "The text of the event is all that it says: a message of the cluster resource."),
)


def _cluster(
    number: int, meaning: str, steps: tuple[str, ...], checks: tuple[str, ...] = ()
) -> Entry:
    return Entry(
        Kind.EVENT,
        number,
        ("FailoverClustering",),
        meaning,
        steps=steps,
        checks=checks,
        sources=(sources.FAILOVER_CLUSTERING, sources.HA_GUIDANCE),
        providers=("failoverclustering", "failover clustering"),
    )


_CLUSTER = (
    _cluster(1069, "A resource of the cluster failed.", _INNER, ("LM604",)),
    _cluster(1137, "A role could not be moved while the node was drained.", _INNER, ("LM605",)),
    _cluster(1155, "A move of a role was not completed.", _INNER, ("LM605",)),
    _cluster(
        1135,
        "A node lost its membership: the others no longer heard it.",
        ("Check the node, and the networks between the nodes (UDP and TCP 3343).",),
        ("LM602",),
    ),
    _cluster(
        1177,
        "The cluster service stopped, because quorum was lost.",
        ("Check the other nodes and the witness before any node is drained.",),
        ("LM603",),
    ),
    _cluster(1205, "A role could not be brought online or offline completely.", _INNER),
    _cluster(1254, "A role used up its attempts to fail over, and stays failed.", _INNER),
    _cluster(
        1677,
        "The drain of a node failed.",
        ("Look at the roles that stayed on the node: each has its own cause.",),
        ("LM602", "LM605"),
    ),
    _cluster(
        5120,
        "A Cluster Shared Volume is paused: its I/O waits for a path.",
        ("Check storage and the cluster's network before any node is drained.",),
        ("LM604",),
    ),
    _cluster(
        5142,
        "This node no longer reaches a Cluster Shared Volume.",
        ("Check storage and the cluster's network of this node.",),
        ("LM604",),
    ),
)

_HOSTS = (
    Entry(
        Kind.EVENT,
        1106,
        ("Hyper-V-VMMS-Operational",),
        "An exception inside the service, also one that it handled: alone it is no fault.",
        "The result code in its text has no 0x before it.",
        (
            "Judge by the log Hyper-V-VMMS-Admin at the same time.",
            "Where a migration failed then, explain the code in the text.",
        ),
        (),
        (sources.EVENT_1106, sources.AZURE_LOCAL_SID, sources.INTEGRATION),
        caution="Two kinds of failed migration log it with their cause: 80070534 (an account "
        "without a name) and c0000005 (a crash).",
    ),
    Entry(
        Kind.EVENT,
        14050,
        ("Hyper-V-VMMS-Admin",),
        "The service could not register one of its SPNs.",
        "A documented cause: the dynamic TCP ports of the host, or a fixed port of the domain "
        "controller, lie outside of 49152 to 65535.",
        (
            "List the SPNs of the host: setspn -L HOST.",
            "Look at the ports: netsh int ipv4 show dynamicport tcp.",
        ),
        ("LM403", "LM404"),
        (sources.SPN_14050,),
    ),
    Entry(
        Kind.EVENT,
        5719,
        ("NETLOGON",),
        "The host could not set up a secure channel to a domain controller.",
        steps=("Check that the host reaches a domain controller: nltest /sc_query:DOMAIN.",),
        checks=("LM403",),
        sources=(sources.SUPPORT_ARTICLES,),
        confidence=Confidence.INFERRED,
        providers=("netlogon",),
    ),
    Entry(
        Kind.EVENT,
        3210,
        ("NETLOGON",),
        "The host could not authenticate itself to the domain.",
        steps=("Test the host's account: nltest /sc_query:DOMAIN.",),
        checks=("LM403",),
        sources=(sources.SUPPORT_ARTICLES,),
        confidence=Confidence.INFERRED,
        providers=("netlogon",),
    ),
)

ENTRIES = (*_MACHINES, *_CLUSTER, *_HOSTS)
