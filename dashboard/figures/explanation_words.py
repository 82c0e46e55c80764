"""The words of an explanation's report, in both languages."""

from __future__ import annotations

from typing import Final

from data.text import Text

TITLE: Final = Text(en="Why the model said so", hi="मॉडल ने ऐसा क्यों कहा")
EVIDENCE: Final = Text(en="Can it be relied on?", hi="क्या इस पर भरोसा करें?")
NUMBERS: Final = Text(en="What each part adds", hi="हर हिस्सा कितना जोड़ता है")
PART: Final = Text(en="Part", hi="हिस्सा")
VALUE: Final = Text(en="Value", hi="मान")
SHARE: Final = Text(en="Adds", hi="कितना जोड़ता है")
HALF: Final = Text(en="± (95 %)", hi="± (95 %)")
ANSWER: Final = Text(en="Answer", hi="जवाब")
SCORE: Final = Text(en="Score", hi="स्कोर")
BASE: Final = Text(en="Base value", hi="आधार मान")
ANSWERS: Final = Text(en="What the model said", hi="मॉडल ने क्या कहा")
MODEL: Final = Text(en="The model", hi="मॉडल")
ORIGIN: Final = Text(en="Where this comes from", hi="यह कहाँ से आया")
WHAT: Final = Text(en="What", hi="क्या")
METHOD: Final = Text(en="Way to explain", hi="वजह बताने का तरीका")
ID: Final = Text(en="Id", hi="id")
SEED: Final = Text(en="Seed", hi="सीड")
DATA: Final = Text(en="Hash of the data (SHA-256)", hi="डेटा का हैश (SHA-256)")
WEIGHTS: Final = Text(en="Hash of the model", hi="मॉडल का हैश")
VERSIONS: Final = Text(en="Versions", hi="संस्करण")
MADE: Final = Text(en="Made at", hi="कब बना")
CALLS: Final = Text(en="Questions to the model", hi="मॉडल से सवाल")
NAME: Final = Text(en="Name", hi="नाम")
FIGURES: Final = {
    "held-out accuracy": Text(en="Right on held-out items", hi="अलग रखे आइटम पर सही"),
    "commonest answer": Text(en="Right by the commonest answer", hi="सबसे आम जवाब से सही"),
    "held-out texts": Text(en="Held-out texts", hi="अलग रखे टेक्स्ट"),
    "learned from": Text(en="Learned from", hi="कितनों से सीखा"),
    "classes": Text(en="Classes", hi="क्लास"),
    "task": Text(en="Task", hi="काम"),
    "column": Text(en="Column that is told", hi="जो कॉलम बताया जाता है"),
    "rows": Text(en="Rows learned from", hi="सीखने की पंक्तियाँ"),
    "held out": Text(en="Rows held out", hi="अलग रखी पंक्तियाँ"),
    "accuracy": Text(en="Right on rows held out", hi="अलग रखी पंक्तियों पर सही"),
    "auc": Text(en="Right order (AUC)", hi="सही क्रम (AUC)"),
    "r2": Text(en="Explained variance (R²)", hi="समझाया गया फैलाव (R²)"),
    "mae": Text(en="Mean error", hi="औसत ग़लती"),
}
FIGURE: Final = Text(
    en="{value} (95 % interval {low} to {high}; by guessing {guess})",
    hi="{value} (95 % अंतराल {low} से {high}; अंदाज़े से {guess})",
)
NAMED: Final = {
    "imagenet": Text(en="EfficientNet-Lite0, learned from ImageNet", hi="EfficientNet-Lite0, ImageNet से सीखा"),
    "sentiment": Text(en="Sentiment of reviews", hi="समीक्षा का भाव"),
    "classification": Text(en="classification", hi="क्लासिफ़िकेशन"),
    "regression": Text(en="regression", hi="रिग्रेशन"),
}
"""What a record calls by a short name."""
MAP: Final = Text(
    en="The picture as the model saw it, with what matters to its answer.",
    hi="तस्वीर जैसी मॉडल ने देखी, और उसके जवाब के लिए जो मायने रखता है।",
)
CHIPS: Final = Text(
    en="Red (+) speaks for the answer, blue (−) against it; darker weighs more.",
    hi="लाल (+) जवाब के पक्ष में, नीला (−) ख़िलाफ़; जितना गाढ़ा उतना भारी।",
)
CAUTION: Final = Text(
    en="An explanation tells what moves this model, and not what causes what in the world. Ask a person before deciding about people.",
    hi="वजह बताती है कि इस मॉडल को क्या हिलाता है, यह नहीं कि दुनिया में किसकी वजह से क्या होता है। लोगों के बारे में फ़ैसला करने से पहले किसी इंसान से पूछें।",
)
AGAIN: Final = Text(
    en="Ask again and compare every bit: samajh replay {id}", hi="दोबारा पूछें और हर बिट मिलाएँ: samajh replay {id}"
)
MARKS: Final = {True: "✓", False: "✗", None: "·"}
SPEAKS: Final = {
    True: Text(en="for it", hi="पक्ष में"),
    False: Text(en="against it", hi="ख़िलाफ़"),
    None: Text(en="for information", hi="जानकारी के लिए"),
}
