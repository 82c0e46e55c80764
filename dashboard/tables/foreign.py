"""A model somebody brings, asked about rows of a table: columns found by their names, classes by theirs. Loaded in workers only.

The file was checked when it came (`data/model_files.py`) and is checked again by what opens it: skops with its own list of trusted types and
no others, onnxruntime on bytes that name nothing outside themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.tables import words
from dashboard.tables.encoding import Encoded
from dashboard.tables.recipe import Task
from data.model_files import ModelFile, content_of, label
from data.table import Column
from data.text import Problem

Array = npt.NDArray[np.float64]


class Foreign:
    """A kept model before a table's rows; answers like an estimator, of x [rows, features] itself.

    Raises:
        Problem: The table lacks a column the model wants, or its classes are others.
    """

    def __init__(self, file: ModelFile, data: Encoded) -> None:
        self._features, self._task = data.features, data.task
        self._say = _opened(file, data.features, data.task)
        self._order: list[int] | None = None
        if data.task == "classification":
            self._order = _order(file.classes or tuple(sorted(data.classes)), data.classes)

    def predict_proba(self, x: Array) -> Array:
        """Probabilities in the order of the table's classes [rows, classes]."""
        assert self._order is not None
        found = self._say(x)
        if found.shape[1] == 1:  # the chance of the second class alone
            found = np.concatenate([1 - found, found], axis=1)
        if found.shape[1] != len(self._order):
            raise Problem(
                words.OTHER_ANSWER.format(n=found.shape[1], wanted=len(self._order)), code="other_answer", field="model"
            )
        return found[:, self._order]

    def predict(self, x: Array) -> Array:
        """The number [rows]."""
        return self._say(x)[:, 0]


def wanted_columns(file: ModelFile, columns: Sequence[str], target: str) -> list[str]:
    """The columns of a table that the model looks at.

    Raises:
        Problem: One it wants is missing, or it tells no names and wants another number of columns than there are.
    """
    others = [one for one in columns if one != target]
    if not file.columns:
        if file.width and file.width != len(others):
            raise Problem(
                words.OTHER_WIDTH.format(wanted=file.width, n=len(others)), code="other_columns", field="model"
            )
        return others
    found = [_named(one, others) for one in file.columns]
    if missing := [one for one, name in zip(file.columns, found, strict=True) if name is None]:
        raise Problem(
            words.MISSING_COLUMNS.format(missing=", ".join(missing[:10]), known=", ".join(others[:20])),
            code="other_columns", field="model",
        )  # fmt: skip
    return [name for name in found if name is not None]


def _named(wanted: str, columns: Sequence[str]) -> str | None:
    """The column of this name; ONNX files often have underscores where a table has spaces."""
    if wanted in columns:
        return wanted
    return next((one for one in columns if re.sub(r"\W", "_", one) == wanted), None)


def _order(theirs: Sequence[str], ours: Sequence[str]) -> list[int]:
    if set(theirs) != set(ours):
        told = words.OTHER_CLASSES.format(theirs=", ".join(theirs[:10]), ours=", ".join(ours[:10]))
        raise Problem(told, code="other_classes", field="target")
    return [list(theirs).index(one) for one in ours]


def _opened(file: ModelFile, features: Sequence[Column], task: Task) -> Callable[[Array], Array]:
    if file.kind == "onnx":
        return _onnx(file, features)
    import pandas as pd
    import skops.io

    model: Any = skops.io.load(content_of(file))
    if task == "classification" and not hasattr(model, "predict_proba"):
        raise Problem(words.NO_CHANCES, code="no_chances", field="model")
    ask = model.predict_proba if task == "classification" else model.predict
    order = _positions(file, features)

    def say(x: Array) -> Array:
        if file.columns:
            given: Any = pd.DataFrame(
                {name: _cells(features[k], x[:, k]) for name, k in zip(file.columns, order, strict=True)}
            )
        else:
            given = _numbers(features, x)
        return _matrix(ask(given))

    return say


def _onnx(file: ModelFile, features: Sequence[Column]) -> Callable[[Array], Array]:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(content_of(file).getvalue(), options, providers=["CPUExecutionProvider"])
    inputs, outputs = session.get_inputs(), session.get_outputs()
    wanted = outputs[-1].name  # a classifier gives labels first, then chances
    order = _positions(file, features)

    def say(x: Array) -> Array:
        if file.columns:
            fed = {
                one.name: _typed(_cells(features[k], x[:, k]), one.type)[:, None]
                for one, k in zip(inputs, order, strict=True)
            }
        else:
            fed = {inputs[0].name: _typed(_numbers(features, x), inputs[0].type)}
        (found,) = session.run([wanted], fed)
        if isinstance(found, list):  # a map of chances by class for each row
            keys = {label(key): key for key in found[0]}
            found = np.array([[row[keys[name]] for name in file.classes or sorted(keys)] for row in found])
        return _matrix(found)

    return say


def _positions(file: ModelFile, features: Sequence[Column]) -> list[int]:
    names = [one.name for one in features]
    if not file.columns:
        return list(range(len(names)))
    return [names.index(_named(one, names) or one) for one in file.columns]


def _cells(feature: Column, values: Array) -> npt.NDArray[Any]:
    """A column as its model knows it: numbers, or the words of a category."""
    if feature.kind != "category":
        return values
    codes = np.nan_to_num(values, nan=len(feature.levels)).astype(int)
    found: npt.NDArray[Any] = np.array([*feature.levels, None], dtype=object)[codes]
    return found


def _numbers(features: Sequence[Column], x: Array) -> Array:
    worded = [one.name for one in features if one.kind == "category" and not one.numeric]
    if worded:
        raise Problem(words.NO_NUMBERS.format(columns=", ".join(worded[:10])), code="other_columns", field="model")
    return np.stack([_as_number(one, x[:, k]) for k, one in enumerate(features)], axis=1)


def _as_number(feature: Column, values: Array) -> Array:
    if feature.kind != "category":
        return values
    return np.array([float(one or "nan") for one in _cells(feature, values)])


def _typed(values: npt.NDArray[Any], kind: str) -> npt.NDArray[Any]:
    if kind == "tensor(string)":
        texts: npt.NDArray[Any] = np.array(["" if one is None else str(one) for one in values.ravel()], dtype=object)
        return texts.reshape(values.shape)
    numbers = values.astype(np.float64)
    if kind == "tensor(int64)":
        return np.nan_to_num(numbers).astype(np.int64)
    return numbers if "double" in kind else numbers.astype(np.float32)


def _matrix(found: Any) -> Array:
    array = np.asarray(found, dtype=np.float64)
    return array[:, None] if array.ndim == 1 else array.reshape(len(array), -1)
