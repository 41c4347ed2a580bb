"""The guide's text: short, and in words that a 12-year-old can read."""

from __future__ import annotations

from dashboard.times import duration
from dashboard.words.runs import RUN_MEANS
from monitor.health import Word

MEANINGS = {
    Word.FAILED: "Hevo reports a problem. New data may not be arriving.",
    Word.LATE: "Hevo reports no problem, but no new data came for much longer than usual.",
    Word.UNKNOWN: "Hevo says nothing about it, or something we do not recognise. We never guess that it is fine.",
    Word.UNSTABLE: "It works now, but it failed at least once in the last 24 hours.",
    Word.HEALTHY: "It is turned on, and Hevo reports no problem.",
    Word.PAUSED: "Someone turned it off in Hevo. No new data until someone turns it on.",
}
NOT_CONFIRMED = (
    "**Not confirmed** · For some minutes Hevo gave us no answer. Each pipeline keeps the last word we know, with a "
    "grey clock beside it, until Hevo answers again. It says something about our view, not about the pipelines."
)
VERDICT = (
    'A pipeline brings data from one place to another. "Healthy" repeats what Hevo says about it: we do not look '
    "into the data ourselves. A pipeline can be healthy and still bring wrong figures."
)
LATENESS = """
Hevo tells when each table last ran. From that we learn how often a pipeline usually runs. It is late when it has been
silent for more than three times as long as usual, for longer than ever seen before, and for at least 15 minutes. So a
pipeline that rests each weekend is not late on Sunday, once we have seen it rest before. The owner of this dashboard
may write down how often new data is expected; then exactly that counts. While we know too little we say nothing.
"""
RUN = f"""
{RUN_MEANS}

- A run is sent once. If the answer gets lost we say so and look again; we do not send it a second time by ourselves.
- For 60 seconds after a request nobody here can send the same one again.
- "Asked" means that Hevo took the request. Whether it helped shows at a check at least half a minute later.
- A paused pipeline cannot be run. Turn it on in Hevo first.
- Everything that was asked from here stands in the log on the page *Run*: who, when, and what came of it.
"""
INCIDENTS = (
    "An *incident* is a time in which one pipeline failed or was late, or several together: what began at about the "
    "same time and leads to the same place is told as one. We read it from the history; nobody has to write it."
)
LIMITS = """
- Why a pipeline failed. Hevo shows the reason on its own page; use *Open in Hevo*.
- Whether the figures in your reports are right.
- What happened before this dashboard was set up, or while it was switched off.
- Who started a run in Hevo itself.
"""
FOR_EVERYBODY = """
**For everybody who opens this dashboard:** its owner sets three values before starting it, and keeps them secret.
"""
SETTINGS = """export HEVO_API_KEY=...
export HEVO_API_SECRET=...
export HEVO_REGION=us
make run"""
FOR_YOU = """
The region is one of us, us2, eu, in, asia, au and us-gcp. The key is made in Hevo under *Account > API Keys*. It must
be made by an owner of the Hevo account: a key made by a member can look, but may not run pipelines.

**Only for you, in this tab:** type your own key here. It is not stored, and it is gone when you
close the tab or reload the page.
"""
QUESTIONS = (
    (
        "Everything is healthy here, but my report is old. Why?",
        "A pipeline brings data as far as the warehouse. What happens between the warehouse and your report we do not "
        'see. Look when the pipeline last ran, on its own page, and ask whoever stands there under "Ask".',
    ),
    (
        "I pressed Run. When will I know whether it helped?",
        "A line at the top of every page follows what you asked, until you dismiss it. A pipeline needs some minutes; "
        "after 30 minutes without a change we say that too.",
    ),
    (
        "What happens if I run a pipeline that is already running?",
        "Nothing. Hevo ignores the request, and the planned times stay as they are.",
    ),
    (
        "Does it cost anything to look here, or to press Run?",
        "Looking costs nothing: Hevo's answers are free for trial, free and paid accounts, and however many people "
        "look, Hevo is asked only once. A run may move data, and how Hevo charges for data stays as agreed with Hevo.",
    ),
    (
        "Will I be told when something breaks?",
        "Hevo sends alert e-mails. This page looks again by itself and shows the number of problems in the browser "
        "tab, so a tab that stays open tells you too.",
    ),
    (
        "Why do some pipelines show less than others?",
        "Hevo leaves out what makes no sense for a pipeline. What is missing stays empty here. A pipeline that was "
        "deleted in Hevo drops out of the list; its history stays.",
    ),
    (
        "It says that account members are not permitted to perform this action. What now?",
        "The key was made by a member of the Hevo account. Ask the dashboard's owner for one that was made by an owner "
        "of the account.",
    ),
    (
        "Can somebody see our key here?",
        "No. The key and its secret stay on the server. Nobody who opens the dashboard can see them, and one key "
        "serves everybody.",
    ),
    (
        "May I try things without breaking anything?",
        "Yes: without a key the dashboard opens on sample data, which belongs to nobody. Hevo itself offers no test "
        "account.",
    ),
)
SET_ASIDE = (
    "The file with what was seen before could not be read. It was set aside under another name, and a new one began."
)
NOT_READ = "Hevo does not let our key read when tables last ran, so nothing is said about lateness."


def history(watch_seconds: float, keep_days: int, sample: bool) -> str:
    """Why history begins when it begins, and what stands in it."""
    alone = f"every {duration(watch_seconds)}, also when nobody has it open" if watch_seconds else "while it is open"
    told = (
        "Hevo keeps no history that a dashboard could ask for. What you see in the charts was written down by this "
        f"dashboard: it looks {'while it is open' if sample else alone}, and more often while somebody watches. It "
        f"remembers {keep_days} days. Time in which nobody looked, and time in which Hevo did not answer, stays blank "
        'and is named: we never fill it with what came before. "At least 3 h" means that it was so when we first saw '
        "it, and may have begun earlier."
    )
    return f"{told} The sample data comes with a day of history." if sample else told
