"""Models people bring: scikit-learn through skops and ONNX are explained like one's own; whatever could run code is refused in words."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import joblib
import numpy as np
import onnx
import pandas as pd
import psutil
import pytest
import skops.io
import torch
from onnx import TensorProto, helper
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from dashboard.explain.table import counterfactual, exact_shapley, kernel_shap
from dashboard.explain.table.subject import subject_from
from dashboard.tables.fitting import MODELS, Fitted, fit
from dashboard.tables.recipe import Recipe
from dashboard.tables.rivals import rival
from data import model_files, tables
from data.example_tables import content_of
from data.model_files import ModelFile, read_model
from data.text import Problem
from tests.explain.tables import last
from tests.hostile.test_uploads import _assert_plain


class _Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("RAN",))


@lru_cache(maxsize=1)
def _credit() -> tuple[pd.DataFrame, pd.Series]:
    frame = pd.read_csv(io.BytesIO(content_of("credit_german")))
    return frame.drop(columns="credit"), frame["credit"]


@lru_cache(maxsize=1)
def _pipeline() -> bytes:
    x, y = _credit()
    columns = ["checking account", "duration in months", "amount in DM", "age"]
    words = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), columns[:1]), remainder=StandardScaler())
    return bytes(skops.io.dumps(make_pipeline(words, LogisticRegression()).fit(x[columns], y)))


@lru_cache(maxsize=1)
def _onnx_classifier() -> bytes:
    from skl2onnx import to_onnx

    x, y = _numbers()
    model = GradientBoostingClassifier(n_estimators=20, random_state=0).fit(x.astype(np.float32), y)
    return bytes(to_onnx(model, x[:1].astype(np.float32)).SerializeToString())


def _numbers() -> tuple[np.ndarray, np.ndarray]:
    frame = pd.read_csv(io.BytesIO(content_of("breast_cancer")))
    return frame.drop(columns="diagnosis").to_numpy(), frame["diagnosis"].to_numpy()


def _dumped(write: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _graph(domain: str = "", external: bool = False) -> bytes:
    weight = helper.make_tensor("w", TensorProto.FLOAT, [2, 1], [1.0, 2.0])
    if external:
        weight.ClearField("float_data")
        weight.data_location = TensorProto.EXTERNAL
        entry = weight.external_data.add()
        entry.key, entry.value = "location", "../../../etc/passwd"
    node = helper.make_node("MatMul" if not domain else "Evil", ["x", "w"], ["y"], domain=domain)
    matrix = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [None, k]) for n, k in (("x", 2), ("y", 1))]
    graph = helper.make_graph([node], "g", matrix[:1], matrix[1:], [weight])
    imports = [helper.make_opsetid("", 17), *([helper.make_opsetid(domain, 1)] if domain else [])]
    return bytes(helper.make_model(graph, opset_imports=imports, ir_version=9).SerializeToString())


def _skops_with(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"schema.json": b"{}", **members}.items():
            archive.writestr(name, content)
    return file.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "empty_file"),
    "a pickle that runs something": (lambda: pickle.dumps(_Evil()), "runs_code"),
    "a pickle of a model": (lambda: _dumped(lambda file: joblib.dump(LogisticRegression(), file)), "runs_code"),
    "a compressed pickle": (lambda: _dumped(lambda file: joblib.dump(LogisticRegression(), file, compress=("zlib", 3))), "runs_code"),
    "a PyTorch file": (lambda: _dumped(lambda file: torch.save({"w": torch.zeros(2)}, file)), "runs_code"),
    "a Keras file": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(100), "runs_code"),
    "words": (lambda: b"hello, I am a model", "no_model"),
    "an archive": (lambda: _skops_with()[:-30], "not_a_zip"),
    "a skops file without a model": (_skops_with, "damaged_model"),
    "a skops file of deep nesting": (lambda: _skops_with(**{"schema.json": b"[" * 60_000}), "damaged_model"),
    "a skops file that swells": (lambda: _skops_with(x=b"0" * 50_000_000), "zip_bomb"),
    "a skops file that leads elsewhere": (lambda: _skops_with(**{"../../evil": b"x"}), "hostile_member"),
    "a skops file that calls a program": (lambda: bytes(skops.io.dumps(make_pipeline(FunctionTransformer(__import__("os").system), LogisticRegression()))), "untrusted_types"),
    "a skops file of trees": (lambda: bytes(skops.io.dumps(RandomForestRegressor(2).fit(np.eye(9), np.arange(9)))), "untrusted_types"),
    "a skops file of no model": (lambda: bytes(skops.io.dumps([1, 2])), "no_model"),
    "an ONNX file with data elsewhere": (lambda: _graph(external=True), "external_data"),
    "an ONNX file with an operator of its own": (lambda: _graph("evil.domain"), "unknown_operator"),
    "an ONNX file cut short": (lambda: _onnx_classifier()[:200], "no_model"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_model_is_refused_in_words(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    make, code = REFUSED[kind]
    with pytest.raises(Problem) as caught:
        read_model(make(), "model.skops")
    _assert_plain(caught.value, code)
    assert "RAN" not in capfd.readouterr().out


def test_a_refused_model_leaves_nothing_and_the_server_does_not_grow(tmp_path: Path) -> None:
    before = psutil.Process().memory_info().rss
    for kind in (
        "a skops file that calls a program",
        "an ONNX file with data elsewhere",
        "a skops file of deep nesting",
    ):
        make, code = REFUSED[kind]
        with pytest.raises(Problem) as caught:
            model_files.accept(make(), "../../m.onnx", tmp_path)
        assert caught.value.code == code
    assert list(tmp_path.iterdir()) == [] and psutil.Process().memory_info().rss - before < 100 * 2**20


def _placed(content: bytes, name: str, models: Path) -> ModelFile:
    """As `accept` keeps it, without the seconds its child takes to start."""
    identity = hashlib.sha256(content).hexdigest()[:16]
    work = models / identity
    if not work.is_dir():
        work.mkdir(parents=True)
        (work / "sent").write_bytes(content)
        model_files.check(work, identity, name)
        (work / "sent").rename(work / model_files.FILE)
    return model_files.find(identity, models)


def _kept(content: bytes, name: str, table: str, target: str, home: Path, **kinds: str) -> Fitted:
    file = _placed(content, name, home / MODELS)
    recipe = Recipe.model_validate(
        {"table": table, "target": target, "learner": "foreign", "file": file.id, "kinds": kinds}
    )
    return fit(recipe, home / "tables")


def test_a_pipeline_of_scikit_learn_is_explained_like_one_s_own(tmp_path: Path) -> None:
    """It looks at four columns by name, one of them words; its answers here are its answers there."""
    fitted = _kept(_pipeline(), "credit.skops", "credit_german", "credit", tmp_path)
    assert {one.name for one in fitted.features} == {"checking account", "duration in months", "amount in DM", "age"}
    assert fitted.figures["auc"].low > 0.6 and fitted.targets == ("good", "bad")
    x, _ = _credit()
    model = skops.io.loads(_pipeline())
    lines = fitted.data.lines[fitted.held_out]
    theirs = model.predict_proba(x.iloc[lines][list(model.feature_names_in_)])
    ours = fitted.scores(fitted.data.x[fitted.held_out])
    np.testing.assert_allclose(
        ours[:, fitted.targets.index("bad")], theirs[:, list(model.classes_).index("bad")], atol=1e-12
    )
    beside = rival(fitted, "tree", tmp_path / "tables", 1)  # trained here on all columns, judged on the same rows
    assert beside.behind[0] == pytest.approx(fitted.figures["accuracy"].value - beside.figures["accuracy"].value)
    row = int(ours[:, 1].argmax())
    subject = subject_from(fitted, fitted.data.x[fitted.held_out[row]], 1)
    one, truth = last(kernel_shap.EXPLAINER, subject), last(exact_shapley.EXPLAINER, subject)
    assert one.additivity_error is not None and one.additivity_error < 1e-9
    np.testing.assert_allclose(one.attributions, truth.attributions, atol=1e-9)
    changed = last(counterfactual.EXPLAINER, subject).arrays["rows"][0]
    assert fitted.class_of(changed) == "good"


def test_an_onnx_model_of_numbers_tells_what_its_maker_s_does(tmp_path: Path) -> None:
    fitted = _kept(_onnx_classifier(), "cancer.onnx", "breast_cancer", "diagnosis", tmp_path)
    x, y = _numbers()
    model = GradientBoostingClassifier(n_estimators=20, random_state=0).fit(x.astype(np.float32), y)
    lines = fitted.data.lines[fitted.held_out]
    order = [list(model.classes_).index(one) for one in fitted.targets]
    np.testing.assert_allclose(
        fitted.scores(fitted.data.x[fitted.held_out]), model.predict_proba(x[lines])[:, order], atol=1e-5
    )
    one = last(kernel_shap.EXPLAINER, subject_from(fitted, fitted.data.x[fitted.held_out[0]], 0))
    assert one.additivity_error is not None and one.additivity_error < 1e-9


def test_an_onnx_model_may_have_an_input_for_each_column(tmp_path: Path) -> None:
    from skl2onnx import to_onnx

    x, y = _credit()
    some = x[["checking account", "amount in DM"]].astype({"amount in DM": np.float32})
    words = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["checking account"]), remainder="passthrough"
    )
    model = make_pipeline(words, LogisticRegression()).fit(some, y)
    fitted = _kept(to_onnx(model, some[:1]).SerializeToString(), "c.onnx", "credit_german", "credit", tmp_path)
    assert [one.name for one in fitted.features] == ["checking account", "amount in DM"]
    lines = fitted.data.lines[fitted.held_out]
    bad = list(model.classes_).index("bad")
    np.testing.assert_allclose(
        fitted.scores(fitted.data.x[fitted.held_out])[:, 1], model.predict_proba(some.iloc[lines])[:, bad], atol=1e-4
    )


def test_a_regressor_is_taken_too(tmp_path: Path) -> None:
    frame = pd.read_csv(io.BytesIO(content_of("diabetes")))
    x, y = frame[["body mass index", "age"]], frame["progression"]
    model = Ridge().fit(x, y)
    fitted = _kept(bytes(skops.io.dumps(model)), "d.skops", "diabetes", "progression", tmp_path)
    lines = fitted.data.lines[fitted.held_out]
    np.testing.assert_allclose(fitted.scores(fitted.data.x[fitted.held_out])[:, 0], model.predict(x.iloc[lines]))


@pytest.mark.parametrize(
    ("table", "target", "code"),
    [("diabetes", "progression", "other_columns"), ("credit_german", "housing", "other_classes")],
)
def test_a_model_of_another_table_is_told_apart(table: str, target: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        _kept(_pipeline(), "credit.skops", table, target, tmp_path)
    assert raised.value.code == code and raised.value.text.hi.endswith("।")


def test_columns_in_another_order_are_found_by_name_and_unnamed_ones_are_counted(tmp_path: Path) -> None:
    frame = _credit()[0].assign(credit=_credit()[1])
    turned = frame[frame.columns[::-1]]
    kept = tables.accept(turned.to_csv(index=False).encode(), "t.csv", tmp_path / "tables")
    one = _kept(_pipeline(), "credit.skops", kept.id, "credit", tmp_path)
    two = _kept(_pipeline(), "credit.skops", "credit_german", "credit", tmp_path)
    np.testing.assert_array_equal(
        one.scores(one.data.x)[:, one.targets.index("bad")][:50],
        two.scores(two.data.x)[:, two.targets.index("bad")][:50],
    )
    with pytest.raises(Problem, match="wants 30 columns"):
        _kept(_onnx_classifier(), "cancer.onnx", "credit_german", "credit", tmp_path)


def test_kept_models_are_listed_and_deleted(tmp_path: Path) -> None:
    one = model_files.accept(_pipeline(), "a.skops", tmp_path)
    assert one.classes == ("bad", "good") and one.kind == "skops" and one.about == "Pipeline"
    assert [kept.id for kept in model_files.listed(tmp_path)] == [one.id]
    model_files.delete(one.id, tmp_path)
    assert model_files.listed(tmp_path) == [] and not list(tmp_path.iterdir())
    for gone in (one.id, "../../etc", "x"):
        with pytest.raises(Problem) as raised:
            model_files.find(gone, tmp_path)
        assert raised.value.code == "unknown_model"


def test_the_standard_s_own_file_is_what_onnx_says() -> None:
    about = read_model(_onnx_classifier(), "m.onnx")
    model = onnx.load_model_from_string(_onnx_classifier())
    assert about.width == 30 and set(about.classes) == {"benign", "malignant"} and about.about == model.producer_name
    assert json.loads(about.model_dump_json())["kind"] == "onnx"
