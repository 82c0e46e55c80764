"""What the report of a run says, in both languages."""

from __future__ import annotations

from data.text import Text

STEPS = Text(en="step {step} of {total}", hi="{total} में से {step} स्टेप")
SEED = Text(en="seed {seed}", hi="सीड {seed}")
MADE = Text(en="Saved from Samajh on {date} · run {id}", hi="समझ (Samajh) से {date} को सहेजा गया · रन {id}")
NUMBERS = Text(en="Numbers", hi="आँकड़े")
CURVES = Text(en="Curves", hi="कर्व")
SETTINGS = Text(en="Settings", hi="सेटिंग")
EVENTS = Text(en="What happened", hi="क्या-क्या हुआ")
CHECKPOINTS = Text(en="Checkpoints", hi="चेकपॉइंट")
ENVIRONMENT = Text(en="Environment", hi="एनवायरनमेंट")
METRIC = Text(en="Metric", hi="मेट्रिक")
NEWEST = Text(en="Newest", hi="सबसे नया")
LOWEST = Text(en="Lowest", hi="सबसे कम")
HIGHEST = Text(en="Highest", hi="सबसे ज़्यादा")
POINTS = Text(en="Points", hi="पॉइंट")
SETTING = Text(en="Setting", hi="सेटिंग")
VALUE = Text(en="Value", hi="मान")
TIME = Text(en="Time", hi="समय")
STEP = Text(en="Step", hi="स्टेप")
WHAT = Text(en="Event", hi="घटना")
SIZE = Text(en="Size", hi="आकार")
FILE_HASH = Text(en="SHA-256 of the file", hi="फ़ाइल का SHA-256")
WEIGHTS_HASH = Text(en="SHA-256 of the weights", hi="वेट का SHA-256")
PICTURE = Text(en="{name}, step {step}", hi="{name}, स्टेप {step}")
