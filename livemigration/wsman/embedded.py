"""Instances that are written into a text: CIM-XML as the DTD 2.0 has it (windows-facts.md 5.4)."""

from __future__ import annotations

from livemigration.wsman.document import local_name, parse, text_of
from livemigration.wsman.errors import unusable
from livemigration.wsman.items import RawItem, RawValue, ValueForm


def instance_in(text: str) -> RawValue:
    """Return the instance in a text as an embedded object; a property without a value is left out.

    Raises:
        WsmanError: PROTOCOL: the text is no such document.
    """
    root = parse(text.strip().encode("utf-8", "surrogatepass"))
    if local_name(root) != "INSTANCE":
        raise unusable("a text that should hold an instance holds none")
    properties = {
        each.get("NAME", ""): (RawValue(ValueForm.TEXT, text_of(each[0])),)
        for each in root
        if local_name(each) == "PROPERTY" and len(each) == 1 and local_name(each[0]) == "VALUE"
    }
    item = RawItem(root.get("CLASSNAME"), properties)
    return RawValue(ValueForm.EMBEDDED, embedded=item)
