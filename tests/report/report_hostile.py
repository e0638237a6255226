"""A run in which every text that comes from outside is the same hostile one."""

from __future__ import annotations

from dataclasses import replace

from drain_plans import fits, move, refused
from hypothesis import strategies as st
from report_runs import KB, run_of

from livemigration.facts.model import Subject
from livemigration.inventory.demands import Demands
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Blocker, Result, State
from livemigration.run.run import HostSummary, Run
from livemigration.verdict.findings import Finding, Fix, Level, Reference

SPECIAL = (
    "`~|<>[](){}!@#*_\\\n\r\t-=+:;,/&%$^'\"0aZ. \x00\x1b\x85\u2028\u202e\u200b\ud800\uff1d\u00e9"
)
PIECES = (
    "\n```\n# Out",
    "````````",
    "\n~~~\n",
    "</pre><script>x</script>",
    "<!-- ",
    "[a](https://evil.example)",
    "![a](//evil.example/a.png)",
    "https://evil.example www.evil.example",
    "@everyone #1 !2 ~3",
    "\n| a | b |\n|---|---|\n",
    "\n::error::forged",
    "\n::set-output name=a::b",
    "##vso[task.setvariable variable=PATH]x",
    "##[error]forged",
    "=cmd|' /C calc'!A0",
    "a,b:c%0A::stop-commands::x",
    '",\r\n"=1+1"',
    "{0} [x](1)",
)
TEXTS = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(SPECIAL, max_size=12), st.text(max_size=5)),
    min_size=1,
    max_size=4,
).map("".join)


def hostile_run(text: str) -> Run:
    """Return a run with one result of every kind, all of them saying this text."""
    fix = Fix(
        key=text,
        summary=text,
        console=(text,),
        precondition=text,
        commands=(text, text),
        undo=(text,),
        cost=text,
        alternative=text,
        source=Reference(text, text),
    )
    failed = Finding(Level.FAIL, text, text, fix)
    warned = Finding(Level.WARNING, text, text, replace(fix, key=f"{text}2"))
    blocker = Blocker("LM302", f"{text} blocks", text)
    results = (
        Result(
            _entry("LM101", text), State.FAIL, True, (failed,), refs=(KB, Reference(text, text))
        ),
        Result(_entry("LM102", text), State.WARNING, False, (warned,)),
        Result(_entry("LM103", text), State.BLOCKED, blocked_by=blocker),
        Result(_entry("LM104", text), State.WAIVED, False, (failed,), reason=text),
        Result(_entry("LM105", text), State.NOT_APPLICABLE, reason=text),
        Result(_entry("LM106", text), State.INTERNAL_ERROR, reason=text),
        Result(_entry("LM107", text), State.PASS, findings=(Finding(Level.OK, text),)),
    )
    run = run_of(*results, vmm=text, vmm_release=text, problems=(text,), inventory=text)
    return replace(
        run,
        plan=(*run.plan, _entry("LM203", text)),
        hosts=(HostSummary(text, (text,), text, text),),
        facts_from=text,
        drains=(
            replace(
                refused(text), unplaced=(text,), explained=(text,), then_stuck=(text,), advice=text
            ),
            replace(
                fits(1),
                host=text,
                moves=(move(1, machine=text, source=text, destination=text, against=text),),
            ),
        ),
        demands=Demands("d" * 64, Policy(), drain=DrainRequest((text,), (text,), (text,))),
    )


def _entry(check: str, target: str) -> PlanEntry:
    node_id = f"checks/test_{check}.py::test[{target}]"
    return PlanEntry(node_id, check, target, "settings", Subject.HOST, target)
