"""The metrics of denoisers, as people read them. How they are measured: `lightning_modules.diffusion.measures.evaluation`."""

from __future__ import annotations

from data.catalog import MetricCard
from data.text import Text
from lightning_modules import samples

AGAINST_LINEAR = MetricCard(
    "eps_mse_ratio",
    Text(en="Error against the best linear model", hi="सबसे अच्छे रेखीय मॉडल की तुलना में त्रुटि"),
    Text(en="Held-out error divided by that of the best linear denoiser; below 1 the network has learned more than means and covariances.",
         hi="अलग रखे डेटा की त्रुटि, सबसे अच्छे रेखीय डीनॉइज़र की त्रुटि से भाग देकर; 1 से नीचे यानी नेटवर्क ने औसत और सहप्रसरण से ज़्यादा सीखा।"),
    better="lower",
)  # fmt: skip

METRICS = (
    MetricCard(
        "loss",
        Text(en="Training loss", hi="ट्रेनिंग लॉस"),
        Text(en="Mean squared error of what the network predicts (ε or v), over all noise levels.",
             hi="नेटवर्क के अनुमान (ε या v) की औसत वर्ग त्रुटि, सभी नॉइज़ लेवल पर।"),
        better="lower", headline=True, log_axis=True,
    ),
    MetricCard(
        "eps_mse",
        Text(en="Error on held-out data", hi="अलग रखे डेटा पर त्रुटि"),
        Text(en="Mean squared error of the predicted noise, ‖ε̂ − ε‖²/d, on data never trained on; same noise each time; labels told as in training.",
             hi="नॉइज़ के अनुमान की औसत वर्ग त्रुटि, ‖ε̂ − ε‖²/d, उस डेटा पर जो ट्रेनिंग में नहीं था; हर बार वही नॉइज़; लेबल ट्रेनिंग की तरह बताए गए।"),
        better="lower", headline=True,
    ),
    MetricCard(
        "train_eps_mse",
        Text(en="The same on training data", hi="वही ट्रेनिंग डेटा पर"),
        Text(en="Far below the held-out error means that the model memorises.", hi="अलग रखे डेटा की त्रुटि से बहुत नीचे हो तो मॉडल रट रहा है।"),
        better="lower",
    ),
    AGAINST_LINEAR,
    *samples.CARDS,
)  # fmt: skip
