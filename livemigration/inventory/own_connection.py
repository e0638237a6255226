"""What is different in the connection of one group of hosts, or of a VMM server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from livemigration.inventory.connection import (
    BY_TICKET,
    HTTP_PORT,
    HTTPS_PORT,
    Connection,
    TimeLimits,
)

Said = dict[str, Any]

_OF_THE_RUN = (
    "is of the whole run, and of no group and no server. Write it under the inventory's own "
    "{place} alone."
)


class _Own(BaseModel):
    """What is left out is as the inventory has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Keys that stand elsewhere, and what is said where one stands here.
    elsewhere: ClassVar[Mapping[str, str]] = {}

    @property
    def said(self) -> Said:
        """What is set here."""
        return said(self)


def said(model: BaseModel) -> Said:
    """Return what a file sets of a model, and nothing of what it leaves out."""
    return model.model_dump(exclude_unset=True, exclude_none=True)


def _left_out_or_set(whole: type[BaseModel], without: str) -> dict[str, Any]:
    """Return the fields of a model as those of another, each of which may be left out."""
    fields: dict[str, Any] = {}
    for name, field in whole.model_fields.items():
        if name != without:
            kind: Any = field.annotation
            told = Field(description=field.description)
            fields[name] = (Annotated[kind | None, *field.metadata, told], None)
    return fields


if TYPE_CHECKING:
    OwnTimeLimits = _Own
    OwnConnection = _Own
else:

    class _OwnTimeLimits(_Own):
        """Seconds after which waiting ends; what is left out is as the inventory has it."""

        elsewhere: ClassVar = {"run": _OF_THE_RUN.format(place="time_limits")}

    OwnTimeLimits = create_model(
        "OwnTimeLimits",
        __base__=_OwnTimeLimits,
        __doc__=_OwnTimeLimits.__doc__,
        __module__=__name__,
        **_left_out_or_set(TimeLimits, "run"),
    )

    class _OwnConnection(_Own):
        """How these machines are reached; what is left out is as the inventory has it."""

        elsewhere: ClassVar = {"concurrent_hosts": _OF_THE_RUN.format(place="connection")}

    OwnConnection = create_model(
        "OwnConnection",
        __base__=_OwnConnection,
        __doc__=_OwnConnection.__doc__,
        __module__=__name__,
        **{
            **_left_out_or_set(Connection, "concurrent_hosts"),
            "time_limits": (
                OwnTimeLimits,
                Field(default=OwnTimeLimits(), description="Seconds after which waiting ends."),
            ),
        },
    )


def _over_https(merged: Said) -> bool:
    return bool(merged.get("https", merged.get("port") == HTTPS_PORT))


def _by_certificate(merged: Said) -> bool:
    return merged.get("transport") == "certificate"


def _by_ticket(merged: Said) -> bool:
    return merged.get("transport", BY_TICKET[0]) in BY_TICKET


# Keys that go with others: where those are not so, what the inventory says of them is not meant.
_GOES_WITH: dict[str, Callable[[Said], bool]] = {
    "ca": _over_https,
    "server_certificate": _over_https,
    "client_certificate": _by_certificate,
    "client_key": _by_certificate,
    "realm": _by_ticket,
    "keytab": _by_ticket,
    "kerberos_service": _by_ticket,
    "fallback": lambda merged: (
        merged.get("transport", BY_TICKET[0]) == BY_TICKET[0] and "keytab" not in merged
    ),
    "send_password_unencrypted": lambda merged: (
        merged.get("transport") == "basic" and not _over_https(merged)
    ),
}
_PORTS = {HTTP_PORT, HTTPS_PORT}


def merged(site: Connection, own: Said) -> Said:
    """Return what a connection comes to that changes the inventory's own; not validated.

    `port` and `https` go together: a group that says https alone has its usual port, and one that
    says a usual port alone has the https that belongs to it. What the inventory says for its own
    way of signing in, and what has no place beside the group's, is left out.
    """
    given = said(site)
    if "https" in own:
        given.pop("port", None)
    elif own.get("port") in _PORTS:
        given.pop("https", None)
    if "ca" in own:
        given.pop("server_certificate", None)
    if own.get("server_certificate") == "ignore":
        given.pop("ca", None)
    limits = {**given.get("time_limits", {}), **own.get("time_limits", {})}
    together = {**given, **own, **({"time_limits": limits} if limits else {})}
    return {
        name: value
        for name, value in together.items()
        if name in own or name not in _GOES_WITH or _GOES_WITH[name](together)
    }
