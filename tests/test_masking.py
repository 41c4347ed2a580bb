"""No secret stands in any log line: every logger that writes here is tried with every way of writing one."""

from __future__ import annotations

import base64
import io
import json
import logging
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import masking

KEY, SECRET = "key-of-the-tests", "s3cret/of??>the'tests=="
PAIR = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
FORMS = (
    *(KEY, SECRET, PAIR, repr(SECRET), quote(SECRET, safe="")),
    *(base64.b64encode(text.encode()).decode() for text in (KEY, SECRET)),
    *(base64.urlsafe_b64encode(text.encode()).decode() for text in (KEY, SECRET)),
)
LOGGERS = ("", "dashboard", "streamlit", "streamlit.web.server", "hevo_api", "monitor.account", "uvicorn.error", "new")


class Owner:
    """Somebody whose key must not be written for as long as they are here."""


@pytest.fixture(autouse=True)
def owner() -> Iterator[Owner]:
    """Our way of making log lines, with two secrets, as `app.py` installs it; all as it was afterwards."""
    make, threads = logging.getLogRecordFactory(), threading.excepthook
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.excepthook", None)
        masking.install()
        somebody = Owner()
        masking.hide_while(somebody, KEY, SECRET)
        yield somebody
    logging.setLogRecordFactory(make)
    threading.excepthook = threads


@pytest.fixture(params=LOGGERS)
def logger(request: pytest.FixtureRequest) -> logging.Logger:
    """One of the loggers that write in this process."""
    return logging.getLogger(request.param)


@pytest.fixture
def log(logger: logging.Logger) -> Iterator[io.StringIO]:
    """What a handler writes that nobody told of the filter."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_secret_is_written(logger: logging.Logger, log: io.StringIO, form: str) -> None:
    logger.error("in the text: %s" % form)  # noqa: UP031
    logger.error("as an argument: %s, %r", form, {"Authorization": form})
    logger.error("too few arguments: %s %s", form)
    try:
        raise ValueError(form)
    except ValueError:
        logger.exception("in a trace", stack_info=True)
    text = log.getvalue()
    assert form not in text
    assert json.dumps(form)[1:-1] not in text
    assert text.count(masking.MASK) >= 5
    assert "in test_no_form_of_a_secret_is_written" in text


def test_a_line_without_secrets_stays_as_it_was(logger: logging.Logger, log: io.StringIO) -> None:
    logger.error("%s of %d pipelines", "Seven", 9)
    assert log.getvalue() == "Seven of 9 pipelines\n"


def test_whatever_stands_in_an_authorization_header_is_masked(logger: logging.Logger, log: io.StringIO) -> None:
    logger.error("headers: %s", {"Authorization": "Basic c29tZWJvZHk6ZWxzZQ=="})
    logger.error("Authorization: bearer eyJhbGciOi.J9-x_y")
    assert "c29tZWJvZHk" not in log.getvalue()
    assert "eyJhbGciOi" not in log.getvalue()


def test_a_thread_that_nobody_watches_writes_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    thread = threading.Thread(target=int, args=(SECRET,))
    thread.start()
    thread.join()
    assert "Nobody caught this" in caplog.text
    assert SECRET not in caplog.text


def test_a_key_is_forgotten_with_its_owner() -> None:
    somebody = Owner()
    masking.hide_while(somebody, "a-key-of-their-own")
    assert masking.masked("a-key-of-their-own") == masking.MASK
    del somebody
    assert masking.masked("a-key-of-their-own") == "a-key-of-their-own"


@given(st.text(min_size=masking.SHORTEST), st.text(), st.text())
def test_any_text_that_is_hidden_is_masked_anywhere(secret: str, before: str, after: str) -> None:
    somebody = Owner()
    masking.hide_while(somebody, secret)
    assert secret not in masking.masked(before + secret + after).replace(masking.MASK, "\0")
