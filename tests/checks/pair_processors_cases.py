"""The verdict table's rows of processors on hosts that exchange machines (LM501)."""

from __future__ import annotations

from typing import Any

from fact_builders import HOST, OTHER, UNREACHABLE, all_lost, failure, without_hyperv_v2
from processor_facts import (
    AMD,
    DATABASE,
    HAS,
    INTEL_NEW,
    INTEL_OLD,
    LESS,
    OLD,
    UNKNOWN_VECTOR,
    generations,
    in_cluster,
    pair,
    runs_on,
    speaks,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case, Otherwise
from vm_facts import OFF, Vm, with_machines

from livemigration.facts.compatibility import COMPATIBILITY_VECTORS
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.identity import Listed
from livemigration.facts.machine_values import PROCESSOR_MICROCODE
from livemigration.facts.processor import PROCESSORS, Processor
from livemigration.facts.virtual_machines import VIRTUAL_MACHINE_PROCESSORS, VIRTUAL_MACHINES

BOTH = frozenset({HOST, OTHER})
MEANT = f"If {HOST} and {OTHER} are meant to exchange virtual machines"
UNSEEN: dict[str, Any] = {"listed": tuple(map(Listed, (HOST, OTHER, "hv03.contoso.com")))}
HIDDEN = with_machines(workers=1)
WITHOUT = "processor compatibility may be refused"

CASES = (
    Case("LM501", "equal", PASS, {}, says="of the same kind: Intel", exchanges=BOTH),
    # What two sockets have, in whatever order.
    Case(
        "LM501",
        "equal",
        PASS,
        pair(runs_on(INTEL_OLD, INTEL_NEW), runs_on(INTEL_NEW, INTEL_OLD, INTEL_OLD)),
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "equal",
        PASS,
        pair(
            runs_on(Processor("GenuineIntel ", "A", OLD)),
            runs_on(Processor("genuineintel", "B", OLD)),
        ),
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "another manufacturer",
        FAIL,
        pair(runs_on(AMD), runs_on(INTEL_NEW)),
        says=f"The processor of this host is of AMD, that of {OTHER} of Intel",
        fix="processor-manufacturers",
        exchanges=BOTH,
    ),
    Case("LM501", "another manufacturer", FAIL, in_cluster(runs_on(AMD), runs_on(INTEL_NEW))),
    Case(
        "LM501",
        "another manufacturer, assumed",
        WARNING,
        pair(runs_on(AMD), runs_on(INTEL_NEW)),
        says=MEANT,
    ),
    # Healthy: an Intel cluster beside an AMD cluster.
    Case(
        "LM501", "two clusters", INAPPLICABLE, in_cluster(runs_on(AMD), runs_on(INTEL_NEW), "cl02")
    ),
    Case(
        "LM501",
        "has what was taken",
        PASS,
        generations(speaks(HAS), speaks(HAS, db01=LESS)),
        says="has what the running virtual machines of the other hosts have taken",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "lacks what was taken",
        FAIL,
        generations(speaks(LESS), speaks(HAS, db01=HAS)),
        says=f"have taken of theirs: db01 of {OTHER}",
        fix="processor-features",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "lacks what was taken",
        FAIL,
        generations(
            speaks(LESS),
            speaks(HAS, db01=HAS, db02=LESS),
            machines=(DATABASE, Vm("db02")),
        ),
        unsaid="db02",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "other microcode",
        FAIL,
        pair(
            {**runs_on(INTEL_NEW), **speaks(LESS)},
            {**runs_on(INTEL_NEW, microcode="0x00000002"), **speaks(HAS, db01=HAS)},
        ),
        says="db01",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "host says nothing of a vector",
        BLOCKED,
        generations(speaks(HAS), UNKNOWN_VECTOR),
        says="1 running virtual machine of other hosts took features",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "machine says nothing",
        BLOCKED,
        generations(speaks(HAS), speaks(HAS, db01=None)),
        says=f"did not say what was taken of the processor: db01 of {OTHER}",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "machines beyond those that are asked",
        BLOCKED,
        generations(speaks(HAS), speaks(HAS, left=1, db01=LESS), machines=(DATABASE, Vm("db02"))),
        says=f"of one host, 50 are asked at most: db02 of {OTHER}",
        exchanges=BOTH,
    ),
    # What is known to lack something decides.
    Case(
        "LM501",
        "one lacks, one says nothing",
        FAIL,
        generations(
            speaks(LESS), speaks(HAS, db01=HAS, db02=None), machines=(DATABASE, Vm("db02"))
        ),
        exchanges=BOTH,
    ),
    # It stopped, or came, between the two steps.
    Case(
        "LM501",
        "a machine that stopped since",
        PASS,
        generations(speaks(HAS), speaks(HAS)),
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "a machine that came since",
        FAIL,
        generations(speaks(LESS), speaks(HAS, db09=HAS)),
        says=f"{Vm('db09').identifier} of {OTHER}",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "another generation, no vectors",
        WARNING,
        generations({}, {}),
        says=f"{WITHOUT}: db01 of {OTHER}. This host has family 6 model 85 stepping 7",
        unsaid="meant to",
        fix="processor-features",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "another generation, no vectors of this host",
        WARNING,
        generations({}, speaks(HAS, db01=LESS)),
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "another generation, no vectors of the other",
        WARNING,
        generations(speaks(HAS), {}),
        exchanges=BOTH,
    ),
    Case("LM501", "another generation, assumed", WARNING, generations({}, {}), says=MEANT),
    Case(
        "LM501",
        "limited machines",
        PASS,
        generations({}, {}, machines=(Vm("db01", processors={"limited": True}),)),
        says="or they run with processor compatibility",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "no machine that runs",
        PASS,
        generations({}, {}, machines=(Vm("db01", OFF),)),
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "names instead of models",
        WARNING,
        pair(
            runs_on(Processor("GenuineIntel", "Xeon A", "")),
            runs_on(Processor("GenuineIntel", "Xeon B", "")),
        ),
        says="This host has Xeon A, microcode 0x00000001, they run on Xeon B",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "other microcode, no vectors",
        WARNING,
        pair(runs_on(INTEL_NEW), runs_on(INTEL_NEW, microcode="0x00000002")),
        says="microcode 0x00000002",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "other microcode, assumed",
        PASS,
        pair(runs_on(INTEL_NEW), runs_on(INTEL_NEW, microcode="0x00000002")),
        notes=f"stepping 8, microcode 0x00000002 on {OTHER}",
    ),
    Case(
        "LM501",
        "microcode not stated",
        PASS,
        pair(runs_on(INTEL_NEW), runs_on(INTEL_NEW, microcode=None)),
        exchanges=BOTH,
    ),
    Case("LM501", "microcode unread", PASS, {"lost": {PROCESSOR_MICROCODE.name: failure(root="")}}),
    Case(
        "LM501",
        "microcode unread, declared",
        BLOCKED,
        {"lost": {PROCESSOR_MICROCODE.name: failure(root="")}},
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "microcode of the others unread, declared",
        BLOCKED,
        {"other": {PROCESSOR_MICROCODE.name: failure(root="")}},
        says=f"because their processors or machines could not be read: {OTHER}",
        exchanges=BOTH,
    ),
    # What the vectors say needs neither the microcode nor the settings of the machines.
    Case(
        "LM501",
        "microcode and settings unread, vectors",
        PASS,
        {
            **pair(
                {**runs_on(INTEL_NEW), **speaks(HAS)},
                {**runs_on(INTEL_NEW), **speaks(HAS, db01=HAS)},
            ),
            "other": {
                PROCESSOR_MICROCODE.name: failure(root=""),
                VIRTUAL_MACHINE_PROCESSORS.name: failure(root=""),
            },
        },
        says="has what the running virtual machines",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "machines not seen",
        BLOCKED,
        generations({}, HIDDEN),
        says=f"because their processors or machines could not be read: {OTHER}",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "machines not seen, vectors",
        BLOCKED,
        generations(speaks(HAS), {**HIDDEN, **speaks(HAS)}),
        says="could not be read",
        exchanges=BOTH,
    ),
    # Between hosts that are only assumed to meet, another microcode does not matter.
    Case(
        "LM501",
        "machines not seen, other microcode, assumed",
        PASS,
        pair(runs_on(INTEL_NEW), {**runs_on(INTEL_NEW, microcode="0x00000002"), **HIDDEN}),
        notes="Another microcode",
    ),
    Case("LM501", "machines not seen, equal", PASS, {"second": {"also": HIDDEN}}, exchanges=BOTH),
    Case(
        "LM501",
        "own machines not seen",
        BLOCKED,
        generations(HIDDEN, {}),
        says="may not see",
        exchanges=BOTH,
    ),
    Case("LM501", "own machines not seen, equal", PASS, {"also": HIDDEN}, exchanges=BOTH),
    Case(
        "LM501",
        "settings unread",
        BLOCKED,
        {**generations({}, {}), "other": {VIRTUAL_MACHINE_PROCESSORS.name: failure(root="")}},
        says="could not be read",
        exchanges=BOTH,
    ),
    Case(
        "LM501",
        "manufacturer not stated",
        BLOCKED,
        pair(runs_on(Processor("", "", "")), runs_on(INTEL_NEW)),
        says="does not state its manufacturer",
    ),
    Case(
        "LM501",
        "processors unread",
        BLOCKED,
        {"other": {PROCESSORS.name: failure(root="")}},
        says=OTHER,
        exchanges=BOTH,
    ),
    Case("LM501", "some not looked at", PASS, UNSEEN, notes="was not looked at: hv03"),
    Case("LM501", "some not looked at", BLOCKED, UNSEEN, {"fail_on": "warning"}, says="hv03"),
    Case("LM501", "no other host", INAPPLICABLE, {"second": {"name": "hv02.other.example"}}),
    Case("LM501", "domain unread", BLOCKED, {"lost": {DOMAIN_MEMBERSHIP.name: failure()}}),
    Case(
        "LM501",
        "machines unread",
        BLOCKED,
        {**generations({}, {}), "lost": {VIRTUAL_MACHINES.name: failure(root="")}},
    ),
    Case("LM501", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM501", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)

# Without vectors, the models of the processors are what is left to compare.
OTHERWISE = (Otherwise("LM501", warned_unread=frozenset({COMPATIBILITY_VECTORS.name})),)
