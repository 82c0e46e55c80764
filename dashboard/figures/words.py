"""What the figures themselves say, in both languages."""

from __future__ import annotations

from data.text import Text

STEP = Text(en="Step", hi="स्टेप")
EPOCH = Text(en="Epoch", hi="एपॉक")
SECONDS = Text(en="Training time (s)", hi="ट्रेनिंग का समय (सेकंड)")
MINUTES = Text(en="Training time (min)", hi="ट्रेनिंग का समय (मिनट)")
HOURS = Text(en="Training time (h)", hi="ट्रेनिंग का समय (घंटे)")
EVERY_POINT = Text(en="every point", hi="हर पॉइंट")
LOWEST_HIGHEST = Text(en="lowest to highest", hi="सबसे कम से सबसे ज़्यादा तक")
AVERAGE = Text(en="average over {n} points", hi="{n} पॉइंट का औसत")
MEAN = Text(en="mean", hi="औसत")
LOWEST = Text(en="lowest", hi="सबसे कम")
HIGHEST = Text(en="highest", hi="सबसे ज़्यादा")
VALUE = Text(en="value", hi="मान")
METRIC = Text(en="metric", hi="मेट्रिक")
RUN = Text(en="run", hi="रन")
POINTS = Text(en="points", hi="पॉइंट")
NOT_FINITE = Text(en="not a number", hi="मान नहीं (NaN)")
NAN = Text(en="not a number (NaN) at step {step}", hi="स्टेप {step} पर मान नहीं (NaN)")
INFINITE = Text(en="infinite at step {step}", hi="स्टेप {step} पर अनंत (Inf)")
RESUMED = Text(en="attempt {n}, resumed from step {step}", hi="कोशिश {n}, स्टेप {step} से जारी")
RESUMED_SHORT = Text(en="resumed", hi="जारी किया")
GROUP = Text(en="mean of {n} runs", hi="{n} रन का औसत")
GROUP_BAND = Text(en="lowest to highest of {n} runs", hi="{n} रन में सबसे कम से सबसे ज़्यादा")
NO_POINTS = Text(en="No points yet.", hi="अभी कोई पॉइंट नहीं।")
ALT_SERIES = Text(
    en="{name}: {points} points, from {first} to {last} at step {step}; lowest {low}, highest {high}.",
    hi="{name}: {points} पॉइंट, {first} से {last} तक (स्टेप {step}); सबसे कम {low}, सबसे ज़्यादा {high}।",
)
ALT_BROKEN = Text(en="{n} values are not finite.", hi="{n} मान NaN या अनंत हैं।")
ALT_LEVEL = Text(en="Reference line “{label}” at {value}.", hi="संदर्भ रेखा “{label}”: {value}।")
ALT_CHART = Text(en="Curve of {title} over {axis}.", hi="{title} का कर्व; क्षैतिज अक्ष: {axis}।")
NOTE_LOG = Text(
    en="{n} points of {title} are zero or negative; a logarithmic axis cannot show them.",
    hi="{title} के {n} पॉइंट शून्य या ऋणात्मक हैं; लॉग अक्ष पर नहीं दिखते।",
)
NOTE_BROKEN = Text(
    en="{n} values of {title} are not finite (NaN or infinite); they are marked at the top edge.",
    hi="{title} के {n} मान NaN या अनंत हैं; ऊपरी किनारे पर निशान लगे हैं।",
)
