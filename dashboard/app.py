"""The entry: `streamlit run dashboard/app.py` shows the studio and starts the supervisor when none is alive.

The entry stands beside no `pages/` folder, so Streamlit's old router, which would run a page without this frame, stays off.
"""

import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:  # Streamlit puts `dashboard/` on the path; the packages stand one level above
    sys.path.insert(0, ROOT)

from dashboard.ui import frame, heap, page  # noqa: E402

heap.few_heaps()
frame.show(page.discover())
