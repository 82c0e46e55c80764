"""What the studio says when a short request goes wrong, in both languages."""

from __future__ import annotations

from typing import Final

from data.text import Text

CRASHED: Final = Text(
    en="The worker that was computing this stopped; a new one takes its place. Try again.",
    hi="यह गणना करने वाला वर्कर बंद हो गया; उसकी जगह नया आ रहा है। फिर कोशिश करें।",
)
TOO_LONG: Final = Text(
    en="This took longer than {seconds} s and was ended. Ask for less, or try again.",
    hi="इसमें {seconds} सेकंड से ज़्यादा लगे, इसलिए इसे बंद किया गया। कम माँगें या फिर कोशिश करें।",
)
TOO_MUCH: Final = Text(
    en="This needed more than the {limit} MiB of memory a worker may use. Ask for less.",
    hi="इसके लिए वर्कर की सीमा {limit} MiB से ज़्यादा मेमोरी चाहिए थी। कम माँगें।",
)
NOBODY: Final = Text(
    en="No worker could be reached within {seconds} s. Is the supervisor running?",
    hi="{seconds} सेकंड में कोई वर्कर नहीं मिला। क्या सुपरवाइज़र चल रहा है?",
)
FAILED: Final = Text(en="The computation failed: {error}", hi="गणना नहीं हो पाई: {error}")
UNKNOWN: Final = Text(en="Workers do not know the request “{request}”.", hi="वर्कर “{request}” नाम का अनुरोध नहीं जानते।")
TOO_BIG: Final = Text(en="The request is larger than {limit} MiB.", hi="अनुरोध {limit} MiB से बड़ा है।")
NO_CHECKPOINT: Final = Text(en="This run has no checkpoint yet.", hi="इस रन का अभी कोई चेकपॉइंट नहीं है।")
NOT_A_METHOD: Final = Text(
    en="This model is a plain Lightning module; it cannot answer requests.",
    hi="यह मॉडल सादा Lightning मॉड्यूल है; यह अनुरोधों का जवाब नहीं दे सकता।",
)
UNKNOWN_EXPLAINER: Final = Text(
    en="There is no way to explain called “{name}” for this.", hi="इसकी वजह बताने का “{name}” नाम का कोई तरीका नहीं है।"
)
UNKNOWN_SETTING: Final = Text(
    en="“{name}” has no setting “{key}”; it has: {known}.", hi="“{name}” में “{key}” नाम की कोई सेटिंग नहीं है; ये हैं: {known}।"
)
BAD_SETTING: Final = Text(en="The setting “{key}” cannot be used: {why}.", hi="“{key}” सेटिंग नहीं चल सकती: {why}।")
NO_RIVAL: Final = Text(en="There is no learner “{name}”.", hi="“{name}” नाम का कोई मॉडल नहीं है।")
NO_GROUPS_BY: Final = Text(
    en="“{name}” is no column to make groups by; there are: {known}.",
    hi="“{name}” से समूह नहीं बन सकते; ये कॉलम हैं: {known}।",
)
NO_GROUPS: Final = Text(
    en="“{name}” makes no group of at least 5 unseen rows; choose another column.",
    hi="“{name}” से कम से कम 5 अनदेखी पंक्तियों वाला कोई समूह नहीं बनता; दूसरा कॉलम चुनें।",
)
NO_REPRESENTATION: Final = Text(
    en="This run learns no representation of images; choose one of a self-supervised method, such as SimCLR.",
    hi="यह रन तस्वीरों का रिप्रेज़ेंटेशन नहीं सीखता; SimCLR जैसे सेल्फ़-सुपरवाइज़्ड तरीके का रन चुनें।",
)
UNKNOWN_DATA: Final = Text(en="There is no data set called “{name}”.", hi="“{name}” नाम का कोई डेटा सेट नहीं है।")
NO_IMAGES: Final = Text(
    en="This data holds no images; choose data of images.", hi="इस डेटा में तस्वीरें नहीं हैं; तस्वीरों वाला डेटा चुनें।"
)
NO_LABELS: Final = Text(
    en="This data has no classes, so nothing can be named rightly or wrongly; choose data with classes.",
    hi="इस डेटा में क्लास नहीं हैं, इसलिए सही-ग़लत परखा नहीं जा सकता; क्लास वाला डेटा चुनें।",
)
