"""What few labels are worth, with and without pretraining: five ways to a classifier of the same labelled images.

* supervised: the method's own encoder from fresh weights and a linear layer, both trained on the labelled images alone;
* probe: the pretrained encoder as it is, and a linear layer (multinomial logistic regression) on it;
* fine_tuned: the same, then both trained further; the layer begins as the probe (arXiv:2202.10054, LP-FT);
* pca: unsupervised; principal components of all images, labelled and not, and the nearest labelled ones vote;
* kmeans: unsupervised; as many clusters of all images as there are classes, each named by the majority of its labelled images, one without any
  like the nearest named cluster.

Supervised and fine-tuned are trained alike: the same random views, if the method knows views, steps and learning rate. Which images are labelled is drawn
anew by each seed, and is the same for all ways. Images are [items, colours, height, width], features [items, features].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from data.catalog import FloatArray, IntArray
from lightning_modules.base import rate_at
from lightning_modules.blocks.vit import SelfAttention
from lightning_modules.exact import reseed
from lightning_modules.options import TrainingOptions
from lightning_modules.ssl import representation
from lightning_modules.ssl.budgets import Way
from lightning_modules.ssl.learner import RepresentationMethod
from lightning_modules.ssl.representation import Labelled, few_of_each
from lightning_modules.ssl.views import random_view

_COMPONENTS = 32
_BATCH = 64
_RATE, _RATE_OF_TRANSFORMERS = 2e-3, 1e-3
"""Learning rates, measured on MNIST: a lower one for further training, with batch norms as they were, was 1 to 2 points worse at 100 labels a class."""
_LEAST_STEPS, _ITEMS_A_STEP = 80, 8
_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Bench:
    """A method pretrained on some images, and labelled images, perhaps others, to try it on.

    `fresh(seed)` builds the method with new weights; all images are of the shape it knows.
    """

    pretrained: RepresentationMethod
    fresh: Callable[[int], RepresentationMethod]
    train: FloatArray
    train_y: IntArray
    test: FloatArray
    test_y: IntArray
    classes: int
    steps: int

    def accuracy(self, way: Way, each: int, seed: int) -> float:
        """Share of the held-out images that are named rightly, with `each` labels a class (0: every one)."""
        chosen = self.labelled(each, seed)
        if way == "probe":
            train, test = self.features
            return representation.linear_accuracy(self._of(train[chosen], chosen, test))
        if way == "pca":
            train, test = self.components
            neighbours = min(representation.NEIGHBOURS, each) if each else representation.NEIGHBOURS
            return representation.knn_accuracy(self._of(train[chosen], chosen, test), neighbours)
        if way == "kmeans":
            return self._by_cluster(chosen.numpy(), seed)
        return self._trained(chosen, further=way == "fine_tuned", seed=seed)

    def labelled(self, each: int, seed: int) -> Tensor:
        """Numbers of the labelled images [items]: the same for every way."""
        return few_of_each(self.train_y, each or len(self.train_y), seed)

    @cached_property
    def features(self) -> tuple[Tensor, Tensor]:
        """What the pretrained encoder says of training and held-out images."""
        with torch.no_grad():
            return self.pretrained.embedded(self.train), self.pretrained.embedded(self.test)

    @cached_property
    def components(self) -> tuple[Tensor, Tensor]:
        """The first principal components of training and held-out images."""
        flat = torch.from_numpy(self.train.reshape(len(self.train), -1)).double()
        mean = flat.mean(dim=0)
        _, _, directions = torch.linalg.svd(flat - mean, full_matrices=False)
        kept = directions[:_COMPONENTS].T
        test = torch.from_numpy(self.test.reshape(len(self.test), -1)).double()
        return ((flat - mean) @ kept).float(), ((test - mean) @ kept).float()

    def _of(self, train: Tensor, chosen: Tensor, test: Tensor) -> Labelled:
        return Labelled(
            train, torch.from_numpy(self.train_y)[chosen], test, torch.from_numpy(self.test_y), self.classes
        )

    def _by_cluster(self, chosen: IntArray, seed: int) -> float:
        from sklearn.cluster import KMeans  # 60 MB that only a worker that compares shall pay

        train, test = (part.numpy() for part in self.components)
        found = KMeans(self.classes, n_init=1, random_state=seed).fit(train)
        name = names_of(found.cluster_centers_, found.labels_[chosen], self.train_y[chosen], self.classes)
        return float((name[found.predict(test)] == self.test_y).mean())

    def _trained(self, chosen: Tensor, *, further: bool, seed: int) -> float:
        method = self.fresh(seed)
        method.average = None  # what is trained here is what is judged
        head = nn.Linear(self.features[0].shape[1], self.classes)
        y = torch.from_numpy(self.train_y)[chosen]
        if further:
            method.network.load_state_dict(self.pretrained.best_network.state_dict())
            probe_into(head, self.features[0][chosen], y, self.classes)
        method.network.train()
        train(method, head, self.train[chosen.numpy()], y, steps=steps_for(len(chosen), self.steps), seed=seed)
        method.network.eval()
        with torch.no_grad():
            said = head(method.embedded(self.test)).argmax(dim=1).numpy()
        return float((said == self.test_y).mean())


def names_of(centres: FloatArray, cluster: IntArray, y: IntArray, classes: int) -> IntArray:
    """The class of each cluster [clusters]: the majority of its labelled items; a cluster without any is called like the nearest that has some.

    Args:
        centres: Middles of the clusters [clusters, features].
        cluster: The cluster of each labelled item [items].
        y: Its class [items].
        classes: How many classes there are.
    """
    votes = np.zeros((len(centres), classes), dtype=np.int64)
    np.add.at(votes, (cluster, y), 1)
    named = np.flatnonzero(votes.sum(axis=1))
    apart = np.square(centres[:, None] - centres[named][None]).sum(axis=-1)
    found: IntArray = votes[named[apart.argmin(axis=1)]].argmax(axis=1)
    return found


def probe_into(head: nn.Linear, features: Tensor, y: Tensor, classes: int) -> None:
    """Give a linear layer the weights of the probe of these features, its centring and scaling folded in."""
    mean, scale = representation.centre_and_scale(features)
    weights = representation.logistic_regression((features - mean) / scale, y, classes)
    with torch.no_grad():
        head.weight.copy_(weights[:-1].T / scale)
        head.bias.copy_(weights[-1] - (mean / scale) @ weights[:-1])


def steps_for(items: int, most: int) -> int:
    """Steps of training for so many labelled items: more for more of them, and `most` at most."""
    return min(most, _LEAST_STEPS + items // _ITEMS_A_STEP)


def train(method: RepresentationMethod, head: nn.Linear, x: FloatArray, y: Tensor, *, steps: int, seed: int) -> None:
    """Train encoder and head on labelled images by the cross entropy, along a cosine, random views of them where the method has views."""
    attends = any(isinstance(layer, SelfAttention) for layer in method.network.modules())
    rate = _RATE_OF_TRANSFORMERS if attends else _RATE
    optimizer = torch.optim.AdamW([*method.network.parameters(), *head.parameters()], lr=rate, weight_decay=1e-2)
    options = TrainingOptions(steps=max(1, steps), warmup_steps=min(10, steps // 4), schedule="cosine")
    images = torch.from_numpy(x)
    reseed(seed, 0, "labels")
    with torch.enable_grad():
        for step in range(steps):
            some = (
                torch.randint(len(images), (_BATCH,)) if len(images) < _BATCH else torch.randperm(len(images))[:_BATCH]
            )
            views = images[some] if method.views is None else random_view(images[some], method.views)
            loss = F.cross_entropy(head(method.represent(views)), y[some])
            for group in optimizer.param_groups:
                group["lr"] = rate * rate_at(step, options)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()


def as_shape(x: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Images of another data set as a method of `shape` [colours, height, width] knows them: resized, grey or in three equal colours."""
    images = torch.from_numpy(np.ascontiguousarray(x))
    if images.shape[1] != shape[0]:
        luma = torch.tensor(_LUMA).view(1, 3, 1, 1)
        images = (images * luma).sum(dim=1, keepdim=True) if shape[0] == 1 else images.expand(-1, shape[0], -1, -1)
    if tuple(images.shape[2:]) != shape[1:]:
        images = F.interpolate(images, shape[1:], mode="bilinear", antialias=True, align_corners=False)
    return images.clamp(-1, 1).contiguous().numpy()
