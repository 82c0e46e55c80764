"""The face for attention in text: what stands in the field before anybody types."""

from __future__ import annotations

import pytest

from dashboard.ui.seen_text_attention import beginning


@pytest.mark.parametrize(
    ("text", "longest", "begun"),
    [
        ("lf of it\n   | *  the  value of a name\n12", 40, "| * the value of a name"),
        ("x\nthe rain fell on the roof\n====", 12, "the rain"),
        ("no line ends here at all", 10, "no line"),
        ("x\nपानी बरसा और पेड़ भीगे", 10, "पानी बरसा"),
        ("x\nunbelievably", 6, "unbeli"),
        ("", 10, ""),
    ],
)
def test_whole_words_of_the_line_that_reads_most_like_one(text: str, longest: int, begun: str) -> None:
    assert beginning(text, longest) == begun
