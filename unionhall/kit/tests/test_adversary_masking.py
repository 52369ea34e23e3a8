"""What is hidden in free text, and what must stay readable."""

import pytest

from unionhall.kit.masking import hide_numbers


@pytest.mark.parametrize(
    "number",
    ["42990019880304901X", "42990019880304901x", "429900880304901", "13812345678", "138 1234 5678",
     "138-1234-5678", "6222020200112230123", "429900 19880304 901X"],
)  # fmt: skip
def test_personal_numbers_are_hidden(number: str) -> None:
    found = hide_numbers(f"电话{number}，谢谢")
    assert number not in found
    assert found.startswith(f"电话{number[:3]}")
    assert found.endswith("，谢谢")


@pytest.mark.parametrize(
    "text",
    ["RH2026112200012", "2026-11-22", "20261122", "总工发〔2026〕12号", "T420103-00012", "027-82345678",
     "420103000012", "91420100MA4KXXXX1B"],
)  # fmt: skip
def test_other_numbers_stay(text: str) -> None:
    assert hide_numbers(text) == text
