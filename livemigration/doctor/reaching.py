"""What is found out of a machine before anybody signs in: its name, port, certificate and clock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from livemigration.base.deadline import Deadline
from livemigration.base.text import listed
from livemigration.doctor.machines import Look
from livemigration.doctor.model import Level, Remark, Step, Tls
from livemigration.doctor.steps import RUNNER
from livemigration.wsman.codes import STATUS_STEPS
from livemigration.wsman.connecting import addresses_of, connect
from livemigration.wsman.errors import HTTP_UNAUTHORIZED, WsmanError
from livemigration.wsman.greeting import greet
from livemigration.wsman.security import Mechanism

PORT, TLS, CLOCK, SIGN_IN = "port", "TLS", "clock", "sign-in"

_MOST_ADDRESSES = 8
# Kerberos refuses more (RFC 4120's recommendation, and Windows' default).
_KERBEROS_SECONDS = 300
_NOTICEABLE_SECONDS = 60
# So many machines say more of the runner's clock than the runner does.
_SEVERAL = 3
_DAYS_AT_LEAST = 14

# Which offers of a machine a way of signing in makes use of.
_OFFERS = {
    Mechanism.NTLM: ("Negotiate", "NTLM"),
    Mechanism.BASIC: ("Basic",),
    Mechanism.KERBEROS: ("Negotiate", "Kerberos"),
    Mechanism.CREDSSP: ("CredSSP",),
}


def reach(look: Look, deadline: Deadline) -> None:
    """Find out whether a machine answers, and what it says before anybody signs in."""
    machine = look.machine
    target, seconds = machine.target, machine.connection.time_limits.connect
    tried = f"Connecting to {target.endpoint}"
    try:
        if target.address == target.name:
            look.addresses = addresses_of(target.address, target.port, seconds)
        look.greeting = greet(target.address, target.port, seconds, deadline, target.tls)
    except WsmanError as error:
        look.failed(PORT, tried, error)
        return
    look.remarks += _silent(look, seconds, deadline)
    if refused := list(_greeted(look)):
        look.remarks += refused
        look.stopped = True


def _silent(look: Look, seconds: float, deadline: Deadline) -> Iterator[Remark]:
    """Yield what is to be said of a name's other addresses: whoever connects may meet one."""
    greeting, port = look.greeting, look.machine.target.port
    silent = []
    for each in look.addresses[:_MOST_ADDRESSES]:
        if greeting is None or each == greeting.address or deadline.passed:
            continue
        try:
            with contextlib.closing(connect(each, port, seconds, deadline)):
                pass
        except (OSError, WsmanError):
            silent.append(each)
    if silent:
        name = look.machine.name
        yield Remark(
            Level.WARNING,
            PORT,
            f"{name} stands for {len(look.addresses)} addresses, and of these {listed(silent)} "
            f"{'does' if len(silent) == 1 else 'do'} not answer on port {port}.",
            (
                Step(RUNNER, "See what the name stands for.", f"nslookup {name}"),
                Step(name, "Take what is not the host's management address out of DNS."),
            ),
        )


def _greeted(look: Look) -> Iterator[Remark]:
    greeting, security = look.greeting, look.machine.security
    if greeting is None or security.mechanism is Mechanism.CERTIFICATE:
        return
    if greeting.status != HTTP_UNAUTHORIZED:
        step = STATUS_STEPS.get(
            greeting.status,
            "Check that the address and port belong to the host's WinRM service and that no proxy "
            "answers in its place.",
        )
        told = f"It answers HTTP {greeting.status} where WinRM asks for a sign-in (HTTP 401)."
        yield Remark(
            Level.PROBLEM, SIGN_IN, told, (Step(look.machine.name, step),), greeting.status
        )
        return
    usable = _OFFERS.get(security.mechanism, ())
    if usable and not set(usable).intersection(greeting.offers):
        yield _not_offered(look, usable[0], greeting.offers)


def _not_offered(look: Look, wanted: str, offers: Sequence[str]) -> Remark:
    name = look.machine.name
    place = f"WSMan:\\localhost\\Service\\Auth\\{wanted}"
    step = Step(
        name,
        f"Switch {wanted} on, or choose another transport under connection in the inventory.",
        f"Set-Item {place} $true -Force",
        f"Set-Item {place} $false -Force",
    )
    told = (
        f"It offers {listed(offers)} to sign in with, and the inventory wants "
        f"{look.machine.security.mechanism.value}. No password was sent."
    )
    return Remark(Level.PROBLEM, SIGN_IN, told, (step,), HTTP_UNAUTHORIZED)


def judge_tls(look: Look, now: datetime, window_end: datetime | None) -> None:
    """Note what a machine's certificates say, and when the first of them ends."""
    greeting = look.greeting
    if greeting is None or not greeting.version:
        return
    checked = not look.machine.security.unchecked("https:")
    ends = min((each.ends for each in greeting.chain), default=None)
    days = None if ends is None else (ends - now) // timedelta(days=1)
    subjects = tuple(each.subject for each in greeting.chain)
    look.tls = Tls(greeting.version, subjects, ends, days, checked)
    if not checked:
        step = Step(
            RUNNER,
            "Remove server_certificate: ignore from the inventory, and name the CA under ca: where "
            "it is a private one.",
        )
        told = "Its certificate is NOT checked: whoever answers is believed, and asked."
        look.remarks.append(Remark(Level.WARNING, TLS, told, (step,)))
    if ends is None:
        return
    step = Step(
        look.machine.name,
        "Renew that certificate, and bind the new one to the HTTPS listener.",
        "winrm enumerate winrm/config/listener",
    )
    subject = next(each.subject for each in greeting.chain if each.ends == ends)
    until = f"The certificate of {subject} ends {ends:%Y-%m-%d %H:%M} UTC"
    if checked and window_end is not None and ends < window_end:
        told = f"{until}, before the window does."
        look.remarks.append(Remark(Level.PROBLEM, TLS, told, (step,)))
    elif days is not None and days < _DAYS_AT_LEAST:
        look.remarks.append(Remark(Level.WARNING, TLS, f"{until}, in {days} days.", (step,)))


def judge_clocks(looks: Sequence[Look]) -> tuple[Remark, ...]:
    """Note whose clock is off; return what is to be said of the runner's own."""
    said = {
        look.machine.key: look.greeting.ahead
        for look in looks
        if look.greeting is not None and look.greeting.ahead is not None
    }
    common = _common(list(said.values()))
    for look in looks:
        ahead = said.get(look.machine.key)
        if ahead is None:
            if look.greeting is not None:
                told = "It does not say the time, so its clock was not compared."
                look.remarks.append(Remark(Level.NOTE, CLOCK, told))
        elif abs(ahead - common) > _NOTICEABLE_SECONDS:
            look.remarks.append(_clock(look.machine.name, ahead - common, bool(common)))
    if not common:
        return ()
    behind = "behind" if common > 0 else "ahead of"
    told = (
        f"The clock of this machine is {_lasting(common)} {behind} those of the machines, which "
        f"agree.{_kerberos(common)}"
    )
    step = Step(RUNNER, "Set this machine's clock by the time source of the domain.")
    return (Remark(Level.WARNING, CLOCK, told, (step,)),)


def _common(ahead: Sequence[float]) -> float:
    """Return by how much all agree that this machine is behind; 0: they do not."""
    if len(ahead) < _SEVERAL:
        return 0.0
    middle = median(ahead)
    near = [each for each in ahead if abs(each - middle) <= _NOTICEABLE_SECONDS]
    agreed = len(near) * 2 > len(ahead) and len(near) >= _SEVERAL
    return middle if agreed and abs(middle) > _NOTICEABLE_SECONDS else 0.0


def _clock(name: str, ahead: float, corrected: bool) -> Remark:
    than = "those of the other machines" if corrected else "this machine's"
    relation = f"ahead of {than}" if ahead > 0 else f"behind {than}"
    told = f"Its clock is {_lasting(ahead)} {relation}.{_kerberos(ahead)}"
    return Remark(
        Level.WARNING,
        CLOCK,
        told,
        (
            Step(name, "See where it gets the time from.", "w32tm /query /status"),
            Step(name, "Have it ask again; this sets the clock.", "w32tm /resync /rediscover"),
        ),
    )


def _lasting(seconds: float) -> str:
    whole = abs(round(seconds))
    if whole < 2 * 60:
        return f"{whole} seconds"
    if whole < 3 * 3600:
        return f"{round(whole / 60)} minutes"
    return f"{round(whole / 3600)} hours"


def _kerberos(seconds: float) -> str:
    if abs(seconds) <= _KERBEROS_SECONDS:
        return ""
    return " Kerberos refuses more than 5 minutes, between hosts as well."
