"""Through which port the VMM server is asked to reach a host."""

from __future__ import annotations

from in_turn import in_turn

from livemigration.base.addresses import parse_address
from livemigration.facts.model import Gathered, Vantage
from livemigration.facts.vmm import VMM_RECORD, VMM_RESOLUTION, VmmRecord, VmmResolution
from livemigration.gather.connect import Target
from livemigration.gather.probing import plan_probes


@in_turn(
    "record, override, expected",
    [
        (VmmRecord(True, "hv01"), None, (5985, False)),
        # Seen for VMM 2012 R2 only: what a record of a domain host states moves nothing.
        (VmmRecord(True, "hv01", ssl_port=5986), None, (5985, False)),
        (VmmRecord(True, "hv01", perimeter=True), None, (5986, True)),
        (VmmRecord(True, "hv01", non_trusted_domain=True, ssl_port=5986), None, (5986, True)),
        (VmmRecord(True, "hv01", non_trusted_domain=True, ssl_port=15986), None, (15986, True)),
        (VmmRecord(True, "hv01", perimeter=True), False, (5985, False)),
        (VmmRecord(True, "hv01", ssl_port=5985), True, (5986, True)),
    ],
)
def test_a_host_is_asked_through_the_port_by_which_vmm_manages_it(
    record: VmmRecord, override: bool | None, expected: tuple[int, bool]
) -> None:
    target = Target("hv01", "hv01", 5985, vmm_uses_ssl=override)
    resolution = VmmResolution("hv01", (parse_address("10.0.0.1"),))
    plan = plan_probes(
        target,
        (),
        {
            VMM_RECORD.name: Gathered(record, Vantage.VMM),
            VMM_RESOLUTION.name: Gathered(resolution, Vantage.VMM),
        },
    )
    assert plan is not None
    assert (plan.port, plan.ssl) == expected
    assert plan.control == ((parse_address("10.0.0.1"), expected[0]),)
