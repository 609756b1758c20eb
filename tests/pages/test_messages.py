"""Messages, the report and what the product sent back, on the commit page and wherever a panel is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import streamlit as st
import trustme
from streamlit.testing.v1 import AppTest

from pages.shared.services import server as pages_server
from roster_core.adapters.store import Store
from roster_core.dates import WindowDates
from roster_core.onboarding import Contact, Onboarding, Tick
from roster_core.preflight import run_preflight
from roster_core.rules import RuleSet
from tests.adapters.mail_server import MailServer, mail_server
from tests.pages import launch_page
from tests.pages.conftest import Open, finish_jobs, told
from tests.pages.launch_page import elm
from tests.pages.signed_in import SOMEBODY, page_of, people
from tests.pages.test_commit import KEEP, commit, keep, ready

__all__ = ["elm", "ready"]

RULES = RuleSet(rules=(KEEP,))


@pytest.fixture
def server(data_dir: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server on this computer that the settings name."""
    with mail_server(trustme.CA()) as running:
        for name, value in (("HOST", "127.0.0.1"), ("PORT", str(running.mail.port)), ("SECURITY", "none"),
                            ("FROM", "SEL team <sel@team.example>")):  # fmt: skip
            monkeypatch.setenv(f"SMTP_{name}", value)
        st.cache_resource.clear()
        yield running


@pytest.fixture
def faulty(open_page: Open, store: Store) -> None:
    """The sample district with rules under which some causes are the district's."""
    open_page("districts")
    keep(store, RULES)


def errors(open_page: Open) -> AppTest:
    """The commit page with the message about everything that is the district's."""
    page = open_page("commit", district="sample")
    page.session_state["message_errors"] = True
    return page.run()


def field(page: AppTest, name: str) -> AppTest:
    """A field of the message that is open."""
    kind = page.text_area if name == "body" else page.text_input
    return next(each for each in kind if each.key.startswith("sample:message:") and each.key.endswith(f":{name}"))


def press(page: AppTest, name: str) -> AppTest:
    """Presses a button of the message that is open, and waits for what it starts."""
    next(each for each in page.button if each.key.endswith(f":{name}")).click().run()
    finish_jobs()
    return page.run()


def ready_panel() -> None:
    """A page that draws Ready To Assess alone."""
    from pages.shared import message_views, services, state

    state.begin_page()
    services.require_access()
    message_views.panel("sample", "ready")


class TestErrors:
    """The message about errors for the district to fix."""

    @pytest.mark.usefixtures("faulty")
    def test_it_is_changed_and_sent_once(self, open_page: Open, store: Store, server: MailServer) -> None:
        """The text as changed reaches whom it was addressed to; the same again is answered, not sent, unless asked."""
        page = errors(open_page)
        assert "Student numbers: " in field(page, "body").value
        assert next(each for each in page.button if each.key.endswith(":send")).disabled
        field(page, "to").set_value("data@d.example, Ana <ana@d.example>")
        field(page, "body").set_value("Please look.").run()
        press(page, "send")
        assert "Sent to 2 recipients." in told(page)
        (letter,) = server.inbox.letters
        assert (letter.get_content().strip(), letter["To"]) == ("Please look.", "data@d.example, Ana <ana@d.example>")
        press(page, "send")
        assert "It was not sent again" in told(page) and len(server.inbox.letters) == 1
        press(page, "again")
        assert len(server.inbox.letters) == 2
        assert [one.outcome for one in store.messages.list("sample", "errors")] == ["sent", "sent"]
        assert [one.detail for one in store.activity.list("sample") if one.action == "message"] == [
            {"kind": "errors", "outcome": "sent"}] * 2  # fmt: skip

    @pytest.mark.usefixtures("faulty")
    def test_what_went_wrong_is_told_and_the_text_stays(self, open_page: Open, server: MailServer) -> None:
        """A refusal of the mail server, and a wrong address, are told where the message is."""
        page = errors(open_page)
        field(page, "to").set_value("nobody").run()
        assert '"nobody" is not an e-mail address' in told(page)
        field(page, "to").set_value("data@d.example").run()
        server.inbox.answers = {"DATA": "452 full"}
        press(page, "send")
        assert "Try again in some minutes" in told(page)
        assert field(page, "to").value == "data@d.example"
        server.inbox.answers, server.inbox.drop = {}, "after"
        press(page, "send")
        assert "Whether the message arrived is not known" in told(page) and "arrival not known" in told(page)

    @pytest.mark.usefixtures("faulty")
    def test_without_a_mail_server_it_is_downloaded(self, open_page: Open) -> None:
        """The page says why nothing is sent from here."""
        page = errors(open_page)
        assert "No mail server is set up" in told(page)
        assert [each.label for each in page.get("download_button") if "e-mail" in each.label]

    @pytest.mark.usefixtures("faulty")
    def test_one_cause_has_its_own_message(self, open_page: Open, store: Store) -> None:
        """Beside a cause of the district's, the message is about that cause alone."""
        roster = store.rosters.load(store.rosters.latest("sample").fingerprint, "sample")
        cause = next(one for one in run_preflight(roster, RULES).causes if one.code == "missing-birthdate")
        page = open_page("commit", district="sample")
        key = f"message_{cause.code}_{hash((cause.title, cause.student_ids, cause.section_ids))}"
        page.button(key=key).click().run()
        body = field(page, "body").value
        assert "without a birthdate" in body and "enrolled in no section" not in body
        # It tells what the page shows: nothing was checked a second time.
        assert len(pages_server._rosters()._held["sample"].plans) == 1

    @pytest.mark.usefixtures("faulty")
    def test_a_viewer_sends_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who may only look sees the text, and who can send it."""
        people(monkeypatch)
        st.cache_resource.clear()
        page = page_of("commit", SOMEBODY["viewer"])
        page.query_params["district"] = "sample"
        page.session_state["message_errors"] = True
        page.run()
        assert field(page, "body").disabled and not [each for each in page.button if each.key.endswith(":send")]


class TestReadyToAssess:
    """Ready To Assess is sent when it is true."""

    @pytest.mark.usefixtures("ready")
    def test_what_stands_against_it_is_listed(self, data_dir: object) -> None:
        """Before the commit there is no message, but what to do first."""
        page = AppTest.from_function(ready_panel, default_timeout=60).run()
        assert not page.exception
        assert "No roster is in force" in told(page) and not page.text_area

    @pytest.mark.usefixtures("ready")
    def test_it_is_sent_and_ticked(self, open_page: Open, store: Store, server: MailServer) -> None:
        """Committed, loaded, with a launch date and green today: it goes out, and the launch has its last step."""
        commit(open_page("commit", district="sample"))
        page = AppTest.from_function(ready_panel, default_timeout=60).run()
        assert "nobody has said that it is in SELweb" in told(page)
        assert not [each for each in page.button if each.key.endswith(":send")]
        (receipt,) = store.ledger.current_receipts("sample")
        now = datetime.now(UTC)
        done = Onboarding(dates=WindowDates(launch=date(2026, 1, 5)),
                          ticks={"rostered": Tick(now.date(), "ana", about=receipt.receipt_id)})  # fmt: skip
        store.onboarding.save("sample", done, expected_revision=0, actor="ana", now=now, action="set-dates")
        page = AppTest.from_function(ready_panel, default_timeout=60).run()
        assert "nothing stands against it today" in told(page)
        field(page, "to").set_value("sel@d.example").run()
        press(page, "send")
        assert server.inbox.letters[0]["Subject"] == "Ready To Assess: Sample district (made-up)"
        assert store.onboarding.get("sample").onboarding.ready_sent == now.date()


class TestLaunch:
    """Messages beside the steps they belong to."""

    def test_a_request_that_is_sent_waits(self, open_page: Open, elm: Store, server: MailServer) -> None:
        """The Clever admin gets the sharing request; the launch then has a request with a day to chase it."""
        launch_page.keep(elm, Onboarding(clever_admin=Contact("Ana Díaz", "ana@d.example")))
        page = open_page("launch", district="elm")
        page.session_state["launch:elm:1:message:sharing"] = True
        page.run()
        press(page, "send")
        assert server.inbox.letters[0]["To"] == "Ana Díaz <ana@d.example>"
        assert "approve our sharing rules" in server.inbox.letters[0].get_content()
        (request,) = launch_page.kept(elm).requests
        assert (request.kind, request.outcome, request.by) == ("sharing", "waiting", "local user")
        assert "Data sharing request, sent on" in told(page).replace("*", "")

    def test_a_district_of_files_is_asked_nothing_of_clever(self, open_page: Open) -> None:
        """Where the roster comes as files, no request to connect or share is offered."""
        labels = [box.label for box in open_page("launch", district="sample").expander]
        assert "Message: Ready To Assess" in labels and "Message: Request to connect" not in labels


@pytest.mark.usefixtures("faulty")
class TestReport:
    """The report's downloads."""

    def test_names_are_a_committer_s_choice(self, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without names it is anybody's; with names the switch is a committer's, and the page says what it holds."""
        page = open_page("commit", district="sample")
        assert "It names no student." in told(page)
        page.toggle(key="sample:report:names").set_value(True).run()
        assert "Keep it safe." in told(page)
        people(monkeypatch)
        st.cache_resource.clear()
        page = page_of("commit", SOMEBODY["reviewer"])
        page.query_params["district"] = "sample"
        page.run()
        assert page.toggle(key="sample:report:names").disabled


@pytest.mark.usefixtures("faulty")
class TestSentBack:
    """The product's own list of errors."""

    LIST = b"Student number,Message\n100631,No birthdate\n999999,Xan Yu is odd\n"

    def test_it_is_brought_in_shown_and_forgotten(self, open_page: Open, store: Store) -> None:
        """The findings stand on the page without names; forgotten, nothing of them is left."""
        page = open_page("commit", district="sample")
        page.session_state["sample:said"] = True
        page.run()
        page.file_uploader(key="sample:said:file:0").set_value(("list.csv", self.LIST, "text/csv")).run()
        kept = store.told.get("sample")
        assert kept is not None and {one.owner for one in kept.findings} == {"district", "us"}
        table = next(each.value for each in page.dataframe if "What it said" in each.value)
        assert table["Students"].tolist() == [1, 0] and "Xan" not in table.to_string()
        page.button(key="sample:said:forget").click().run()
        assert store.told.get("sample") is None

    def test_another_file_is_told(self, open_page: Open, store: Store) -> None:
        """What is no list changes nothing and says what was expected."""
        page = open_page("commit", district="sample")
        page.session_state["sample:said"] = True
        page.run()
        page.file_uploader(key="sample:said:file:0").set_value(("x.csv", b"a,b\n1,2\n", "text/csv")).run()
        assert "Expected a column like Student ID" in told(page) and store.told.get("sample") is None
