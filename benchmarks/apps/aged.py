"""The dashboard as `streamlit run app.py` starts it, with a day of history behind it from its first moment."""

import sys
import time
from typing import Any

from streamlit.web import cli

from benchmarks.past import a_day_of
from dashboard import connection
from monitor.account import Account


class AgedAccount(Account):
    """An account that has been watched since yesterday."""

    def __init__(self, client: Any, **options: Any) -> None:
        super().__init__(client, **options)
        self._history = a_day_of([each.id for each in client.list_pipelines()], time.time())


connection.Account = AgedAccount  # type: ignore[misc]
sys.argv = ["streamlit", "run", "app.py"]
cli.main()
