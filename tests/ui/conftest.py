"""A missing text is an error in every test of the pages."""

import os

os.environ["SAMAJH_STRICT_TEXTS"] = "1"
