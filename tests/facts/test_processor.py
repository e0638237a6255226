"""What Win32_Processor says of a processor's generation."""

from __future__ import annotations

from in_turn import in_turn

from livemigration.facts.processor import Generation, Processor


@in_turn(
    "identifier, expected",
    [
        # Xeon Gold 6154, Xeon Gold 6338, Xeon 4th generation; EPYC 7302, EPYC 9354; Opteron 6276.
        ("BFEBFBFF00050654", Generation(6, 85, 4)),
        ("BFEBFBFF000606A6", Generation(6, 106, 6)),
        ("BFEBFBFF000806F8", Generation(6, 143, 8)),
        ("178BFBFF00830F10", Generation(23, 49, 0)),
        ("178BFBFF00A10F11", Generation(25, 17, 1)),
        ("178BFBFF00600F12", Generation(21, 1, 2)),
        (" bfebfbff000806f8 ", Generation(6, 143, 8)),
        ("0000000000000000", None),
        ("", None),
        ("simulated", None),
        ("7FFBFBFF", None),
    ],
)
def test_family_model_and_stepping_are_those_of_cpuid(
    identifier: str, expected: Generation | None
) -> None:
    assert Processor("GenuineIntel", "", identifier).generation == expected


def test_a_generation_reads_as_windows_writes_it() -> None:
    assert str(Generation(6, 85, 4)) == "family 6 model 85 stepping 4"
