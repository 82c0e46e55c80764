"""What the studio says about a job, in both languages: the reasons of states and the events of runs."""

from __future__ import annotations

import signal
from typing import Final

from dashboard.tracking.records import Reason, State
from data.text import Text

STARTING: Final = Reason("starting", Text(en="The job is being started.", hi="जॉब शुरू हो रही है।"))
STOPPING: Final = Reason(
    "stopping", Text(en="Finishing the step and saving a checkpoint.", hi="चल रहा स्टेप पूरा करके चेकपॉइंट सहेजा जा रहा है।")
)
PAUSING: Final = Reason(
    "pausing",
    Text(
        en="Finishing the step, saving a checkpoint, then giving the slot to others.",
        hi="चल रहा स्टेप पूरा करके चेकपॉइंट सहेजा जा रहा है, फिर जगह दूसरों को मिलेगी।",
    ),
)
STOPPED: Final = Reason(
    "stopped", Text(en="Stopped by request. It can be resumed.", hi="कहने पर रोका गया। इसे जारी रखा जा सकता है।")
)
STOPPED_QUEUED: Final = Reason(
    "stopped_queued",
    Text(en="Stopped before it began. It can be resumed.", hi="शुरू होने से पहले रोका गया। इसे जारी रखा जा सकता है।"),
)
PAUSED: Final = Reason(
    "paused", Text(en="Paused by request; its slot is free for others.", hi="कहने पर रुका है; इसकी जगह दूसरों के लिए खाली है।")
)
FINISHED: Final = Reason("finished", Text(en="All steps are done.", hi="सारे स्टेप पूरे हुए।"))
EARLY: Final = Text(
    en="Stopped early at step {step}: “{metric}” had not improved for {patience} evaluations.",
    hi="स्टेप {step} पर जल्दी रुका: {patience} जाँचों से “{metric}” में सुधार नहीं हुआ।",
)
STOP_KILLED: Final = Reason(
    "stop_killed",
    Text(
        en="It did not answer the request to stop and was ended. It can be resumed from its last checkpoint.",
        hi="रुकने के कहने पर जवाब नहीं मिला, इसलिए इसे बंद किया गया। आख़िरी चेकपॉइंट से जारी रखा जा सकता है।",
    ),
)
SUSPENDED: Final = Reason(
    "suspended",
    Text(
        en="The job's process stands still (SIGSTOP). The studio is waking it.",
        hi="जॉब का प्रोसेस ठहरा हुआ है (SIGSTOP)। स्टूडियो उसे जगा रहा है।",
    ),
)
STANDS_STILL: Final = Reason(
    "stands_still",
    Text(
        en="The job's process stands still (SIGSTOP) and was put back to sleep each time it was woken. Stop the run, or wake the process.",
        hi="जॉब का प्रोसेस ठहरा हुआ है (SIGSTOP); हर बार जगाने पर फिर ठहरा दिया गया। रन रोकें या प्रोसेस को जगाएँ।",
    ),
)
WOKEN: Final = Text(
    en="The job's process stood still (SIGSTOP) and was woken.", hi="जॉब का प्रोसेस ठहरा हुआ था (SIGSTOP); उसे जगाया गया।"
)
SILENT: Final = Text(
    en="The job lives but has written nothing for {seconds} s.", hi="जॉब चल रही है, पर {seconds} सेकंड से उसने कुछ नहीं लिखा।"
)
RESUMED: Final = Text(en="Resumed from step {step}.", hi="स्टेप {step} से जारी।")
BAD_CHECKPOINT: Final = Text(
    en="The checkpoint “{name}” is damaged and was passed over.", hi="चेकपॉइंट “{name}” ख़राब है; उसे छोड़ दिया गया।"
)
NO_CHECKPOINT: Final = Text(
    en="No usable checkpoint was found; the run begins again at step 0.",
    hi="कोई काम का चेकपॉइंट नहीं मिला; रन स्टेप 0 से फिर शुरू हुआ।",
)
ADOPTED: Final = Text(
    en="The supervisor was restarted and took this living job over.",
    hi="सुपरवाइज़र दोबारा शुरू हुआ और उसने इस चलती जॉब को सँभाल लिया।",
)
OUT_OF_MEMORY: Final = Text(
    en="The job needed more memory than its limit of {limit} MiB. Use a smaller batch or model, or raise the limit.",
    hi="जॉब को अपनी सीमा {limit} MiB से ज़्यादा मेमोरी चाहिए थी। छोटा बैच या मॉडल लें, या सीमा बढ़ाएँ।",
)
DISK_FULL: Final = Text(
    en="The disk is full, so the run was paused. Its last checkpoint is whole. Free some space, then resume.",
    hi="डिस्क भर गई है, इसलिए रन रोक दिया गया। आख़िरी चेकपॉइंट सही है। जगह खाली करें, फिर जारी रखें।",
)
DISK_ERROR: Final = Text(
    en="Writing to disk failed ({error}), so the run was paused. Its last checkpoint is whole.",
    hi="डिस्क पर लिखना नहीं हो पाया ({error}), इसलिए रन रोक दिया गया। आख़िरी चेकपॉइंट सही है।",
)
FAILED: Final = Text(en="The training stopped with an error: {error}", hi="ट्रेनिंग में गड़बड़ी आई: {error}")
CRASHED: Final = Text(
    en="The job ended without a word ({how}); it is being resumed from its last checkpoint.",
    hi="जॉब बिना बताए बंद हो गई ({how}); उसे आख़िरी चेकपॉइंट से जारी किया जा रहा है।",
)
CRASH_LOOP: Final = Text(
    en="Crash loop: the job ended without a word {times} times without getting further ({how}). Look at its log.",
    hi="बार-बार क्रैश: जॉब आगे बढ़े बिना {times} बार बंद हो गई ({how})। इसका लॉग देखें।",
)
NEVER_STARTED: Final = Text(en="the process could not be started", hi="प्रोसेस शुरू नहीं हो पाया")
VANISHED: Final = Text(en="cause unknown", hi="कारण पता नहीं")
BROKEN_NUMBER: Final = Text(
    en="“{metric}” is {value} from step {step} on. Try a lower learning rate or gradient clipping.",
    hi="स्टेप {step} से “{metric}” का मान {value} है। लर्निंग रेट घटाकर या ग्रेडिएंट क्लिपिंग लगाकर देखें।",
)
WATCHING_FAILED: Final = Text(
    en="{what} could not be drawn or measured: {error}. Training goes on.",
    hi="{what} बनाना या मापना नहीं हो पाया: {error}। ट्रेनिंग जारी है।",
)
EVALUATION: Final = Text(en="The evaluation", hi="जाँच")
PICTURES: Final = Text(en="The pictures", hi="तस्वीरें")
REFERENCE_LINES: Final = Text(en="The reference lines", hi="संदर्भ रेखाएँ")
LOGGER_MISSING: Final = Text(
    en="The logger “{name}” needs a package that is not installed. Install it with: pip install “samajh[{name}]”",
    hi="लॉगर “{name}” के लिए ज़रूरी पैकेज नहीं है। इसे लगाएँ: pip install “samajh[{name}]”",
)
LOGGER_UNKNOWN: Final = Text(
    en="There is no logger named “{name}”. Known: tensorboard, mlflow, wandb.",
    hi="“{name}” नाम का कोई लॉगर नहीं है। उपलब्ध: tensorboard, mlflow, wandb।",
)
NOT_RESUMABLE: Final = Text(
    en="This run is {state}; only a stopped, paused or failed run can be resumed.",
    hi="यह रन अभी “{state}” है; केवल रुका या असफल रन जारी रखा जा सकता है।",
)
NOT_PROLONGABLE: Final = Text(
    en="Only a run that has ended can be prolonged; this one is {state}.",
    hi="केवल ख़त्म हो चुका रन बढ़ाया जा सकता है; यह अभी “{state}” है।",
)
NOT_ACTIVE: Final = Text(
    en="This run is not running, so there is nothing to stop.", hi="यह रन चल नहीं रहा, रोकने को कुछ नहीं है।"
)
EXTERNAL: Final = Text(
    en="This run was started from a script or notebook; stop it there.",
    hi="यह रन किसी स्क्रिप्ट या नोटबुक से शुरू हुआ था; वहीं रोकें।",
)
EXAMPLE: Final = Text(
    en="This example holds its weights but not its optimiser; clone it, or start a new run from its checkpoint.",
    hi="इस उदाहरण में वेट हैं पर ऑप्टिमाइज़र नहीं; इसका क्लोन बनाएँ, या इसके चेकपॉइंट से नया रन शुरू करें।",
)
MORE_STEPS: Final = Text(en="Give a number of steps of at least 1.", hi="स्टेप की संख्या कम से कम 1 दें।")
REPEATS: Final = Text(en="Repeat between 1 and 100 times.", hi="1 से 100 बार दोहराएँ।")
NO_PARENT: Final = Text(
    en="The run “{run}” has no checkpoint to start from.", hi="रन “{run}” का कोई चेकपॉइंट नहीं है जिससे शुरू किया जाए।"
)
BAD_PARENT: Final = Text(
    en="The weights of “{name}” do not fit this model: {error}", hi="“{name}” के वेट इस मॉडल में नहीं बैठते: {error}"
)
UNKNOWN_METHOD: Final = Text(en="There is no method named “{name}”.", hi="“{name}” नाम का कोई मेथड नहीं है।")
BROKEN_METHOD: Final = Text(en="“{name}” cannot be loaded: {error}", hi="“{name}” लोड नहीं हो पाया: {error}")
UNKNOWN_DATASET: Final = Text(en="There is no data set named “{name}”.", hi="“{name}” नाम का कोई डेटासेट नहीं है।")
BAD_VALUE: Final = Text(en="{detail}", hi="मान ठीक नहीं है: {detail}")

UNKNOWN_FIELD: Final = Text(en="There is no field named “{name}”.", hi="“{name}” नाम का कोई फ़ील्ड नहीं है।")
BAD_ORDER: Final = Text(
    en="This run's settings cannot be read; they may come from another version. Start a new run.",
    hi="इस रन की सेटिंग पढ़ी नहीं जा सकीं; शायद वे किसी और संस्करण की हैं। नया रन शुरू करें।",
)
NEEDS_GPU: Final = Text(
    en="16-mixed needs a GPU, and there is none here. Choose 32 or bf16-mixed.",
    hi="16-mixed के लिए GPU चाहिए, जो यहाँ नहीं है। 32 या bf16-mixed चुनें।",
)
STATES: Final = {
    State.QUEUED: Text(en="queued", hi="कतार में"),
    State.STARTING: Text(en="starting", hi="शुरू हो रहा है"),
    State.RUNNING: Text(en="running", hi="चल रहा है"),
    State.STOPPING: Text(en="stopping", hi="रुक रहा है"),
    State.PAUSED: Text(en="paused", hi="ठहरा हुआ"),
    State.STOPPED: Text(en="stopped", hi="रोका गया"),
    State.FINISHED: Text(en="finished", hi="पूरा हुआ"),
    State.FAILED: Text(en="failed", hi="असफल"),
}


def how_it_died(status: int | None) -> Text:
    """A wait status in words; None when nobody saw the death."""
    if status is None:
        return VANISHED
    if status < 0:
        name = signal.Signals(-status).name if -status in signal.valid_signals() else str(-status)
        return Text(en=f"killed by signal {-status}, {name}", hi=f"सिग्नल {-status}, {name} से बंद")
    return Text(en=f"exit code {status}", hi=f"एग्ज़िट कोड {status}")


def filled(template: Text, **values: object) -> Text:
    """`Text.format` whose values may be texts themselves, each in its own language."""
    return Text(
        en=template.en.format(**{k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
        hi=template.hi.format(**{k: v.hi if isinstance(v, Text) else v for k, v in values.items()}),
    )
