"""The metrics of denoisers, as people read them. How they are measured: `lightning_modules.diffusion.evaluation`."""

from __future__ import annotations

from data.catalog import MetricCard
from data.text import Text

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
    MetricCard(
        "eps_mse_ratio",
        Text(en="Error against the best linear model", hi="सबसे अच्छे रेखीय मॉडल की तुलना में त्रुटि"),
        Text(en="Held-out error divided by that of the best linear denoiser; below 1 the network has learned more than means and covariances.",
             hi="अलग रखे डेटा की त्रुटि, सबसे अच्छे रेखीय डीनॉइज़र की त्रुटि से भाग देकर; 1 से नीचे यानी नेटवर्क ने औसत और सहप्रसरण से ज़्यादा सीखा।"),
        better="lower",
    ),
    MetricCard(
        "fd_pca16",
        Text(en="Distance of samples from real data", hi="सैंपल की असली डेटा से दूरी"),
        Text(en="Fréchet distance over the first 16 principal components, samples against held-out data. It depends on how many samples are drawn (see the config, “samples for quality”).",
             hi="पहले 16 मुख्य घटकों पर फ़्रेशे दूरी, सैंपल और अलग रखे डेटा के बीच। यह इस पर निर्भर है कि कितने सैंपल बने (सेटिंग “जाँच के सैंपल” देखें)।"),
        better="lower", headline=True, log_axis=True,
    ),
    MetricCard(
        "nn_ratio",
        Text(en="Newness of samples", hi="सैंपल कितने नए हैं"),
        Text(en="Distance to the nearest training item, relative to that of held-out real data: 1 is as new as real data, near 0 are copies.",
             hi="सबसे पास के ट्रेनिंग आइटम से दूरी, अलग रखे असली डेटा की तुलना में: 1 यानी असली जितने नए, 0 के पास यानी नकल।"),
    ),
    MetricCard(
        "classes",
        Text(en="Classes seen", hi="कितनी क्लास दिखीं"),
        Text(en="Share of the classes that occur among the samples, as a small classifier fitted on real data sees it.",
             hi="सैंपल में कितनी क्लास दिखीं (हिस्सा), असली डेटा पर फ़िट किए छोटे क्लासिफ़ायर के हिसाब से।"),
        better="higher",
    ),
    MetricCard(
        "class_accuracy",
        Text(en="Asked class, drawn class", hi="जो क्लास माँगी, वही बनी"),
        Text(en="Share of the samples that look like the class that was asked for.", hi="कितने सैंपल माँगी गई क्लास जैसे दिखते हैं।"),
        better="higher",
    ),
    MetricCard(
        "sliced_w2",
        Text(en="Distance of samples from real data", hi="सैंपल की असली डेटा से दूरी"),
        Text(en="Sliced Wasserstein distance to held-out points, over 256 directions.", hi="अलग रखे बिंदुओं से स्लाइस्ड वासरस्टीन दूरी, 256 दिशाओं में।"),
        better="lower", headline=True, log_axis=True,
    ),
    MetricCard(
        "on_data",
        Text(en="Samples where data lies", hi="डेटा की जगह पर सैंपल"),
        Text(en="Share of the samples as close to a training point as 99 % of held-out points are.",
             hi="कितने सैंपल किसी ट्रेनिंग बिंदु के उतने पास हैं जितने अलग रखे 99 % बिंदु।"),
        better="higher",
    ),
)  # fmt: skip
