"""The guide's text: short, and in words that a 12-year-old can read."""

from dashboard.words.runs import RUN_MEANS
from monitor.health import Word

MEANINGS = {
    Word.FAILED: "Hevo reports a problem. New data may not be arriving.",
    Word.LATE: "Hevo reports no problem, but it last ran much longer ago than usual.",
    Word.UNKNOWN: "Hevo says nothing about it, or something we do not recognise. We never guess that it is fine.",
    Word.UNSTABLE: "It works now, but it failed at least once in the last 24 hours.",
    Word.HEALTHY: "It is turned on, and Hevo reports no problem.",
    Word.PAUSED: "Someone turned it off in Hevo. No new data until someone turns it on.",
}

VERDICT = (
    'A pipeline brings data from one place to another. "Healthy" repeats what Hevo says about it: we do not look '
    "into the data ourselves. A pipeline can be healthy and still bring wrong or late figures."
)

RUN = f"""
{RUN_MEANS}

- A run is sent once. If the answer gets lost we say so and look again; we do not send it a second time by ourselves.
- For 60 seconds after a request nobody here can send the same one again.
- "Asked" means that Hevo took the request. Whether it helped shows at the next checks.
- A paused pipeline cannot be run. Turn it on in Hevo first.
"""

HISTORY = """
Hevo keeps no history that a dashboard could ask for. What you see in the charts was written down by this dashboard
while somebody had it open. Time when nobody looked stays blank. Your browser tab keeps its history when you reload the
page, and forgets it when you close the tab.
"""

LIMITS = """
- Why a pipeline failed. Hevo shows the reason on its own page; use *Open in Hevo*.
- Whether the figures in your reports are right.
- What happened while nobody had this dashboard open.
- Who started a run in Hevo itself.
"""

CONNECT = """
**For everybody who opens this dashboard:** its owner sets three values before starting it, and keeps them secret.

```text
export HEVO_API_KEY=...
export HEVO_API_SECRET=...
export HEVO_REGION=us   # us, us2, eu, in, asia, au or us-gcp
make run
```

The key is made in Hevo under *Account > API Keys*. It must be made by an owner of the Hevo account: a key made by a
member can look, but may not run pipelines.

**Only for you, in this tab:** type your own key here. It is not stored, and it is gone when you
close the tab or reload the page.
"""

QUESTIONS = (
    ("Does it cost anything to use Hevo's API?", "No. It is free for trial, free and paid accounts."),
    (
        "How does the dashboard prove who it is?",
        "With a key and a secret that it sends along with each request. Nobody who opens the dashboard can see them.",
    ),
    (
        "Does Hevo offer a ready-made program library for its API?",
        "No. This project has one, in the folder `hevo_api`, and programmers may use it without the dashboard.",
    ),
    (
        "Can Hevo call us when something breaks?",
        "Hevo sends alert e-mails only. So this dashboard asks at intervals and tells you what changed.",
    ),
    (
        "Is there a test account to try things on?",
        "Hevo offers none. This project brings its own: the sample data that you see when no account is connected.",
    ),
    (
        'What does "account members are not permitted to perform this action" mean?',
        "The key was made by a member of the account. Make a new one as an owner of the Hevo account.",
    ),
    (
        "Why does every request carry the key? Is one key enough for the team?",
        "Hevo remembers nothing between two requests. One key serves everybody who opens this dashboard.",
    ),
    (
        "What happens if I run a pipeline that is already running?",
        "Nothing. Hevo ignores the request, and the planned times stay as they are.",
    ),
    (
        "Why do some pipelines show less than others?",
        "Hevo leaves out what makes no sense for a pipeline. What is missing stays empty here.",
    ),
    (
        "How does the dashboard know how a pipeline is doing?",
        "It asks Hevo for two things: whether the pipeline is turned on, and whether Hevo sees a problem. A pipeline "
        "that was deleted in Hevo drops out of the list.",
    ),
)
