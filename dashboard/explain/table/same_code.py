"""The few lines of plain scikit-learn, shap, lime and Captum that reproduce an explanation of a row, to be copied and run elsewhere.

The split, the columns and the settings are written out, so that the same model comes out of it. shap and lime draw by themselves: their
numbers agree within the intervals that stand beside ours. A test runs every one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from dashboard.tables.recipe import Recipe, Task
from data.example_tables import EXAMPLES
from data.table import Column

_SHARES = ("kernel_shap", "exact_shapley", "tree_shap")
_GRADIENTS = ("gradient_shap", "path_gradients")

_MODELS = {
    ("linear", "classification"): ("sklearn.linear_model", "LogisticRegression(max_iter=2000)"),
    ("linear", "regression"): ("sklearn.linear_model", "LinearRegression()"),
    ("forest", "classification"): ("sklearn.ensemble", "RandomForestClassifier(100, min_samples_leaf=3, random_state={seed})"),
    ("forest", "regression"): ("sklearn.ensemble", "RandomForestRegressor(100, min_samples_leaf=3, max_features=1 / 3, random_state={seed})"),
    ("boosting", "classification"): (
        "sklearn.ensemble", "HistGradientBoostingClassifier(early_stopping=False, max_leaf_nodes=15, random_state={seed})",
    ),
    ("boosting", "regression"): (
        "sklearn.ensemble", "HistGradientBoostingRegressor(early_stopping=False, max_leaf_nodes=15, random_state={seed})",
    ),
    ("tree", "classification"): ("sklearn.tree", "DecisionTreeClassifier(max_depth=3, min_samples_leaf=10, random_state={seed})"),
    ("tree", "regression"): ("sklearn.tree", "DecisionTreeRegressor(max_depth=3, min_samples_leaf=10, random_state={seed})"),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What the lines need to know: the model, its columns and targets, and the row."""

    recipe: Recipe
    file: str
    task: Task
    features: Sequence[Column]
    targets: Sequence[str]
    line: int
    target: int


def same_code(method: str, told: Told) -> str | None:
    """The lines, or None where no library gives that number: LIME of categories, networks and dates by plain scikit-learn."""
    if method in _GRADIENTS and told.recipe.learner == "network":
        return _gradients(method, told)
    key = (told.recipe.learner, told.task)
    if key not in _MODELS or any(one.kind == "date" for one in told.features):
        return None
    if method in _SHARES:
        return _model(told) + _shap(told, log_odds=method == "tree_shap" and key == ("boosting", "classification"))
    if method == "lime" and not any(one.kind == "category" for one in told.features):
        return _model(told) + _lime(told)
    return None


def _read(told: Told) -> str:
    name = PurePath(told.file).name
    if told.recipe.table in EXAMPLES:
        return f"import io\nfrom data.example_tables import content_of  # the table that ships with Samajh\n\nframe = pd.read_csv(io.BytesIO(content_of({told.recipe.table!r})))"
    kind = {".xlsx": "excel", ".parquet": "parquet"}.get(PurePath(name.split(" · ")[0]).suffix.lower(), "csv")
    sheet = f", sheet_name={name.split(' · ')[1]!r}" if kind == "excel" and " · " in name else ""
    return f"frame = pd.read_{kind}({name.split(' · ')[0]!r}{sheet})"


def _model(told: Told) -> str:
    module, maker = _MODELS[(told.recipe.learner, told.task)]
    words = [one.name for one in told.features if one.kind == "category"]
    numbers = [one.name for one in told.features if one.kind != "category"]
    levels = {one.name: [*one.levels, ""] for one in told.features if one.kind == "category"}
    target, seed, classed = told.recipe.target, told.recipe.seed, told.task == "classification"
    y = (
        f"classes = {list(told.targets)!r}\ny = frame[{target!r}].astype(str).map(classes.index).to_numpy()\n"
        "groups = [np.flatnonzero(y == k) for k in range(len(classes))]"
        if classed
        else f"y = frame[{target!r}].to_numpy(dtype=float)\ngroups = [np.arange(len(y))]"
    )
    return f"""import numpy as np
import pandas as pd
from {module} import {maker.partition("(")[0]}
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
{_read(told)}
row = frame.index[{told.line}]
frame = frame[frame[{target!r}].notna()]
numbers = {numbers!r}
levels = {levels!r}
x = frame[{[one.name for one in told.features]!r}].copy()
x[list(levels)] = x[list(levels)].astype(object).fillna("").astype(str)

# a quarter of each class is held out
{y}
rng, train, held_out = np.random.default_rng({seed}), [], []
for group in groups:
    mixed = rng.permutation(group)
    count = max(1, round(0.25 * len(mixed)))
    held_out.append(mixed[:count])
    train.append(mixed[count:])
train = np.sort(rng.permutation(np.concatenate(train))[:50_000])
held_out = np.sort(rng.permutation(np.concatenate(held_out))[:5_000])

columns = make_column_transformer(
    (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
    (OneHotEncoder(categories=list(levels.values()), sparse_output=False), {words!r}),
)
model = make_pipeline(columns, {maker.format(seed=seed)}).fit(x.iloc[train], y[train])
background = x.iloc[train].iloc[rng.permutation(len(train))[:64]]
"""


def _score(told: Told, *, log_odds: bool) -> str:
    if told.task == "regression":
        return "model.predict(table)"
    if log_odds:
        two = len(told.targets) == 2
        sign = "-" if two and told.target == 0 else ""
        return f"{sign}model.decision_function(table){'' if two else f'[:, {told.target}]'}"
    return f"model.predict_proba(table)[:, {told.target}]"


def _shap(told: Told, *, log_odds: bool) -> str:
    return f"""
import shap


def score(rows):
    table = pd.DataFrame(rows, columns=x.columns).astype(x.dtypes)
    return {_score(told, log_odds=log_odds)}


np.random.seed({told.recipe.seed})  # shap draws from the global generator
explainer = shap.KernelExplainer(score, background)
values = explainer.shap_values(x.loc[row], nsamples=4096, l1_reg=False, silent=True)
explanation = shap.Explanation(values, explainer.expected_value, x.loc[row].to_numpy(), feature_names=list(x.columns))
shap.plots.waterfall(explanation, show=False)
print(dict(zip(x.columns, values)))
"""


def _lime(told: Told) -> str:
    mode = "classification" if told.task == "classification" else "regression"
    label = told.target if told.task == "classification" else 1
    ask = "model.predict_proba" if told.task == "classification" else "model.predict"
    return f"""
from lime.lime_tabular import LimeTabularExplainer
from sklearn.linear_model import LinearRegression

explainer = LimeTabularExplainer(
    background.to_numpy(), mode={mode!r}, feature_names=list(x.columns), discretize_continuous=False,
    sample_around_instance=True, feature_selection="none", random_state={told.recipe.seed},
    kernel_width=0.75 * {len(told.features)} ** 0.5 / 2**0.5,  # lime takes the root of its kernel, Samajh does not
)
found = explainer.explain_instance(
    x.loc[row].to_numpy(), lambda rows: {ask}(pd.DataFrame(rows, columns=x.columns)),
    labels=({label},), num_features={len(told.features)}, num_samples=20_000,
    model_regressor=LinearRegression(),  # lime pulls the weights to 0 with a ridge of 1, more the fewer neighbours are near
)
values = np.zeros({len(told.features)})
for column, weight in found.local_exp[{label}]:
    values[column] = weight
print(dict(zip(x.columns, values)))
"""


def _gradients(method: str, told: Told) -> str:
    captum = {
        "path_gradients": ("IntegratedGradients", 'start.mean(dim=0, keepdim=True), n_steps=64, method="gausslegendre"'),
        "gradient_shap": ("GradientShap", "start, n_samples=5_000"),
    }  # fmt: skip
    name, arguments = captum[method]
    return f"""import numpy as np
import torch
from captum.attr import {name}
from dashboard.settings import settings
from dashboard.tables.fitting import fit, row_of  # the network is trained by Samajh
from dashboard.tables.recipe import Recipe

recipe = Recipe.model_validate({told.recipe.model_dump(mode="json")!r})
fitted = fit(recipe, settings().tables)
x = torch.from_numpy(fitted.design(row_of(fitted, {told.line})[None]))
start = torch.from_numpy(fitted.design(fitted.background))
torch.manual_seed({told.recipe.seed})
np.random.seed({told.recipe.seed})
columns = {name}(lambda z: fitted.model.answer(z)[:, {told.target}]).attribute(x, {arguments})[0]
values = np.bincount(fitted.design.group, weights=columns.detach().numpy())  # a category is one column again
print(dict(zip([one.name for one in fitted.features], values)))
"""
