"""What explanations of tables say when they cannot be given, in both languages."""

from __future__ import annotations

from typing import Final

from data.text import Text

TOO_MANY_FEATURES: Final = Text(
    en="{n} features have too many combinations; at most {most} are taken. Choose Kernel SHAP.",
    hi="{n} फ़ीचरों के बहुत ज़्यादा संयोजन हैं; ज़्यादा से ज़्यादा {most} चलते हैं। Kernel SHAP चुनें।",
)
NO_TREES: Final = Text(
    en="TreeSHAP looks inside trees, and this model has none; choose Kernel SHAP, or train a forest.",
    hi="TreeSHAP पेड़ों के अंदर देखता है, और इस मॉडल में पेड़ नहीं हैं; Kernel SHAP चुनें या फ़ॉरेस्ट ट्रेन करें।",
)
NO_GRADIENTS: Final = Text(
    en="This follows the gradients of a neural network, and this model has none; choose Kernel SHAP, or train a network.",
    hi="यह न्यूरल नेटवर्क के ग्रेडिएंट पर चलता है, और इस मॉडल में वे नहीं हैं; Kernel SHAP चुनें या नेटवर्क ट्रेन करें।",
)
NO_TRUTH: Final = Text(
    en="This needs held-out rows with their true values; choose a model trained here.",
    hi="इसके लिए अलग रखी पंक्तियाँ और उनके सही मान चाहिए; यहीं ट्रेन हुआ मॉडल चुनें।",
)
ALREADY: Final = Text(
    en="The model says {target} already, so there is nothing to change; choose another outcome.",
    hi="मॉडल पहले से {target} कह रहा है, इसलिए कुछ बदलना नहीं है; दूसरा नतीजा चुनें।",
)
NO_COUNTERFACTUAL: Final = Text(
    en="No change of up to {most} of the columns that may change leads to {target}; free more columns or allow more changes.",
    hi="जो कॉलम बदल सकते हैं, उनमें से {most} तक बदलने से भी {target} नहीं आता; और कॉलम खोलें या ज़्यादा बदलाव होने दें।",
)
NO_WANTED: Final = Text(
    en="“{wanted}” is no outcome; there are: {known}.", hi="“{wanted}” कोई नतीजा नहीं है; ये हैं: {known}।"
)
NO_NUMBER: Final = Text(
    en="Write the outcome as “<100” or “>100”: below or above a number.",
    hi="नतीजा “<100” या “>100” की तरह लिखें: किसी संख्या से कम या ज़्यादा।",
)
