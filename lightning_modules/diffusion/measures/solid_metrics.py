"""The metrics of sounds and of shapes in space, as people read them. How they are measured: `sound_quality`, `cloud_quality`."""

from __future__ import annotations

from data.catalog import MetricCard
from data.text import Text
from lightning_modules.diffusion.measures.metrics import AGAINST_LINEAR
from lightning_modules.samples import NEWNESS

CHANCE = Text(en="chance", hi="संयोग")

_DENOISING = (
    MetricCard(
        "loss",
        Text(en="Training loss", hi="ट्रेनिंग लॉस"),
        Text(en="Mean squared error of the predicted velocity v, over all noise levels.", hi="वेग v के अनुमान की औसत वर्ग त्रुटि, सभी नॉइज़ लेवल पर।"),
        better="lower", headline=True, log_axis=True,
    ),
    MetricCard(
        "eps_mse",
        Text(en="Error on held-out data", hi="अलग रखे डेटा पर त्रुटि"),
        Text(en="Mean squared error of the predicted noise, ‖ε̂ − ε‖²/d, on data never trained on; same noise each time; labels told as in training.",
             hi="नॉइज़ के अनुमान की औसत वर्ग त्रुटि, ‖ε̂ − ε‖²/d, उस डेटा पर जो ट्रेनिंग में नहीं था; हर बार वही नॉइज़; लेबल ट्रेनिंग की तरह बताए गए।"),
        better="lower",
    ),
    MetricCard(
        "train_eps_mse",
        Text(en="The same on training data", hi="वही ट्रेनिंग डेटा पर"),
        Text(en="Far below the held-out error means that the model memorises.", hi="अलग रखे डेटा की त्रुटि से बहुत नीचे हो तो मॉडल रट रहा है।"),
        better="lower",
    ),
    AGAINST_LINEAR,
)  # fmt: skip

_CLASS_ACCURACY = MetricCard(
    "class_accuracy",
    Text(en="Asked class, drawn class", hi="जो क्लास माँगी, वही बनी"),
    Text(en="Share of the samples that a small classifier, fitted on real data, takes for the class that was asked for.",
         hi="कितने सैंपल को असली डेटा पर फ़िट किया छोटा क्लासिफ़ायर माँगी गई क्लास समझता है।"),
    better="higher", headline=True,
)  # fmt: skip

AUDIO_METRICS = (
    *_DENOISING,
    _CLASS_ACCURACY,
    MetricCard(
        "pitch_accuracy",
        Text(en="Asked note, sounded note", hi="जो सुर माँगा, वही बजा"),
        Text(en="Share of the tones whose measured pitch is within half a semitone of the asked note; needs no training.",
             hi="कितने सुरों की नापी गई पिच माँगे गए सुर से आधे सेमीटोन के अंदर है; इसमें कोई सीखना नहीं।"),
        better="higher", headline=True,
    ),
    MetricCard(
        "log_spectral_distance",
        Text(en="Distance of samples from real sounds", hi="सैंपल की असली ध्वनियों से दूरी"),
        Text(en="Log-spectral distance to the nearest training sound: difference of the spectrograms, root mean squared.",
             hi="सबसे पास की ट्रेनिंग ध्वनि से लॉग-स्पेक्ट्रल दूरी: स्पेक्ट्रोग्राम का अंतर, वर्ग-माध्य-मूल।"),
        better="lower", headline=True, unit="dB",
    ),
    *NEWNESS,
)  # fmt: skip

CLOUD_METRICS = (
    *_DENOISING,
    MetricCard(
        "class_accuracy",
        Text(en="Asked class, drawn class", hi="जो क्लास माँगी, वही बनी"),
        Text(en="Share of the samples that a small classifier, fitted on real shapes, takes for the class that was asked for; what it takes for no shape counts as wrong.",
             hi="कितने सैंपल को असली आकारों पर फ़िट किया छोटा क्लासिफ़ायर माँगी गई क्लास समझता है; जिसे वह कोई आकार नहीं मानता, वह ग़लत गिना जाता है।"),
        better="higher", headline=True,
    ),
    MetricCard(
        "chamfer",
        Text(en="Distance of samples from real shapes", hi="सैंपल की असली आकारों से दूरी"),
        Text(en="Chamfer distance to the nearest held-out shape, 128 points of each.", hi="सबसे पास के अलग रखे आकार से चैमफ़र दूरी, हर एक के 128 बिंदुओं पर।"),
        better="lower", headline=True, log_axis=True,
    ),
    MetricCard(
        "coverage",
        Text(en="Real shapes that are met", hi="कितने असली आकार मिले"),
        Text(en="Share of 64 held-out shapes that are the nearest one to some sample.", hi="अलग रखे 64 आकारों में से कितने किसी सैंपल के सबसे पास हैं।"),
        better="higher",
    ),
    MetricCard(
        "one_nna",
        Text(en="Told apart from real ones (1-NNA)", hi="असली से अलग पहचाने गए (1-NNA)"),
        Text(en="How often the nearest neighbour of a shape is of its own kind, drawn or real: 0.5 cannot be told apart, 1 always.",
             hi="कितनी बार किसी आकार का सबसे पास का पड़ोसी उसी तरह का है, बना हुआ या असली: 0.5 यानी फ़र्क नहीं दिखता, 1 यानी हमेशा दिखता है।"),
        better="lower", headline=True,
    ),
    *NEWNESS,
)  # fmt: skip


def real_against_real(items: int) -> Text:
    """The name of the line that real data reaches."""
    return Text(
        en=f"real training data against real held-out data (n = {items:,})",
        hi=f"असली ट्रेनिंग डेटा बनाम असली अलग रखा डेटा (n = {items:,})",
    )
