"""The README's first five minutes: each command prints what the page shows, except for numbers and times."""

from pages import first_minutes


def test_the_commands_of_the_readme_print_what_it_shows():
    _, section, _ = first_minutes.split(first_minutes.PAGE.read_text())
    now = first_minutes.run(section, hour_s=3, alarm_s=6)  # longer than on the page, as other tests run too
    hint = "update them with build/venv/bin/python tests/pages/first_minutes.py"
    assert first_minutes.masked(now) == first_minutes.masked(section), hint


def test_figures_do_not_count_and_words_do():
    masked = first_minutes.masked
    assert masked("up for 1 h 5 min, 12.3 kPa") == masked("up for 51 s, 8 kPa")
    assert masked("by Wed 09 Dec 2026, 17:09") == masked("by Thu 10 Dec 2026, 07:00")
    assert masked("alarm none") != masked("alarm occlusion")
