"""Trains every system once and puts its last pictures into the docs: `python -m tests.make_gallery HOME [name ...]`.

The runs stay in HOME, so a making that was interrupted goes on from there, and a picture can be chosen anew without
training again. Processor time is summed from the run's own system curve; wall time would tell of the machine's other work.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from dashboard.jobs.control import end_supervisor
from dashboard.settings import Settings
from dashboard.tracking import journal
from tests.cli.samajh import Samajh
from tests.import_graph import ROOT

PAGE = ROOT / "dashboard" / "docs" / "gallery.md"
PICTURES = ROOT / "dashboard" / "docs" / "images" / "gallery"
CPU = "system/cpu_percent"
WIDE = 600
"""Pixels: pictures are enlarged in whole steps while they stay below it."""


@dataclass(frozen=True)
class Piece:
    """One system: its heading, the words after `samajh train`, the pictures of the run that are shown, and metrics told."""

    name: str
    title: str
    order: tuple[str, ...]
    pictures: tuple[str, ...]
    metrics: tuple[str, ...]

    @property
    def command(self) -> str:
        """What a person types to make the same run."""
        return " ".join(["samajh train", *self.order])


def small(name: str, title: str, method: str, dataset: str, pictures: Sequence[str], metrics: Sequence[str]) -> Piece:
    """A system at preset `small`, nothing set by hand."""
    order = (method, "--dataset", dataset, "--preset", "small")
    return Piece(name, title, order, tuple(pictures), tuple(metrics))


GALLERY = (
    small("ddpm", "DDPM", "ddpm", "mnist", ["samples"], ["fd_pca16", "eps_mse_ratio", "class_accuracy"]),
    small("simple-denoiser", "SimpleDenoiseModel, as the document writes it", "simple_denoiser", "digits", ["samples"], ["eps_mse_ratio"]),
    small("latent-digits", "Latent diffusion, digits on request", "latent_diffusion", "mnist_captions", ["samples"], ["caption_match", "new_caption_match"]),
    small("latent-diffusion", "Latent diffusion (Stable Diffusion)", "latent_diffusion", "emoji", ["samples"], ["caption_match", "new_caption_match"]),
    small("cascade", "Cascade (Imagen)", "cascade", "emoji", ["samples", "small"], ["caption_match", "new_caption_match"]),
    small("unclip", "unCLIP (DALL·E 2)", "unclip", "emoji", ["samples", "variations"], ["caption_match", "new_caption_match"]),
    small("inpainting", "Inpainting", "inpainting", "faces", ["samples"], ["psnr", "ssim"]),
    small("super-resolution", "Super-resolution (SR3)", "super_resolution", "faces", ["samples"], ["psnr", "ssim"]),
    small("colorization", "Colorization", "colorization", "photos", ["samples"], ["psnr", "colourfulness"]),
    small("colorization-emoji", "Colorization of emoji", "colorization", "emoji", ["samples"], ["colourfulness"]),
    small("sounds", "Short sounds", "audio_diffusion", "sounds", ["samples"], ["class_accuracy", "pitch_accuracy"]),
    small("shapes", "Shapes in space", "point_cloud_diffusion", "shapes", ["samples"], ["class_accuracy", "coverage"]),
    small("gan", "GAN (DCGAN), the rival", "gan", "mnist", ["samples"], ["fd_pca16", "class_accuracy"]),
)  # fmt: skip


REMARKS = {
    "ddpm": "Drawn with guidance 1.5, which makes broken strokes whole and costs variety: unguided, on another seed, the distance was 3.0 and one digit in ten not what was asked (decision 0070).",
    "simple-denoiser": "It fails, and is here to show why: it is not told `t`, and its `alpha` turns negative beyond t = 50.",
    "cascade": "White shapes on white stay faint; the last two rows are captions never trained on. A faint grain stays on them. Read the figures with care: the held-out captions are seven, drawn about nine times each. Each other caption has one picture, and it is largely drawn from memory (on another training 86 % of the samples were copies, 8 % of those of new captions). What the second network adds shows in the edges, not in the match: their energy is that of real pictures, where enlarging bilinearly leaves a quarter of it, but the captions matched are as many.",
    "inpainting": "A filling is one guess of many, so it is farther from the truth than the mean of eight beside it. Where an eye, a nose or a mouth is missing whole, one is drawn: softer than a photograph, and sometimes crooked (decision 0072).",
    "colorization": "One plausible colouring of many, so it need not be the true one: a sample is farther from the truth than the mean of all is. Squares of 32 pixels out of two photographs say little of what they show, and so of their colours.",
    "colorization-emoji": "Emoji say more of what they are. Their colours are plausible, not known: a grey circle may be of any.",
    "gan": "Readable digits of many hands, some with frayed strokes. Before the generator's first layer was given the noise alone (decision 0065) all of a kind were the same.",
}
"""What is to be said of a picture that does not say it itself."""


def trained(samajh: Samajh, piece: Piece) -> Path:
    """The run folder of a piece; trains it if HOME has none."""
    listed = samajh("runs", "list", "--json").json["runs"]
    done = [run["run_id"] for run in listed if run["name"] == piece.name and run["state"] == "finished"]
    if not done:
        said = samajh("train", *piece.order, "--name", piece.name, "--wait", "--json", timeout_s=4 * 3600)
        assert said.code == 0, said
        done = [str(said.json["run_id"])]
    return Path(samajh.home, "runs", done[0])


def cpu_seconds(records: Sequence[dict[str, Any]]) -> float:
    """Processor time of a run [s]: each reading is the mean percentage since the one before."""
    start = next(float(record["t"]) for record in records if record["k"] == "start")
    total = 0.0
    for record in records:
        if record["k"] == "m" and CPU in record["v"]:
            total += float(record["v"][CPU]) / 100 * (float(record["t"]) - start)
            start = float(record["t"])
    return total


def told(piece: Piece, run: Path) -> str:
    """The section of one piece; its pictures are copied beside the page."""
    records = [record for record, _ in journal.read(run / journal.NAME)]
    last: dict[str, float] = {}
    for record in records:
        if record["k"] == "m":
            last |= record["v"]
    media = {record["n"]: record for record in records if record["k"] == "media" and str(record["p"]).endswith(".png")}
    steps = next(record["v"]["total_steps"] for record in records if record["k"] == "info")
    lines_told = [line for record in records for line in record.get("v", {}).get("reference_lines", ())]
    against = {line["metric"]: f" ({line['label']['en']}: {line['value']:.3g})" for line in lines_told}
    figures = [f"{steps:,} steps, {cpu_seconds(records) / 60:.1f} minutes of one processor"]
    figures += [f"`{name}` {last[name]:.3g}{against.get(name, '')}" for name in piece.metrics]
    lines = [f"## {piece.title}", "", f"    {piece.command}", "", "; ".join(figures) + "."]
    lines += ["", *([REMARKS[piece.name], ""] if piece.name in REMARKS else [])]
    for name in piece.pictures:
        picture = PICTURES / f"{piece.name}-{name}.png"
        with Image.open(run / media[name]["p"]) as small:
            times = max(1, WIDE // small.width)
            small.resize((small.width * times, small.height * times), Image.Resampling.NEAREST).save(
                picture, optimize=True
            )
        caption = media[name]["c"]["en"]
        lines += [
            f"![{caption}]({picture.relative_to(PAGE.parent)})",
            "",
            *([] if caption == "Samples" else [f"{caption}.", ""]),
        ]
    return "\n".join(lines)


HEAD = """# Gallery

Every generative system of the studio, trained once from its form at preset `small`, seed 0, one thread, nothing chosen by
hand: these are the last pictures of the runs, as the run's page shows them. Made by `python -m tests.make_gallery HOME`.
"""


def main(arguments: list[str]) -> None:
    """Make the named pieces, or all, and write the page; the sections of pieces not named stay as they are."""
    samajh = Samajh(Path(arguments[0]).absolute(), {"SAMAJH_EXAMPLES": "false"})
    PICTURES.mkdir(parents=True, exist_ok=True)
    made: dict[str, str] = {}
    try:
        for piece in GALLERY:
            if not arguments[1:] or piece.name in arguments[1:]:
                made[piece.title] = told(piece, trained(samajh, piece)).rstrip()
                print(made[piece.title], flush=True)
    finally:
        end_supervisor(Settings(home=samajh.home))
    sections = (written(PAGE.read_text("utf-8")) if arguments[1:] else {}) | made
    found = [sections[piece.title] for piece in GALLERY if piece.title in sections]
    PAGE.write_text("\n\n".join([HEAD.rstrip(), *found]) + "\n", "utf-8")


def written(page: str) -> dict[str, str]:
    """The sections of a page by title."""
    parts = page.split("\n## ")[1:]
    return {part.partition("\n")[0]: f"## {part.rstrip()}" for part in parts}


if __name__ == "__main__":
    main(sys.argv[1:])
