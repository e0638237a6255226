"""How each command that is printed is run here, or why it cannot be.

A command that stands in no table fails `test_printed_commands.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from printed_commands import commands
from symptom_blocks import known_checks


@dataclass(frozen=True)
class Run:
    """A command that is run as it is printed, in a copy with a lab: how it ends, what it says.

    `says` is compared without case, and says no more than has to be so whoever words the sentence.
    `leaves` is a file that it writes.
    """

    code: int = 0
    says: str = ""
    leaves: str = ""


@dataclass(frozen=True)
class Parsed:
    """A command that cannot be run here, and why; the real parser takes it all the same."""

    why: str


PROD = "pytest -m livemigration --inventory inventories/prod.yaml"
BUNDLED = "--change CHG0012345 --window 2026-11-24T22:00+01:00/2026-11-25T02:00+01:00 --bundle"
_INSTALLS = Parsed("installs from an index; the task of noxfile.py of the same words does it")
_NO_VENV = Parsed("changes the clone that it is run in")
_COMPLETES = Parsed("changes the shell; tests/commands/test_command_completion.py completes in it")
_PLANS = Parsed("plans from facts of a drain; tests/commands/test_drain_command.py plans from some")
# What the copy's fleet comes to: hv01 is healthy, hv03 shows KB 2853203.
_NOT_READY = Run(1, "NOT READY")

COMMANDS: Mapping[str, Run | Parsed] = {
    # README.md, start.md, CONTRIBUTING.md
    "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/pytest -m livemigration": (
        _INSTALLS
    ),
    "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest tests": (
        _INSTALLS
    ),
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e "
    "'.[test,browser,dask,peer,lint,mutate]'": _INSTALLS,
    "pre-commit install": _NO_VENV,
    "cp inventories/example.yaml inventories/prod.yaml": Run(leaves="inventories/prod.yaml"),
    "export LIVEMIGRATION_USERNAME='CONTOSO\\auditor'": Run(),
    "read -rs LIVEMIGRATION_PASSWORD && export LIVEMIGRATION_PASSWORD": Run(),
    "pytest -m livemigration --inventory lab:healthy": Run(0, "6 of 6 hosts are ready"),
    "bench/run --quick": Parsed(
        "measures for ten minutes; the task bench of noxfile.py runs it for a few hosts"
    ),
    # A run, and the symptoms
    PROD: _NOT_READY,
    f"{PROD} --limit 'hv03*'": _NOT_READY,
    f"{PROD} --baseline last": _NOT_READY,
    f"{PROD} -k LM101": Run(0, "ready"),
    f"{PROD} -k LM201": Run(0, "ready"),
    f'{PROD} -k "LM102 or LM203 or LM304"': _NOT_READY,
    f"{PROD} --stage-vm web01": _NOT_READY,
    f"{PROD} --resume reports/CUT-OFF": _NOT_READY,
    f"{PROD} --facts facts.json": _NOT_READY,
    f"{PROD} {BUNDLED}": _NOT_READY,
    f"{PROD} --waivers waivers.yaml": Run(0, "waived"),
    'pytest -m "livemigration and vmm" --inventory inventories/prod.yaml': Run(0, "ready"),
    'pytest -m "livemigration and pairs" --inventory inventories/prod.yaml': Run(0, "ready"),
    "pytest -m livemigration --inventory lab:my-fleet.yaml": Run(0, "ready"),
    "pytest -m livemigration --gate host-build --target hv42.contoso.com": Parsed(
        "asks a host of the site; tests/plugin/test_plugin_gate.py runs a gate"
    ),
    "livemigration merge reports/*/results.json --output all.json --html all.html": Parsed(
        "joins the runs of several runners; tests/plugin/test_plugin_shards.py joins some"
    ),
    "pip install dask distributed": Parsed("installs from an index; the extra dask names both"),
    f"{PROD} --executor tls://dask.contoso.com:8786 --executor-ca cluster-ca.pem "
    "--executor-client-certificate me.pem --executor-client-key me.key": Parsed(
        "asks by a site's own cluster; tests/executor/test_whole_runs.py starts one"
    ),
    # The shell's completion
    'eval "$(register-python-argcomplete livemigration)"': _COMPLETES,
    "register-python-argcomplete --shell fish livemigration | source": _COMPLETES,
    # Emptying a host
    f"{PROD} --drain hv03.contoso.com": _NOT_READY,
    "livemigration drain hv03.contoso.com": _PLANS,
    "livemigration window hv01 hv02 hv03 --window 4h": _PLANS,
    # Where the hosts are
    "livemigration discover vmm:vmm01.contoso.com inventories/prod.yaml": Run(0, "Nothing is new"),
    "livemigration discover ad:contoso.com inventories/found.yaml --vmm vmm01.contoso.com": Parsed(
        "asks a site's directory; tests/kerberos/test_real_directory.py asks Samba's"
    ),
    "livemigration discover cluster:cl01.contoso.com inventories/prod.yaml": Parsed(
        "asks a site's cluster; tests/discovery/test_discovered_in_labs.py asks one of the lab"
    ),
    "livemigration discover ansible:inventory.yml inventories/found.yaml --vmm "
    "vmm01.contoso.com": Parsed(
        "needs Ansible; tests/discovery/test_ansible_listings.py runs it where it is"
    ),
    "pytest -m livemigration --inventory vmm:vmm01.contoso.com": Parsed(
        "asks a site's VMM server by its name; tests/plugin/test_plugin_discovered.py asks a lab's"
    ),
    "pytest -m livemigration --inventory vmm:vmm01.contoso.com --like inventories/prod.yaml": (
        _NOT_READY
    ),
    "livemigration doctor --inventory inventories/prod.yaml": Run(0, "Everything can be asked"),
    # Codes
    "livemigration explain 0x8007274D": Run(0, "KB 2853203"),
    "livemigration explain 0x8007274D -2147014835 10061": Run(0, "WSAECONNREFUSED"),
    'livemigration explain "Event 21502"': Run(0, "clustered virtual machine failed"),
    'livemigration explain "the connection was refused (0x8007274D)"': Run(0, "10061"),
    'livemigration explain "Error (2927) A Hardware Management error has occurred (0x803381A6)"': (
        Run(0, "QUOTA_MAX_OPERATIONS")
    ),
    # What a run leaves, and what becomes of it
    "livemigration verify reports/FOLDER/NAME.zip": Run(10, "UNSIGNED"),
    "livemigration verify reports/FOLDER/NAME.zip --key signing.pub": Run(10, "signature is right"),
    "livemigration bundle reports/FOLDER --sign signing.pem": Run(0, ".sig"),
    "openssl genpkey -algorithm ed25519 -out signing.pem": Run(leaves="signing.pem"),
    "openssl pkey -in signing.pem -pubout -out signing.pub": Run(leaves="signing.pub"),
    **{
        f"livemigration attach NAME.zip --to {place}": Run(4, "simulated")
        for place in (
            "servicenow:CHG0012345 --url https://example.service-now.com",
            "jira:OPS-1 --url https://example.atlassian.net",
            "file:/srv/evidence",
        )
    },
    "livemigration matrix reports/FOLDER": Run(0, "classes of equals"),
    "livemigration matrix --host hv03.contoso.com": Run(0, "hv03.contoso.com"),
    "livemigration collector": Run(leaves="collect.ps1"),
    "livemigration schema results": Run(0, '"$schema"'),
    "pip wheel --no-deps -w dist .": Parsed("builds from a clone; .ci/site builds a wheel"),
    "livemigration init DIR --wheel dist/livemigration-0.1.0-py3-none-any.whl": Run(
        leaves="DIR/requirements.txt"
    ),
    "pwsh -NoProfile -File tests/vmm/run-script.ps1 read-vmm docs/scripts/read-vmm.request.json": (
        Parsed("needs a PowerShell; tests/vmm runs it where there is one")
    ),
}

# What is asked of results.json, each in a command of its own: it names a check that fails there.
JQ = "jq -r "
OF_JQ = Run(0, "LM102")

# Names in commands that a sentence quotes, and what stands for them where they are parsed.
STANDING_FOR: Mapping[str, str] = {
    "schema NAME": "schema results",
    "COMMAND --help": "explain --help",
    "--format sarif": "--format sarif",
}


def of_jq() -> list[str]:
    """Return the commands that ask something of results.json."""
    return [each for each in commands() if each.startswith(JQ)]


@cache
def of_checks() -> dict[str, list[str]]:
    """Return what the pages of the checks print, which follows from the checks, and its pages."""
    found: dict[str, list[str]] = {}
    for check in known_checks().values():
        for command in (check.run, check.run_area):
            found.setdefault(command, []).append(f"docs/checks/{check.identifier}.md")
    return found
