"""What is said under every explanation: where it is kept."""

from __future__ import annotations

from typing import Final

from data.text import Text

KEPT: Final = Text(
    en="Kept for a day as {id}: samajh replay {id}, samajh explanations report|keep|delete {id}",
    hi="एक दिन के लिए {id} नाम से रखी गई: samajh replay {id}, samajh explanations report|keep|delete {id}",
)
