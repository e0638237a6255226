"""Where user name and password come from; never a password itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

# In capitals and of several words, as such names are: a password in its place is told by that.
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise ValueError(
            "this does not look like the name of an environment variable: capitals and "
            "underscores, such as SITE_PASSWORD. If it is a user name or a password, remove it "
            "from this file, and change the password."
        )
    return text


def _argument(text: str) -> str:
    if "\0" in text:
        raise ValueError("an argument holds a null character, which no program can be given.")
    return text


VariableName = Annotated[str, AfterValidator(_variable)]
Source = Literal["environment", "prompt", "keyring", "command", "fd"]

# The keys that belong to some sources only.
_OF_SOURCES: dict[str, tuple[Source, ...]] = {
    # Who tries a prompt instead leaves the other source's key in its place.
    "password_variable": ("environment", "prompt"),
    "service": ("keyring",),
    "command": ("command",),
    "fd": ("fd",),
}
_NEEDED: dict[Source, tuple[str, str]] = {
    "command": ("command", "the program and its arguments, such as [pass, show, hyper-v]"),
    "fd": ("fd", "the number of a file descriptor, such as 3"),
}


class CredentialSource(BaseModel):
    """Where user name and password come from; never a password itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Source = Field(
        default="environment",
        alias="from",
        description="Where the password is: environment, in a variable; prompt, the suite asks for "
        "it; keyring, in that of the system; command, what a program prints; fd, what a file "
        "descriptor holds.",
    )
    username: str | None = Field(
        default=None,
        min_length=1,
        max_length=512,
        description="The user name, as DOMAIN\\user or user@domain. Left out: that of the "
        "variable.",
    )
    username_variable: VariableName = Field(
        default="LIVEMIGRATION_USERNAME",
        description="The environment variable that holds the user name, where it does not stand "
        "here.",
    )
    password_variable: VariableName = Field(
        default="LIVEMIGRATION_PASSWORD",
        description="For environment: the variable that holds the password.",
    )
    service: str | None = Field(
        default=None,
        min_length=1,
        max_length=512,
        description="For keyring: the service under which the password is kept. Left out: "
        "livemigration.",
    )
    command: tuple[Annotated[str, AfterValidator(_argument)], ...] | None = Field(
        default=None,
        min_length=1,
        description="For command: a program and its arguments, which prints the password and "
        "nothing else. No shell reads them.",
    )
    fd: int | None = Field(
        default=None,
        strict=True,
        ge=3,
        le=65535,
        description="For fd: the number of a file descriptor that this process is given, which "
        "holds the password and nothing else.",
    )

    @model_validator(mode="after")
    def _what_belongs_together(self) -> CredentialSource:
        for key, sources in _OF_SOURCES.items():
            if key in self.model_fields_set and self.source not in sources:
                raise ValueError(
                    f"{key} is of no use with from: {self.source}. Remove it, or write from: "
                    f"{sources[0]}."
                )
        key, what = _NEEDED.get(self.source, ("source", ""))
        if getattr(self, key) is None:
            raise ValueError(f"from: {self.source} needs {key}: {what}.")
        if {"username", "username_variable"} <= self.model_fields_set:
            raise ValueError("username stands beside username_variable. Keep one of the two.")
        if self.command is not None and not self.command[0].strip():
            raise ValueError("command names no program. Write its name or its path first.")
        return self


def password_variables(sources: Iterable[CredentialSource]) -> frozenset[str]:
    """Return the environment variables that hold the passwords of these sources."""
    return frozenset(each.password_variable for each in sources)
