"""What is said of tables and models made of them, in both languages."""

from __future__ import annotations

from typing import Final

from data.text import Text

NO_TARGET: Final = Text(
    en="The table has no column “{name}”; it has: {known}.", hi="टेबल में “{name}” नाम का कॉलम नहीं है; ये हैं: {known}।"
)
NO_FEATURES: Final = Text(
    en="No column is left to tell the target by; include at least one.",
    hi="टारगेट बताने के लिए कोई कॉलम नहीं बचा; कम से कम एक शामिल करें।",
)
NOT_OF_KIND: Final = Text(
    en="The column “{name}” cannot be of that kind; choose another.", hi="“{name}” कॉलम इस तरह का नहीं हो सकता; दूसरा चुनें।"
)
CONSTANT_TARGET: Final = Text(
    en="“{name}” has the same value in every row, so there is nothing to learn; choose another target.",
    hi="“{name}” का मान हर पंक्ति में एक ही है, इसलिए सीखने को कुछ नहीं; दूसरा टारगेट चुनें।",
)
TEXT_TARGET: Final = Text(
    en="“{name}” holds too many different texts to be a target; choose another column.",
    hi="“{name}” में इतने अलग टेक्स्ट हैं कि वह टारगेट नहीं हो सकता; दूसरा कॉलम चुनें।",
)
TOO_MANY_CLASSES: Final = Text(
    en="“{name}” has {n} classes; at most {most} can be told apart here. Choose another target.",
    hi="“{name}” में {n} क्लास हैं; यहाँ ज़्यादा से ज़्यादा {most} चलती हैं। दूसरा टारगेट चुनें।",
)
RARE_CLASS: Final = Text(
    en="The class “{level}” has {n} rows; at least {least} are needed. Leave its rows out or add some.",
    hi="“{level}” क्लास की {n} पंक्तियाँ हैं; कम से कम {least} चाहिए। उन्हें हटाएँ या और जोड़ें।",
)
CLASS_LEFT_OUT: Final = Text(
    en="None of the {n} rows to learn from is of the class “{level}”; learn from more rows.",
    hi="सीखने की {n} पंक्तियों में “{level}” क्लास की एक भी नहीं है; ज़्यादा पंक्तियों से सीखें।",
)
NO_ROW: Final = Text(
    en="The table has no row with a target in line {line}; its lines go from 2 to {n}.",
    hi="टेबल की लाइन {line} में टारगेट वाली कोई पंक्ति नहीं है; लाइनें 2 से {n} तक हैं।",
)
NO_CLASS: Final = Text(
    en="There is no class “{name}”; there are: {known}.", hi="“{name}” नाम की कोई क्लास नहीं है; ये हैं: {known}।"
)
NOT_A_VALUE: Final = Text(en="“{value}” is no value of “{name}”.", hi="“{value}” “{name}” का मान नहीं है।")
OTHER_WIDTH: Final = Text(
    en="The model wants {wanted} columns without telling their names, and the table has {n} besides the target.",
    hi="मॉडल को {wanted} कॉलम चाहिए और वह नाम नहीं बताता; टेबल में टारगेट के अलावा {n} हैं।",
)
MISSING_COLUMNS: Final = Text(
    en="The model wants columns the table does not have: {missing}. It has: {known}.",
    hi="मॉडल को ये कॉलम चाहिए जो टेबल में नहीं हैं: {missing}। टेबल में हैं: {known}।",
)
OTHER_CLASSES: Final = Text(
    en="The model knows the classes {theirs}, and the target has {ours}; choose the target the model was made for.",
    hi="मॉडल की क्लास {theirs} हैं, और टारगेट में {ours}; वही टारगेट चुनें जिसके लिए मॉडल बना है।",
)
OTHER_ANSWER: Final = Text(
    en="The model gives {n} numbers a row; {wanted} classes need {wanted} chances.",
    hi="मॉडल हर पंक्ति पर {n} संख्याएँ देता है; {wanted} क्लास के लिए {wanted} संभावनाएँ चाहिए।",
)
NO_CHANCES: Final = Text(
    en="The model tells classes and no chances of them (predict_proba); there is nothing to explain by degrees.",
    hi="मॉडल सिर्फ़ क्लास बताता है, संभावना नहीं (predict_proba); थोड़े-थोड़े असर समझाने को कुछ नहीं है।",
)
NO_NUMBERS: Final = Text(
    en="The model wants numbers without names, and these columns hold words: {columns}. Save it with the names of its columns.",
    hi="मॉडल को बिना नाम की संख्याएँ चाहिए, और इन कॉलमों में शब्द हैं: {columns}। मॉडल को कॉलमों के नामों के साथ सेव करें।",
)
