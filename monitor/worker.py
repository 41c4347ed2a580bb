"""The one thread that does a recurring piece of work, for as long as there is any."""

import threading
from collections.abc import Callable

_LONGEST_WAIT = 3_600.0


class Worker:
    """At most one daemon thread: it works when work is due, and ends when none will be (`due_in()` is None).

    With `threads=False` nothing happens by itself: `step()` does what is due, in the caller's thread.
    """

    def __init__(
        self,
        name: str,
        changed: threading.Condition,
        due_in: Callable[[], float | None],
        work: Callable[[], None],
        threads: bool = True,
    ) -> None:
        self._name, self._changed, self._threads = name, changed, threads
        self._due_in, self._work = due_in, work
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Look again at what is due, in a new thread if the last one has ended."""
        with self._changed:
            is_working = self._thread is not None and self._thread.is_alive()
            if self._threads and not is_working and self._due_in() is not None:
                self._thread = threading.Thread(target=self._keep_working, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def step(self) -> None:
        """Do the work once if it is due."""
        with self._changed:
            due_in = self._due_in()
        if due_in is not None and due_in <= 0:
            self._work()

    def join(self, wait: float) -> None:
        """Wait until the thread has ended, at most `wait` seconds."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(wait)

    def _keep_working(self) -> None:
        """Ends once there is nothing left to wait for: who wakes it then starts anew."""
        while True:
            with self._changed:
                while (due_in := self._due_in()) is not None and due_in > 0:
                    self._changed.wait(min(due_in, _LONGEST_WAIT))
                if due_in is None:
                    self._thread = None
                    return
            self._work()
