"""Tables that ship, so that there is one to explain at once: German credit, breast cancer, diabetes."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data.text import Text

_BUNDLED = Path(__file__).parent / "bundled"
_CANCER_PARTS = ("mean", "error", "worst")
_CANCER = ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry",
           "fractal dimension")  # fmt: skip
_DIABETES = ("age", "sex", "body mass index", "blood pressure", "total cholesterol", "LDL", "HDL", "cholesterol / HDL",
             "log triglycerides", "blood sugar")  # fmt: skip


@dataclass(frozen=True)
class ExampleTable:
    """A table that ships: `content()` is its CSV; `kept_fixed` are columns that nobody can change about themselves;
    `reasons` are words for a letter to a customer, `barred` columns are not to be named there."""

    title: Text
    summary: Text
    licence: Text
    source: str
    target: str
    content: Callable[[], bytes]
    wanted: str = ""
    kept_fixed: tuple[str, ...] = ()
    reasons: Mapping[str, Text] = field(default_factory=dict)
    barred: tuple[str, ...] = ()


def content_of(name: str) -> bytes:
    """The CSV of a table that ships."""
    return EXAMPLES[name].content()


def _german() -> bytes:
    return gzip.decompress((_BUNDLED / "credit_german.csv.gz").read_bytes())


def _cancer() -> bytes:
    rows = list(csv.reader(io.StringIO((_scikit_learn() / "breast_cancer.csv").read_text("utf-8"))))
    names = [f"{part} {what}" for part in _CANCER_PARTS for what in _CANCER]
    classes = rows[0][2:]
    return _written([*names, "diagnosis"], [[*row[:-1], classes[int(row[-1])]] for row in rows[1:]])


def _diabetes() -> bytes:
    folder = _scikit_learn()
    rows = gzip.decompress((folder / "diabetes_data_raw.csv.gz").read_bytes()).decode().split("\n")
    targets = gzip.decompress((folder / "diabetes_target.csv.gz").read_bytes()).decode().split()
    cells = [row.split() for row in rows if row.strip()]
    sexes = {"1": "group 1", "2": "group 2"}  # the study does not say which is which
    table = [[*row[:1], sexes[row[1]], *row[2:], f"{float(y):.0f}"] for row, y in zip(cells, targets, strict=True)]
    return _written([*_DIABETES, "progression"], table)


def _written(names: list[str], rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue().encode()


def _scikit_learn() -> Path:
    """Where scikit-learn keeps its data; found without importing it."""
    found = importlib.util.find_spec("sklearn")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "datasets" / "data"


_CREDIT_REASONS = {
    "checking account": Text(en="State of your current account", hi="आपके चालू खाते की स्थिति"),
    "duration in months": Text(en="Months over which you want to pay back", hi="जितने महीनों में आप लौटाना चाहते हैं"),
    "credit history": Text(en="How earlier credits went", hi="पिछले लोन कैसे रहे"),
    "purpose": Text(en="What the credit is for", hi="लोन किस काम के लिए है"),
    "amount in DM": Text(en="Amount you asked for (DM)", hi="माँगी गई रकम (DM)"),
    "savings": Text(en="Your savings", hi="आपकी बचत"),
    "employed since": Text(en="How long you have worked in your job", hi="आप अपने काम में कब से हैं"),
    "instalment in % of income": Text(en="Instalment as a part of your income", hi="आपकी आय में किस्त का हिस्सा"),
    "other debtors": Text(en="Somebody who signs or guarantees with you", hi="आपके साथ कोई देनदार या गारंटर"),
    "years at residence": Text(en="Years at your address", hi="इस पते पर कितने साल"),
    "property": Text(en="What you own", hi="आपकी संपत्ति"),
    "other instalment plans": Text(en="Instalments you pay elsewhere", hi="दूसरी जगह की किस्तें"),
    "housing": Text(en="How you live", hi="आपका आवास"),
    "credits at this bank": Text(en="Credits you have with us", hi="हमारे यहाँ आपके लोन"),
    "job": Text(en="Your work", hi="आपका काम"),
    "dependants": Text(en="People who live on your income", hi="आपकी आय पर निर्भर लोग"),
    "telephone": Text(en="Your telephone", hi="आपका टेलीफ़ोन"),
}
EXAMPLES = {
    "credit_german": ExampleTable(
        title=Text(en="German credit", hi="जर्मन क्रेडिट"),
        summary=Text(
            en="1,000 people who asked a German bank for credit in 1973-75: was it a good risk or a bad one?",
            hi="1,000 लोग जिन्होंने 1973-75 में एक जर्मन बैंक से लोन माँगा: जोखिम अच्छा निकला या बुरा?",
        ),
        licence=Text(en="CC BY 4.0", hi="CC BY 4.0 लाइसेंस"),
        source="H. Hofmann: Statlog (German Credit Data), UCI Machine Learning Repository, 1994, doi:10.24432/C5NC77",
        target="credit",
        content=_german,
        wanted="good",
        kept_fixed=("age", "personal status", "foreign worker", "credit history"),
        reasons=_CREDIT_REASONS,
        barred=("age", "personal status", "foreign worker"),
    ),
    "breast_cancer": ExampleTable(
        title=Text(en="Breast cancer", hi="स्तन कैंसर"),
        summary=Text(
            en="569 tumours, 30 measures of their cell nuclei under the microscope: benign or malignant?",
            hi="569 ट्यूमर, माइक्रोस्कोप से ली गई कोशिका-नाभिक की 30 नाप: सौम्य या घातक?",
        ),
        licence=Text(en="CC BY 4.0", hi="CC BY 4.0 लाइसेंस"),
        source="W. Wolberg, O. Mangasarian, N. Street, W. Street: Breast Cancer Wisconsin (Diagnostic), UCI, 1995, doi:10.24432/C5DW2B",
        target="diagnosis",
        content=_cancer,
        wanted="benign",
    ),
    "diabetes": ExampleTable(
        title=Text(en="Diabetes", hi="डायबिटीज़"),
        summary=Text(
            en="442 patients, ten measures, and how far the disease had gone a year later (a number).",
            hi="442 मरीज़, दस नाप, और एक साल बाद बीमारी कितनी बढ़ी (एक संख्या)।",
        ),
        licence=Text(
            en="published study data, through scikit-learn (BSD-3); no licence of their own was found",
            hi="प्रकाशित अध्ययन का डेटा, scikit-learn (BSD-3) से; अपना कोई लाइसेंस नहीं मिला",
        ),
        source="B. Efron, T. Hastie, I. Johnstone, R. Tibshirani: Least Angle Regression, Annals of Statistics 32, 2004",
        target="progression",
        content=_diabetes,
        kept_fixed=("age", "sex"),
    ),
}
"""By id."""
