"""Models of tables that people bring: scikit-learn as .skops, anything as .onnx. Checked in a process of its own, kept by the hash of their content.

Never a pickle: what could run code as it is loaded is refused by its content, whatever it is called. A .skops file is a zip whose types must
all be on skops's own list of trusted ones; an .onnx file may name no data outside itself and no operators but the standard's own. A kept model
is a folder `models/<id>` with `about.json` and the file.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from data.archives import checked_members, opened_zip
from data.child import ABOUT, check_in_child, limit_memory, tell
from data.durable import write_durably
from data.images import refused, shown_name
from data.text import Problem, Text
from data.whole_folders import all_in, appearing, identity_of, one_in, remove

LARGEST_FILE = 100 * 2**20
TIME_LIMIT_S = 60.0
FILE = "model"
_STANDARD = ("", "ai.onnx", "ai.onnx.ml")
_RUNS_CODE = (
    (b"\x80", "a pickle (.pkl, .joblib)", "पिकल (.pkl, .joblib)"),
    (b"\x89HDF", "a Keras HDF5 file", "Keras HDF5 फ़ाइल"),
    (b"\x1f\x8b", "a compressed pickle", "कंप्रेस किया हुआ पिकल"),
    *(
        (b"x" + bytes([level]), "a compressed pickle", "कंप्रेस किया हुआ पिकल") for level in (0x01, 0x5E, 0x9C, 0xDA)
    ),  # zlib
)
_SKOPS = "schema.json"


class ModelFile(BaseModel):
    """What is known of a kept model: its kind, the columns it wants by name (none told: as many as `width`), its classes."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    kind: Literal["skops", "onnx"]
    about: str
    columns: tuple[str, ...] = ()
    width: int = 0
    classes: tuple[str, ...] = ()
    kept_at: float = 0.0
    folder: Path = Path()


def accept(content: bytes, name: str, models: Path, *, time_limit_s: float = TIME_LIMIT_S) -> ModelFile:
    """Check an uploaded model and keep it; the same content twice is one model.

    Raises:
        Problem: The file is refused, or cannot be kept.
    """
    if len(content) > LARGEST_FILE:
        limit = LARGEST_FILE // 2**20
        raise refused("file_too_large", name, f"is larger than {limit} MB", f"{limit} MB से बड़ी है")
    identity = identity_of(content)
    final = models / identity
    if not final.is_dir():
        with appearing(final, name) as work:
            (work / "sent").write_bytes(content)
            check_in_child("data.model_files", work, name, identity, time_limit_s)
            (work / "sent").rename(work / FILE)
    return _read(final)


def read_model(content: bytes, name: str, identity: str = "") -> ModelFile:
    """What a file is.

    Raises:
        Problem: It is no model that is taken, or hostile.
    """
    if not content.strip():
        raise refused("empty_file", name, "is empty", "खाली है")
    for magic, en, hi in _RUNS_CODE:
        if content.startswith(magic):
            raise _runs_code(name, en, hi)
    told = _skops(content, name) if content.startswith(b"PK") else _onnx(content, name)
    return ModelFile(id=identity, name=shown_name(name), kept_at=time.time(), **told)


def _runs_code(name: str, en: str, hi: str) -> Problem:
    return refused(
        "runs_code", name, f"is {en}, which could run any program when it is opened; save the model with skops, or as ONNX",
        f"{hi} है, जो खुलते ही कोई भी प्रोग्राम चला सकती है; मॉडल को skops से या ONNX में सेव करें",
    )  # fmt: skip


def _skops(content: bytes, name: str) -> dict[str, Any]:
    with opened_zip(content, name) as archive:
        names = {member.filename for member in checked_members(archive, name, largest=LARGEST_FILE)}
    if _SKOPS not in names:
        if any(one.endswith((".pkl", "/version", "/data.pkl")) for one in names):
            raise _runs_code(name, "a PyTorch file with a pickle in it", "PyTorch फ़ाइल है, जिसमें पिकल है; वह")
        raise _no_model(name)
    import skops.io

    try:
        untrusted = skops.io.get_untrusted_types(data=content)
    except Exception as error:  # a damaged schema fails in many ways, all of them mean the same
        raise refused(
            "damaged_model", name, "is damaged or no model of scikit-learn", "ख़राब है या scikit-learn का मॉडल नहीं"
        ) from error
    if untrusted:
        shown = ", ".join(shown_name(one) for one in untrusted[:3])
        raise refused("untrusted_types", name, f"holds what is not on skops's list of trusted types ({shown}); leave it out, or save the model as ONNX",
                      f"में ऐसी चीज़ें हैं जो skops की भरोसेमंद सूची में नहीं ({shown}); उन्हें हटाएँ, या मॉडल को ONNX में सेव करें")  # fmt: skip
    try:
        model = skops.io.loads(content)
    except Exception as error:
        raise refused(
            "damaged_model", name, "is damaged or no model of scikit-learn", "ख़राब है या scikit-learn का मॉडल नहीं"
        ) from error
    if not hasattr(model, "predict"):
        raise _no_model(name)
    return {
        "kind": "skops", "about": type(model).__name__, "columns": tuple(str(one) for one in getattr(model, "feature_names_in_", ())),
        "width": int(getattr(model, "n_features_in_", 0)), "classes": tuple(label(one) for one in getattr(model, "classes_", ())),
    }  # fmt: skip


def label(value: object) -> str:
    """A class as a table writes it: 1 and 1.0 are "1"."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _onnx(content: bytes, name: str) -> dict[str, Any]:
    import onnx

    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf, checker and shape errors have no common parent
        raise _no_model(name) from error
    for graph in _graphs(model):
        for tensor in _tensors(graph):
            if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
                raise refused("external_data", name, "wants data from another file, which is never opened; save it in one piece",
                              "किसी और फ़ाइल से डेटा माँगती है, जो कभी नहीं खोली जाती; मॉडल को एक ही फ़ाइल में सेव करें")  # fmt: skip
        for node in graph.node:
            if node.domain not in _STANDARD:
                shown = shown_name(f"{node.domain}.{node.op_type}")
                raise refused("unknown_operator", name, f"uses an operator that is not of the standard ({shown})", f"में ऐसा ऑपरेटर है जो मानक में नहीं ({shown})")  # fmt: skip
    try:
        onnx.checker.check_model(model)  # after the above: it may look for what a model names
    except Exception as error:
        raise _no_model(name) from error
    known = {one.name for one in model.graph.initializer}
    inputs = [one for one in model.graph.input if one.name not in known]
    return {"kind": "onnx", "about": model.producer_name or "ONNX", **_inputs(inputs), "classes": _classes(model)}


def _inputs(inputs: list[Any]) -> dict[str, Any]:
    """One matrix of so many columns, or an input for each column."""
    shapes = [[d.dim_value for d in one.type.tensor_type.shape.dim] for one in inputs]
    if len(inputs) == 1 and (len(shapes[0]) < 2 or shapes[0][-1] != 1):
        return {"width": shapes[0][-1] if len(shapes[0]) > 1 else 0}
    return {"columns": tuple(one.name for one in inputs), "width": len(inputs)}


def _classes(model: Any) -> tuple[str, ...]:
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "classlabels_strings" and attribute.strings:
                return tuple(one.decode("utf-8", "replace") for one in attribute.strings)
            if attribute.name in ("classlabels_int64s", "classlabels_ints") and attribute.ints:
                return tuple(str(one) for one in attribute.ints)
    return ()


def _graphs(model: Any) -> Iterator[Any]:
    """The graph, the graphs in its nodes, and its functions."""
    waiting = [model.graph, *model.functions]
    while waiting:
        graph = waiting.pop()
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                waiting += [attribute.g] if attribute.HasField("g") else []
                waiting += attribute.graphs


def _tensors(graph: Any) -> Iterator[Any]:
    yield from getattr(graph, "initializer", ())
    for sparse in getattr(graph, "sparse_initializer", ()):
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from ([attribute.t] if attribute.HasField("t") else [])
            yield from attribute.tensors


def _no_model(name: str) -> Problem:
    return refused("no_model", name, "is no model that is taken here; send scikit-learn's as .skops, others as .onnx",
                   "ऐसा मॉडल नहीं जो यहाँ लिया जाता है; scikit-learn का .skops में भेजें, बाकी .onnx में")  # fmt: skip


def check(work: Path, identity: str, name: str) -> None:
    """The child's part: `work/sent` -> `work/about.json`, or `work/problem.json`."""
    try:
        about = read_model((work / "sent").read_bytes(), name, identity)
    except Problem as problem:
        tell(work, problem)
        return
    write_durably(work / ABOUT, about.model_dump_json(exclude={"folder"}).encode())


def listed(models: Path) -> list[ModelFile]:
    """Kept models, newest first."""
    return sorted(all_in(models, _read), key=lambda one: one.kept_at, reverse=True)


def find(identity: str, models: Path) -> ModelFile:
    """The kept model with this id.

    Raises:
        Problem: There is none.
    """
    found = one_in(models, identity, _read)
    if found is not None:
        return found
    shown = shown_name(identity)
    text = Text(
        en=f"There is no model “{shown}”; upload it again.", hi=f"“{shown}” नाम का कोई मॉडल नहीं है; उसे फिर अपलोड करें।"
    )
    raise Problem(text, code="unknown_model", field="model")


def delete(identity: str, models: Path) -> None:
    """Remove a kept model.

    Raises:
        Problem: There is no such model.
    """
    remove(find(identity, models).folder)


def content_of(one: ModelFile) -> io.BytesIO:
    """The bytes of a kept model."""
    return io.BytesIO((one.folder / FILE).read_bytes())


def _read(folder: Path) -> ModelFile:
    about = ModelFile.model_validate_json((folder / ABOUT).read_text(encoding="utf-8"))
    return about.model_copy(update={"folder": folder})


if __name__ == "__main__":
    limit_memory()
    check(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
