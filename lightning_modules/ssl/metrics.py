"""How the measures of a representation are named and drawn."""

from __future__ import annotations

from data.catalog import Alarm, MetricCard
from data.text import Text

LOSS = MetricCard(
    "loss",
    Text(en="Training loss", hi="ट्रेनिंग लॉस"),
    Text(en="What the method minimises, on the training batch. It falls also while a representation collapses: read it beside the others.",
         hi="मेथड जिसे घटाता है, ट्रेनिंग के बैच पर। रिप्रेज़ेंटेशन ढहते समय भी यह घट सकता है: बाक़ी मेट्रिक साथ देखें।"),
    better="lower", headline=True,
)  # fmt: skip

PROJECTION_SPREAD = MetricCard(
    "projection_spread",
    Text(en="Spread of the projections", hi="प्रोजेक्शन का फैलाव"),
    Text(en="Standard deviation of each dimension of what the loss sees, at length 1, times √d: about 1 is healthy, near 0 all images have become one point.",
         hi="लॉस जो देखता है उसके हर डाइमेंशन का स्टैंडर्ड डेविएशन, लंबाई 1 पर, गुणा √d: 1 के आसपास ठीक, 0 के पास हो तो सारी तस्वीरें एक बिंदु बन गईं।"),
    better="higher",
    alarm=Alarm(
        0.1,
        Text(en="The projections have collapsed: to the loss all images are nearly one point, so it teaches nothing more, however low it is. "
                "What was learned before may stay or be lost: the probes tell. "
                "Put back what was switched off (predictor, slow target), or lower the learning rate.",
             hi="प्रोजेक्शन ढह गए हैं: लॉस के लिए सारी तस्वीरें लगभग एक बिंदु हैं, इसलिए वह कितना भी कम हो, अब कुछ नहीं सिखाता। "
                "पहले सीखा हुआ बच भी सकता है और मिट भी सकता है: यह प्रोब बताते हैं। "
                "जो बंद किया था (प्रेडिक्टर, धीमा लक्ष्य) उसे वापस लाएँ, या लर्निंग रेट घटाएँ।"),
    ),
)  # fmt: skip

METRICS = (
    MetricCard(
        "knn_accuracy",
        Text(en="Nearest neighbours", hi="सबसे पास के पड़ोसी"),
        Text(en="Share of held-out items that the 20 nearest training items name rightly, weighted by similarity.",
             hi="अलग रखे कितने आइटम को 20 सबसे पास के ट्रेनिंग आइटम सही पहचानते हैं, समानता के वज़न से।"),
        better="higher", headline=True,
    ),
    MetricCard(
        "linear_accuracy",
        Text(en="Linear probe", hi="लीनियर प्रोब"),
        Text(en="Share of held-out items that a linear classifier of the frozen representation names rightly.",
             hi="जमे हुए रिप्रेज़ेंटेशन पर एक लीनियर क्लासिफ़ायर अलग रखे कितने आइटम सही पहचानता है।"),
        better="higher", headline=True,
    ),
    MetricCard(
        "few_label_accuracy",
        Text(en="Ten labels a class", hi="हर क्लास के दस लेबल"),
        Text(en="The same with only ten labelled items of each class, averaged over five draws: where a good representation is worth most.",
             hi="वही, हर क्लास के सिर्फ़ दस लेबल से, पाँच चुनावों का औसत: अच्छा रिप्रेज़ेंटेशन यहीं सबसे ज़्यादा काम आता है।"),
        better="higher", headline=True, verdict=True,
    ),
    LOSS,
    MetricCard(
        "rank",
        Text(en="Dimensions in use (RankMe)", hi="काम के डाइमेंशन (RankMe)"),
        Text(en="exp of the entropy of the singular values of the representation; 1 when all images lie on one line.",
             hi="रिप्रेज़ेंटेशन के सिंगुलर वैल्यू की एन्ट्रॉपी का exp; सारी तस्वीरें एक रेखा पर हों तो 1।"),
        better="higher", headline=True,
    ),
    MetricCard(
        "feature_spread",
        Text(en="Spread of the representation", hi="रिप्रेज़ेंटेशन का फैलाव"),
        Text(en="Standard deviation of each dimension at length 1, times √d: 0 when all images have one vector.",
             hi="लंबाई 1 पर हर डाइमेंशन का स्टैंडर्ड डेविएशन, गुणा √d: सब तस्वीरों का एक ही वेक्टर हो तो 0।"),
        better="higher",
    ),
    MetricCard(
        "alignment",
        Text(en="Alignment", hi="अलाइनमेंट"),
        Text(en="Mean squared distance of two views of a held-out image, at length 1; low means the changes do not matter.",
             hi="अलग रखी तस्वीर के दो व्यू की औसत वर्ग दूरी, लंबाई 1 पर; कम यानी बदलाव का असर नहीं।"),
        better="lower",
    ),
    MetricCard(
        "uniformity",
        Text(en="Uniformity", hi="एकरूपता"),
        Text(en="ln of the mean of exp(−2 d²) over pairs of images; 0 when all are one point, near −4 when they are spread evenly.",
             hi="तस्वीरों के जोड़ों पर exp(−2 d²) के औसत का ln; सब एक बिंदु हों तो 0, बराबर फैली हों तो −4 के पास।"),
        better="lower",
    ),
)  # fmt: skip

METRICS_WITHOUT_VIEWS = tuple(card for card in METRICS if card.name != "alignment")

POINTING = MetricCard(
    "pointing",
    Text(en="Attention finds the object", hi="अटेंशन चीज़ को ढूँढता है"),
    Text(en="Share of held-out pictures in which the place the class token of the last layer attends to most shows some of the object. "
            "Counted are pictures with an edge of one shade.",
         hi="अलग रखी कितनी तस्वीरों में आख़िरी परत का क्लास टोकन जिस जगह पर सबसे ज़्यादा ध्यान देता है, वहाँ चीज़ दिखती है। "
            "सिर्फ़ वे तस्वीरें गिनी जाती हैं जिनका किनारा एक रंग का है।"),
    better="higher",
)  # fmt: skip
