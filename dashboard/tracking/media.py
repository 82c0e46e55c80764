"""Sounds and clouds of points as files: WAV of 16 bits by the standard library, PLY as text, arrays in half precision."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FULL_SCALE = 32767
_HALF_LARGEST = float(np.finfo(np.float16).max)


def wav_bytes(samples: npt.NDArray[Any], rate_hz: int) -> bytes:
    """One channel, [samples] in [-1, 1]; what is beyond is cut off, what is no number is silent."""
    levels = np.round(np.clip(np.nan_to_num(samples, posinf=1, neginf=-1), -1, 1) * FULL_SCALE).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate_hz)
        written.writeframes(levels.tobytes())
    return file.getvalue()


def ply_bytes(points: npt.NDArray[Any]) -> bytes:
    """A cloud [points, 3] in the Polygon File Format, as text."""
    head = (
        f"ply\nformat ascii 1.0\nelement vertex {len(points)}\n"
        "property float x\nproperty float y\nproperty float z\nend_header\n"
    )
    return (head + "".join(f"{x:.6g} {y:.6g} {z:.6g}\n" for x, y, z in points.tolist())).encode("ascii")


def scene_bytes(points: npt.NDArray[Any]) -> bytes:
    """Clouds [stages, clouds, points, 3] as a compressed file; what is no finite number stands far away."""
    half = np.clip(np.nan_to_num(points, nan=_HALF_LARGEST), -_HALF_LARGEST, _HALF_LARGEST).astype(np.float16)
    file = io.BytesIO()
    np.savez_compressed(file, points=half)
    return file.getvalue()


def read_scene(path: Path) -> npt.NDArray[np.float32]:
    """What `scene_bytes` wrote."""
    with np.load(path) as arrays:
        points: npt.NDArray[np.float32] = arrays["points"].astype(np.float32)
    return points
