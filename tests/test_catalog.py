"""The owner's catalogue: read strictly, matched with the account, and never lost by a mistake."""

import fnmatch
import logging
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.catalog import EMPTY, SAMPLE, UNOWNED, Catalog, CatalogFile, Owned
from monitor.catalog.__main__ import main
from monitor.catalog.matching import judge_reports, match
from monitor.catalog.reader import CatalogError, read_catalog, seconds_in
from monitor.health import Word
from sandbox.scenarios import everyday
from tests.conftest import ROOT

EXAMPLE = """
[teams.sales]
name = "Sales"
contact = "mailto:data-desk@example.com"     # mailto:, https: or plain text such as "#data-desk on Slack"

[[pipelines]]
id = "6590"                                  # or match = "Orders*" (name of the source, * and ?)
name = "Orders of the web shop"
team = "sales"
note = "Starts after the stock count at night."
expect = "1 h"                               # new data at least so often; else learned

[[reports]]
key = "monday-sales"
name = "Monday sales report"
link = "https://bi.example.com/sales"
team = "sales"
needs = ["6590", "Ads*"]                     # ids or patterns of names
"""

FLEET = (("6590", "Orders DB"), ("6597", "Ads of Google"), ("6605", "ADS spend"), ("6610", None), ("6615", "Web shop"))


def sentences(text: str) -> list[str]:
    with pytest.raises(CatalogError) as caught:
        read_catalog(text)
    return list(caught.value.args)


def pipelines(*entries: str) -> str:
    return "".join(f"[[pipelines]]\n{entry}\n" for entry in entries)


def report(needs: str, key: str = "weekly") -> str:
    return f'[[reports]]\nkey = "{key}"\nname = "Weekly {key}"\nneeds = {needs}\n'


# Reading


def test_the_documented_example_is_read_as_it_stands() -> None:
    catalog = read_catalog(EXAMPLE)
    team, entry, only = catalog.teams[0], catalog.pipelines[0], catalog.reports[0]
    assert (team.key, team.name, team.contact) == ("sales", "Sales", "mailto:data-desk@example.com")
    assert (entry.id, entry.match, entry.says.name, entry.says.team) == ("6590", None, "Orders of the web shop", team)
    assert (entry.says.note, entry.says.expect) == ("Starts after the stock count at night.", 3600.0)
    assert (only.key, only.name, only.link) == ("monday-sales", "Monday sales report", "https://bi.example.com/sales")
    assert (only.team, only.needs) == (team, ("6590", "Ads*"))
    assert (team.address, entry.line, only.line) == (team.contact, 6, 13)


def test_an_empty_file_is_an_empty_catalogue() -> None:
    for text in ("", "# nothing yet\n", "[teams]\n"):
        catalog = read_catalog(text)
        assert (catalog.teams, catalog.pipelines, catalog.reports) == ((), (), ())


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('id = "6590"', "", "Line 6: a pipeline has neither id nor match."),
        ('id = "6590"', 'id = "1"\nmatch = "O*"', "Line 6: a pipeline has both id and match; it may have one of them."),
        ('id = "6590"', "id = 6590", "Line 7: id must be text in quotation marks."),
        ('id = "6590"', 'id = " "', "Line 7: id is empty."),
        ("note =", "nota =", 'Line 10: a pipeline has no "nota". It may have id, match, name, team, note and expect.'),
        ('"1 h"', '"soon"', 'Line 11: expect "soon" must be a time such as "30 min", "1 h" or "2 days".'),
        ('"1 h"', "60", "Line 11: expect must be text in quotation marks."),
        ('team = "sales"', 'team = "saels"', 'Line 9: no team has the key "saels". There is sales.'),
        ("[teams.sales]", "[teams.my-shop]", 'Line 9: no team has the key "sales". There is my-shop.'),
        ('name = "Sales"', "", "Line 2: a team has no name."),
        ('name = "Sales"', 'name = ["Sales"]', "Line 3: name must be text in quotation marks."),
        ('name = "Sales"', 'name = "Sa\\u0007les"', "Line 3: name is not plain text: it holds control characters."),
        ('key = "monday-sales"', "", "Line 13: a report has no key."),
        ('"monday-sales"', '"Monday/sales"', 'Line 14: key "Monday/sales" must be up to 64 of a-z, 0-9 and -.'),
        ('name = "Monday sales report"', "", "Line 13: a report has no name."),
        ('needs = ["6590", "Ads*"]', "", "Line 13: a report has no needs."),
        ('["6590", "Ads*"]', "[]", "Line 18: needs must be a list of 1 to 500 ids or names."),
        ('["6590", "Ads*"]', '"6590"', "Line 18: needs must be a list of 1 to 500 ids or names."),
        ('["6590", "Ads*"]', "[6590]", "Line 18: needs must be text in quotation marks."),
        ("[[reports]]", "[[report]]", 'Line 13: "report" is nothing that a catalogue has: teams, pipelines and '),
        ("[[reports]]", "[reports]", "Line 13: each report stands under two brackets: [[reports]]."),
        ("[teams.sales]", "[[teams]]", "Line 2: each team has a name of its own in brackets: [teams.sales]."),
        ("[teams.sales]", '[teams."a b"]', 'Line 2: the key of a team, "a b", must be up to 64 of a-z, A-Z, 0-9, '),
        ("[[pipelines]]", "[[pipelines]", "Line 6: this cannot be read as TOML: "),
        ('"1 h"', '"1 h', "Line 11: this cannot be read as TOML: "),
        ("needs = [", "needs = [[", "Line 19: this cannot be read as TOML: "),
    ],
)  # fmt: skip
def test_each_mistake_is_a_sentence_with_its_line(old: str, new: str, sentence: str) -> None:
    assert old in EXAMPLE
    assert sentences(EXAMPLE.replace(old, new, 1))[0].startswith(sentence)


def test_all_mistakes_are_told_in_the_order_of_their_lines() -> None:
    text = report("[]") + pipelines('name = "x"', "id = 1") + "[teams.x]\nnome = 1\n"
    assert [sentence.partition(":")[0] for sentence in sentences(text)] == [f"Line {n}" for n in (4, 5, 8, 9, 10)]


def test_too_many_mistakes_are_counted() -> None:
    told = sentences(pipelines(*["id = 1"] * 80))
    assert len(told) == 51
    assert told[-1] == "And 30 more mistakes."


def test_one_id_or_key_stands_once() -> None:
    assert sentences(pipelines('id = "6590"', 'id = "7"', 'id = "6590"')) == [
        'Line 5: the pipeline with the id "6590" is at line 1 too.'
    ]
    assert sentences(report('["1"]') + report('["2"]')) == [
        'Line 5: the report with the key "weekly" is at line 1 too.'
    ]


def test_lines_are_right_behind_texts_of_several_lines_and_comments() -> None:
    text = (
        '[[pipelines]]\nid = "1" # [[pipelines]]\nnote = """\n[[pipelines]]\nid = 5 # "\n"""\n'
        "[[pipelines]]\nid = '2'\nnote = '''\n[[reports]]\n'''\n"
        "[[reports]]\nkey = 'a'\nname = \"# it's\"\nneeds = [\n  '1', # one\n  '2',\n]\n"
        "[[pipelines]]\nexpect = 3\n"
    )
    assert sentences(text) == [
        "Line 19: a pipeline has neither id nor match.",
        "Line 20: expect must be text in quotation marks.",
    ]


def test_other_ways_to_write_the_same_are_read_too() -> None:
    text = (
        '"teams".sales = {name = "Sales"}\nteams.ops.name = "Ops"\nteams.bad.nome = 1\n'
        'pipelines = [\n  {id = "1", team = "sales"},\n  {id = "2", team = "ops"},\n  3,\n]\n'
    )
    assert sentences(text) == [
        'Line 3: a team has no "nome". It may have name and contact.',
        "Line 3: a team has no name.",
        "Line 4: a pipeline must be a table with id, match, name, team, note and expect.",
    ]
    assert len(read_catalog(text.replace("bad.nome = 1", 'bad.name = "x"').replace("  3,\n", "")).pipelines) == 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1 h", 3600),
        ("30 min", 1800),
        ("2 days", 172_800),
        ("1 h 30 min", 5400),
        ("1h30min", 5400),
        ("1 Day 2 Hours", 93_600),
        ("1.5 h", 5400),
        ("1 week", 604_800),
        ("1", None),
        ("h", None),
        ("-1 h", None),
        ("0 min", None),
        ("1 h, 30 min", None),
        ("1 hs", None),
        ("10 months", None),
        ("1 year", None),
        ("999999 weeks", None),
        ("1e9 h", None),
        ("٣ h", None),
        ("60", None),
        ("every hour", None),
    ],
)
def test_what_is_expected_is_written_in_minutes_hours_and_days(text: str, seconds: float | None) -> None:
    assert seconds_in(text) == seconds


CONTACT = '[teams.a]\nname = "A"\ncontact = "{}"\n'
LINK = '[[reports]]\nkey = "a"\nname = "A"\nneeds = ["1"]\nlink = "{}"\n'


@pytest.mark.parametrize("contact", ["#data-desk on Slack", "Slack: #data", "Anna, 12:30 to 14:00", "a@b.example"])
def test_a_contact_may_be_plain_text_which_is_no_link(contact: str) -> None:
    team = read_catalog(CONTACT.format(contact)).teams[0]
    assert (team.contact, team.address) == (contact, None)


@pytest.mark.parametrize("contact", ["mailto:a@b.example?subject=Data", "https://wiki.example/desk#top"])
def test_a_contact_may_be_an_address(contact: str) -> None:
    assert read_catalog(CONTACT.format(contact)).teams[0].address == contact


@pytest.mark.parametrize(
    "contact",
    ["javascript:alert(1)", "JavaScript :alert(1)", "vbscript: x", "data:text/html,x", "http://wiki.example", "tel:123",
     "mailto:", "mailto:nobody", "https:", "https://", "https://a b", "https://[", "file:///etc/passwd"],
)  # fmt: skip
def test_a_contact_is_never_another_address(contact: str) -> None:
    assert sentences(CONTACT.format(contact))[0].startswith("Line 3: contact ")


@pytest.mark.parametrize("link", ["https://bi.example/x?y=1#z", "http://intranet:8080/report"])
def test_a_report_may_be_opened_by_https_or_http(link: str) -> None:
    assert read_catalog(LINK.format(link)).reports[0].link == link


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "ftp://x/y", "//bi.example", "bi.example", "https://", "https://x/<b>", "https://x y"],
)
def test_a_report_links_to_nothing_else(link: str) -> None:
    assert sentences(LINK.format(link))[0].startswith("Line 5: link ")


def test_hostile_text_stays_one_short_line_of_text() -> None:
    name = "<script>alert(1)</script> **bold** [x](javascript:1)"
    assert read_catalog(pipelines(f'id = "1"\nname = "{name}"')).pipelines[0].says.name == name
    assert read_catalog(pipelines('id = "1"\nname = "a\\n\\tb  c"')).pipelines[0].says.name == "a b c"
    for key, most in {"name": 200, "note": 1000}.items():
        told = sentences(pipelines(f'id = "1"\n{key} = "{"x" * (most + 1)}"'))
        assert told == [f"Line 3: {key} is too long: {most + 1} letters, at most {most}."]
    assert len(sentences(f"{'x' * 9000} = 1")[0]) < 200


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 100_000, "a = " + "9" * 10_000, "a = 2026-99-99", "\x00", "a\rb", "x" * 9000]
)
def test_what_is_no_toml_at_all_is_one_sentence(text: str) -> None:
    told = sentences(text)
    assert len(told) == 1
    assert told[0].startswith("Line 1: this cannot be read")
    assert len(told[0]) < 300


@given(st.text() | st.text(st.sampled_from("[]=\"'#\n.apipelines{}")).map(lambda text: EXAMPLE + text))
def test_any_text_is_a_catalogue_or_sentences(text: str) -> None:
    told = ["Line 1: fine"]
    try:
        read_catalog(text)
    except CatalogError as error:
        told = list(error.args)
    assert told
    assert all(sentence.startswith("Line ") for sentence in told)


# Matching


def test_each_pipeline_gets_what_the_owner_says_of_it_and_the_reports_it_feeds() -> None:
    catalog = read_catalog(EXAMPLE)
    matched = match(catalog, FLEET)
    team, monday = catalog.teams[0], catalog.reports[0]
    note = "Starts after the stock count at night."
    assert matched.of("6590") == Owned("Orders of the web shop", team, note, 3600.0, (monday,))
    assert matched.of("6605") == Owned(reports=(monday,))
    assert matched.of("6615") is UNOWNED
    assert matched.reports[0].pipelines == ("6590", "6597", "6605")
    assert (matched.reports[0].missing, matched.warnings) == ((), ())


def test_patterns_take_no_notice_of_case_and_a_name_without_signs_is_the_whole_name() -> None:
    for pattern, found in {
        "orders db": ("6590",),
        "Orders": (),
        "ads*": ("6597", "6605"),
        "*SHOP": ("6615",),
        "?eb shop": ("6615",),
        "??????": (),
        "*of*": ("6597",),
        "*": ("6590", "6597", "6605", "6615"),
        "a*d": ("6605",),
        "web*shop*shop": (),
        "web sh*shop": (),
        "[o]rders*": (),
    }.items():
        matched = match(read_catalog(report(f'["{pattern}"]')), FLEET)
        assert matched.reports[0].pipelines == found, pattern
        assert matched.reports[0].missing == (() if found else (pattern,))


NAMES = st.text(st.sampled_from("abAß É]["), max_size=8)


@given(st.lists(NAMES, max_size=8), st.text(st.sampled_from("abA*?ß ]["), min_size=1, max_size=6))
def test_patterns_find_what_a_naive_reader_finds(names: list[str], pattern: str) -> None:
    fleet = tuple((str(place), name) for place, name in enumerate(names))
    plain = " ".join(pattern.split())
    if not plain:
        return
    folded = plain.casefold().replace("[", "[[]")
    tidy = [(number, " ".join(name.split()).casefold()) for number, name in fleet]
    naive = tuple(number for number, name in tidy if name and fnmatch.fnmatchcase(name, folded))
    assert match(read_catalog(report(f"['{plain}']")), fleet).reports[0].pipelines == naive


def test_an_id_is_not_taken_for_a_name_while_there_is_such_a_pipeline() -> None:
    fleet = (("1", "2"), ("2", "b"))
    needs = [match(read_catalog(report(f'["{need}"]')), fleet).reports[0].pipelines for need in ("2", "1", "b")]
    assert needs == [("2",), ("1",), ("2",)]


def test_what_is_not_in_hevo_is_a_sentence() -> None:
    text = pipelines('id = "1"', 'match = "Gone*"', 'match = "Gone"') + report('["6590", "7", "No*"]')
    matched = match(read_catalog(text), FLEET)
    assert matched.warnings == (
        'Line 1: Hevo has no pipeline with the id or name "1".',
        'Line 3: Hevo has no pipeline whose name is like "Gone*".',
        'Line 5: Hevo has no pipeline with the id or name "Gone".',
        'Line 7: "Weekly weekly" needs what is not there. Hevo has no pipeline with the id or name "7".',
        'Line 7: "Weekly weekly" needs what is not there. Hevo has no pipeline whose name is like "No*".',
    )
    assert matched.reports[0].missing == ("7", "No*")
    assert len(match(read_catalog(pipelines(*[f'id = "{n}"' for n in range(70)])), FLEET).warnings) == 51


def test_of_two_owners_the_one_by_id_counts_then_the_first_and_it_is_said() -> None:
    text = pipelines('match = "Ads*"\nname = "first"', 'match = "*s*"\nname = "second"', 'id = "6605"\nname = "by id"')
    matched = match(read_catalog(text), FLEET)
    assert [matched.of(number).name for number, _ in FLEET] == ["second", "first", "by id", None, "second"]
    assert matched.warnings == (
        'Line 1: line 4 names the pipeline "6597" too. What stands here counts.',
        'Line 7: line 1 names the pipeline "6605" too. What stands here counts.',
        'Line 7: line 4 names the pipeline "6605" too. What stands here counts.',
    )


def test_the_reports_of_a_pipeline_stand_in_the_order_of_the_file() -> None:
    text = "".join(report(needs, key) for key, needs in [("c", '["6590"]'), ("a", '["*"]'), ("b", '["6590"]')])
    assert [each.key for each in match(read_catalog(text), FLEET).of("6590").reports] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("words", "missing", "word"),
    [
        ([Word.HEALTHY, Word.PAUSED, Word.FAILED], False, Word.FAILED),
        ([Word.HEALTHY, Word.PAUSED], False, Word.HEALTHY),
        ([Word.HEALTHY, Word.UNSTABLE], True, Word.UNKNOWN),
        ([Word.HEALTHY, Word.LATE], True, Word.LATE),
        ([Word.FAILED], True, Word.FAILED),
        ([], True, Word.UNKNOWN),
    ],
)
def test_a_report_is_as_its_worst_pipeline_and_unknown_where_one_is_missing(
    words: list[Word], missing: bool, word: Word
) -> None:
    of = {str(number): each for number, each in enumerate(words)}
    catalog = read_catalog(report(str([*of, *["gone"] * missing])) + report("['gone']", "other"))
    rows = judge_reports(match(catalog, tuple((number, None) for number in of)).reports, of)
    assert {row.report.key: row.word for row in rows} == {"weekly": word, "other": Word.UNKNOWN}


def test_500_reports_over_10_000_pipelines_are_rolled_up_in_a_moment() -> None:
    fleet = tuple((str(each.id), each.body["source"]["name"]) for each in everyday(10_000))
    chance = random.Random(1)
    text = "".join(
        report(
            f'["{chance.choice(fleet)[0]}", "{chance.choice(fleet)[1]}", "*branch {chance.randint(1, 400)}"]', f"r{n}"
        )
        for n in range(500)
    )
    catalog, words = read_catalog(text), dict.fromkeys([number for number, _ in fleet], Word.HEALTHY)
    started = time.process_time()
    first = match(catalog, fleet)
    assert time.process_time() - started < 1.0  # the first time, and when names change
    started = time.process_time()
    again = match(catalog, (*fleet,))
    assert {row.word for row in judge_reports(again.reports, words)} == {Word.HEALTHY}
    assert time.process_time() - started < 0.1
    assert again is first


def test_a_pattern_of_many_stars_is_not_slow() -> None:
    catalog = read_catalog(report('["' + "*a" * 50 + '*b", "' + "?*a" * 50 + 'b"]'))
    started = time.process_time()
    assert match(catalog, tuple((str(n), "a" * 3000) for n in range(20))).reports[0].pipelines == ()
    assert time.process_time() - started < 1.0


# The file


class Clock:
    now = 100.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def write(path: Path, text: str) -> None:
    """As an editor saves it: a new file in the old one's place."""
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def test_a_changed_file_is_read_again_and_a_mistake_keeps_the_last_good_one(tmp_path: Path) -> None:
    path = tmp_path / "catalog.toml"
    file = CatalogFile(path, clock=Clock())
    assert file.current() is EMPTY
    write(path, EXAMPLE)
    good = file.current()
    assert [each.key for each in good.reports] == ["monday-sales"]
    write(path, EXAMPLE.replace('"1 h"', '"soon"'))
    assert file.current() is good
    assert file.mistakes == ('Line 11: expect "soon" must be a time such as "30 min", "1 h" or "2 days".',)
    path.unlink()
    assert file.current() is good
    assert file.mistakes == ('The catalogue "catalog.toml" is not there.',)
    write(path, report('["1"]'))
    assert [each.key for each in file.current().reports] == ["weekly"]
    assert file.mistakes == ()


def test_a_file_that_must_be_there_is_missed(tmp_path: Path) -> None:
    file = CatalogFile(tmp_path / "none" / "mine.toml", needed=True, clock=Clock())
    assert file.current() is EMPTY
    assert file.mistakes == ('The catalogue "mine.toml" is not there.',)


def test_an_unchanged_file_stays_the_same_object_and_is_looked_at_once_a_second(tmp_path: Path) -> None:
    path, moments = tmp_path / "catalog.toml", iter([0.0, 0.9, 1.0, 5.0])
    write(path, EXAMPLE)
    file = CatalogFile(path, clock=lambda: next(moments))
    first = file.current()
    write(path, report('["1"]'))
    assert file.current() is first
    second = file.current()
    assert second is not first
    assert file.current() is second


def test_each_change_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "catalog.toml"
    write(path, pipelines("id = 1"))
    file = CatalogFile(path, clock=Clock())
    with caplog.at_level(logging.INFO, "monitor.catalog"):
        for _ in range(3):
            file.current()
        write(path, EXAMPLE)
        for _ in range(3):
            file.current()
        path.unlink()
        for _ in range(3):
            file.current()
    assert [record.getMessage() for record in caplog.records] == [
        "Catalogue: Line 2: id must be text in quotation marks.",
        "Read the catalogue: 1 team, 1 pipeline, 1 report",
        'Catalogue: The catalogue "catalog.toml" is not there.',
    ]


def test_what_is_no_readable_file_is_a_sentence(tmp_path: Path) -> None:
    pipe, large, binary = tmp_path / "pipe", tmp_path / "large", tmp_path / "binary"
    os.mkfifo(pipe)
    large.write_bytes(b"#" * 1_000_001)
    binary.write_bytes(b"# fine\n# \xff")
    for path, told in {
        tmp_path: f'"{tmp_path.name}" is not a file.',
        pipe: '"pipe" is not a file.',
        large: '"large" is larger than 1,000 KB.',
        binary: "Line 2: this is not UTF-8 text.",
    }.items():
        file = CatalogFile(path, clock=Clock())
        assert file.current() is EMPTY
        assert file.mistakes == (told,)


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "catalog.toml"
    path.write_bytes(b"\xef\xbb\xbf" + EXAMPLE.replace("\n", "\r\n").encode())
    assert CatalogFile(path).current().pipelines[0].line == 6


# The check, and the sample


def test_the_check_says_that_a_file_is_fine_or_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "catalog.toml"
    write(path, EXAMPLE + report('["1"]', "two"))
    assert main(["check", str(path)]) == 0
    assert capsys.readouterr().out == "This catalogue is fine: 1 team, 1 pipeline, 2 reports.\n"
    write(path, pipelines("id = 1"))
    assert main(["check", str(path)]) == 1
    assert capsys.readouterr().out == "Line 2: id must be text in quotation marks.\n"
    assert main(["check", str(tmp_path / "none.toml")]) == 1
    assert capsys.readouterr().out == '"none.toml" cannot be read: No such file or directory.\n'
    assert main(["czech"]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_check_runs_without_a_dashboard() -> None:
    command = [sys.executable, "-m", "monitor.catalog", "check", str(SAMPLE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    fine = "This catalogue is fine: 3 teams, 8 pipelines, 4 reports.\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, fine, "")


def test_the_sample_catalogue_names_what_the_sample_data_has() -> None:
    catalog = CatalogFile(SAMPLE).current()
    assert isinstance(catalog, Catalog)
    matched = match(catalog, tuple((str(each.id), each.body["source"]["name"]) for each in everyday()))
    assert matched.warnings == ()
    assert len(matched.reports) == 4
    assert len(matched.of("6590").reports) == 1
