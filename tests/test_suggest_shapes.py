"""Suggestions where something else serves as well as the homerooms, or where the homerooms hide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from roster_core.coverage import evaluate
from roster_core.suggest import Suggestion, suggest_rules
from tests.made_up import Maker, Room
from tests.naming_habits import fancy


def _kept_names(maker: Maker, best: Suggestion) -> set[str]:
    roster = maker.roster()
    sections = np.flatnonzero(evaluate(roster, best.rule_set).section_state())
    return set(roster.sections["section_name"].iloc[sections])


def _subjects(maker: Maker, words: str, **fields: str) -> Maker:
    for room, members in maker.members:
        for period, word in enumerate(words.split(), 1):
            maker.add(room, members, f"{word} {room.grade}{room.letter} {room.last}", period=str(period), **fields)
    return maker


@pytest.mark.parametrize(
    ("homerooms", "subjects"),
    [
        ("班级 导师班 早会", "数学 语文 科学 音乐 体育"),
        ("Titilè Titilè Titilè", "Matematik Lekti Syans Mizik"),
        ("فصل فصل فصل", "رياضيات قراءة علوم موسيقى"),
        ("Turma Turma Turma", "Matemática Leitura Ciências"),
        ("담임 담임 조회", "수학 국어 과학 음악"),
    ],
)
def test_homerooms_come_before_subjects_in_other_languages(homerooms: str, subjects: str) -> None:
    """Each subject would do it with one word; the homerooms are kept all the same."""
    words = homerooms.split()
    maker = _subjects(Maker(2), subjects)
    maker.homerooms(lambda room: {"section_name": f"{words[room.school]} {room.grade}{room.letter} {room.last}"})
    best, *_ = suggest_rules(maker.roster())

    assert best.one == best.reachable
    assert {name.split()[0] for name in _kept_names(maker, best)} == set(words)


@pytest.mark.parametrize("period", ["00", "0", "HR", "A1"])
def test_a_period_marks_homerooms_where_nothing_else_does(period: str) -> None:
    """Names and the other periods say nothing: the period that schedules write for a homeroom comes first."""
    maker = Maker(3)
    for number in ("1", "2", "3", "4", "5", period):
        maker.homerooms(lambda room, number=number: {"section_name": fancy(room), "period": number})  # type: ignore[misc]
    best, *_ = suggest_rules(maker.roster())

    assert [condition.values for rule in best.rule_set.rules for condition in rule.when] == [(period,)]


@pytest.mark.parametrize("word", ["Bus", "Lunch", "Ruta"])
def test_a_list_that_holds_everybody_once_is_no_homeroom(word: str) -> None:
    """Buses and lunches put each student in one section with one plain word; whole classes come first."""
    maker = Maker(5).subjects()
    maker.homerooms(lambda room: {"section_name": f"{room.grade or 'K'} - {room.last}"})
    for school in range(maker.schools):
        riders = [member for room, members in maker.members if room.school == school for member in members]
        maker.random.shuffle(riders)
        room = next(room for room, _ in maker.members if room.school == school)
        for number in range(6):
            maker.add(room, riders[number::6], f"{word} {number + 1}", section_grade_raw="")
    best, *_ = suggest_rules(maker.roster())

    assert best.one == best.reachable
    assert not any(name.startswith(word) for name in _kept_names(maker, best))
    assert "finds names that begin with a grade or a number." in best.explanation


def test_a_small_habit_fills_what_homerooms_leave() -> None:
    """A tenth of each grade is in a class of its own: its word is found though it is rare, and no subject is kept."""
    maker = Maker(6).subjects()
    apart = []
    for room, members in maker.members:
        maker.add(room, members[2:], f"Homeroom - {room.last}")
        maker.add(room, members[2:5], f"Resource Reading - {room.last}")
        apart += [(room, members[:2])]
    for room, members in apart:
        maker.add(room, members, f"SDC {room.last}")
    best, *_ = suggest_rules(maker.roster())

    assert best.one == best.reachable
    assert {name.split()[0] for name in _kept_names(maker, best)} == {"Homeroom", "SDC"}


def test_one_word_takes_the_place_of_another_at_one_school() -> None:
    """Both words are used in the upper grades, each holds everybody at one school only: each is kept where it does."""

    def both(maker: Maker) -> None:
        for room, members in maker.members:
            whole = room.grade < 6 or room.school != 1
            maker.add(room, members if whole else members[4:], f"HR {room.last}")
            if room.grade >= 6:
                maker.add(room, members[4:] if whole else members, f"Advisory {room.last}")

    maker = Maker(7).subjects()
    both(maker)
    best, *_ = suggest_rules(maker.roster())

    assert best.one == best.reachable
    assert {name.split()[0] for name in _kept_names(maker, best)} == {"HR", "Advisory"}
    assert best.rules <= 3


def test_sections_are_not_dropped_by_number() -> None:
    """`Drop 001, 002 and 003` would keep the next section that is added; no suggestion drops so."""

    def numbered(room: Room) -> dict[str, str]:
        return {"section_name": f"Rice {2030 + room.grade}" if room.letter == "A" else f"Baylor {2030 + room.grade}"}

    maker = Maker(8).subjects()
    for place, row in enumerate(maker.sections):
        row["section_number"] = f"00{1 + place % 3}"
    maker.homerooms(numbered)

    for suggestion in suggest_rules(maker.roster()):
        drops = [rule for rule in suggestion.rule_set.rules if rule.do == "drop"]
        assert not any(condition.field == "section_number" for rule in drops for condition in rule.when)


def test_a_term_is_named_beside_what_it_is_and_said() -> None:
    """Only homerooms bear a term: the rule asks for their word too, and the explanation says how long it holds."""
    maker = Maker(9).subjects()
    for term in ("S1", "S2"):
        maker.homerooms(lambda room, term=term: {"section_name": f"Homeroom {room.last}", "term_name": term})  # type: ignore[misc]
    best, *_ = suggest_rules(maker.roster())
    (rule,) = best.rule_set.rules

    assert {condition.field for condition in rule.when} == {"section_name", "term_name"}
    (term,) = rule.when[1].values
    assert f'The rules name the term "{term}"' in best.explanation


def _one_room(count: int) -> Callable[[], Maker]:
    def made() -> Maker:
        maker = Maker(1, schools=1, rooms_a_grade=1, grades=(3,))
        room, members = maker.members[0]
        maker.students = maker.students[:count]
        maker.add(room, members[:count], "Homeroom")
        maker.add(room, members[:count], "Band")
        return maker

    return made


def test_one_of_everything_is_said_in_the_singular() -> None:
    """One student, one rule, one section: no plural where there is one."""
    best, *_ = suggest_rules(_one_room(1)().roster())

    assert best.explanation.startswith("1 of 1 student is in exactly one kept section")
    assert "1 kept section." in best.explanation
    assert "The only kept section has 1 student." in best.explanation
    assert "The district could type this rule into Clever." in best.explanation


def test_homerooms_that_only_lack_what_lessons_say() -> None:
    """`Grade 3 Kim` beside `Grade 3 Kim Math`: no word is the homerooms' own, so the lessons are dropped."""
    maker = Maker(4).homerooms(lambda room: {"section_name": f"Grade {room.grade} {room.last}"})
    for lesson in ("Math", "Reading", "Science", "Music", "PE"):
        maker.homerooms(lambda room, lesson=lesson: {"section_name": f"Grade {room.grade} {room.last} {lesson}"})  # type: ignore[misc]
    best, *_ = suggest_rules(maker.roster())

    assert best.one == best.reachable
    assert best.rules <= 2
    assert not any(name.endswith(("Math", "Reading", "Science", "Music", "PE")) for name in _kept_names(maker, best))


@pytest.mark.parametrize("terms", [("Fall 2026", "Spring 2027"), ("S1", "S2"), ("Q1", "Q2", "Q3", "Q4")])
def test_the_term_that_runs_comes_first_by_its_name(terms: tuple[str, ...]) -> None:
    """Terms without dates are told by what they are called: the roster is of November."""
    maker = Maker(10).subjects()
    maker.homerooms(lambda room: {"section_name": f"Homeroom {room.last}"} if room.grade < 6 else None)
    for term in terms:
        maker.homerooms(
            lambda room, term=term: (
                {"section_name": f"Advisory {room.last}", "term_name": term}  # type: ignore[misc]
                if room.grade >= 6
                else None
            )
        )
    best, *_ = suggest_rules(maker.roster())
    named = {value for rule in best.rule_set.rules for when in rule.when for value in when.values}

    assert best.one == best.reachable
    assert named & set(terms) == {terms[0] if len(terms) == 2 else terms[1]}


def test_a_short_word_is_found_beside_digits_and_underscores() -> None:
    """`HR_3A` beside `THREE`: a word by itself, in an expression that reads alike everywhere."""
    maker = Maker(11).homerooms(lambda room: {"section_name": f"*HR_{room.grade}{room.letter}_{room.last}"})
    for lesson in ("MATH", "READ", "ARTS"):
        maker.homerooms(lambda room, lesson=lesson: {"section_name": f"{lesson}_THREE_{room.last}"})  # type: ignore[misc]
    best, *_ = suggest_rules(maker.roster())

    assert best.one == best.reachable
    assert {name[:3] for name in _kept_names(maker, best)} == {"*HR"}
    assert 'finds "HR" as a word by itself.' in best.explanation


@pytest.mark.parametrize(("schools", "rooms", "others"), [(2, 2, 1), (3, 3, 1), (3, 3, 2), (1, 1, 2)])
@pytest.mark.parametrize("said", [True, False])
def test_no_list_of_chance_words_passes_for_a_name_filter(schools: int, rooms: int, others: int, said: bool) -> None:
    """Few sections a student with fancy names: words in order could nearly do it by chance, and are not called so."""
    maker = Maker(3, schools=schools, rooms_a_grade=rooms)
    kind = {"class_type": "homeroom"} if said else {}
    maker.homerooms(lambda room: {"section_name": fancy(room), **kind})
    for _ in range(others):
        maker.homerooms(lambda room: {"section_name": fancy(room)})
    best, *_ = suggest_rules(maker.roster())

    assert "No name filter can do it" in best.explanation
    assert ("No rule set found" in best.explanation) == (not said)


def test_only_what_nothing_can_do_is_said_to_be_out_of_reach() -> None:
    """Beside a best proposal that does it, the others are not told that nothing does."""
    maker = Maker(12, rooms_a_grade=3)
    for room, members in maker.members:
        for period, course in enumerate(("Math", "Reading", "Science", "Music"), 1):
            chosen = [member for member in members if maker.random.random() < 0.85]
            maker.add(room, chosen, f"{course} {room.grade} - {room.last} - {period}", period=str(period))
    best, *others = suggest_rules(maker.roster())

    assert best.one >= 0.99 * best.reachable
    assert others
    assert not any("No rule set found" in item.explanation for item in (best, *others))


def test_an_order_keeps_the_homerooms_and_fills_their_gaps() -> None:
    """One grade's homerooms are doubled and some children are in none: lessons alone would do it, and so do homerooms
    first; whoever has a homeroom to themselves is kept in it."""
    maker = Maker(14, rooms_a_grade=3)
    for room, members in maker.members:
        inside = [member for member in members if maker.random.random() < 0.97]
        name = "Advisory" if room.grade > 5 else "HR" if room.school == 0 else "HOMEROOM"
        for _ in range(2 if room.grade == 4 and room.school == 1 else 1):
            maker.add(room, inside, f"{name} {room.last if name == 'HOMEROOM' else room.grade}")
        maker.add(room, inside[:2], f"MTSS Homeroom Support {room.last}")
        for lesson, share in (("Science", 0.96), ("Music", 0.9), ("Art", 0.9)):
            chosen = [member for member in members if maker.random.random() < share]
            maker.add(room, chosen, f"{lesson} {room.grade}{room.letter} {room.last}", period="2")
    roster = maker.roster()
    best, *_ = suggest_rules(roster)
    coverage = evaluate(roster, best.rule_set)

    assert best.one >= 0.99 * best.reachable
    assert best.rules <= 6
    kept = roster.enrollments.section[coverage.kept]
    words = roster.sections["section_name"].str.split().str[0].iloc[kept]
    assert words.isin(["Advisory", "HR", "HOMEROOM"]).mean() > 0.8
