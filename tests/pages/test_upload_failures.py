"""A failure is the state of one file: the others stay, and it can be taken out."""

from streamlit import config

from pages.upload import evidence
from pipeline.services.upload import joint_judgement, tray
from tests.pages.screen import page_text


def drop_two(open_page, home):
    """The page with a sound and a hostile file in the tray."""
    app = open_page("upload", home)
    for name, row in (("good.csv", "1000001,male,1950-01-02"), ("bad.csv", "2,Planted Name,x")):
        data = f"patient_id,gender,birth_date\n{row}\n"
        app.file_uploader[0].upload(name, data.encode(), "text/csv").run()
    return app


def take_out(app, name):
    return next(
        button.click().run()
        for button in app.button
        if (button.key or "").startswith("take_out_") and button.label == name
    )


def test_a_defect_at_one_card_is_told_there_in_words_of_ours(open_page, empty_home, monkeypatch):
    draw = evidence.show_summary

    def fails_on_one(readings, account, *rest):
        if account.total == 2:
            raise KeyError("Planted Name")
        draw(readings, account, *rest)

    config._set_option("client.showErrorDetails", "type", "tests")
    monkeypatch.setattr(evidence, "show_summary", fails_on_one)
    app = open_page("upload", empty_home)
    for name, rows in (("good.csv", 2), ("bad.csv", 1)):
        data = "encounter_id\n" + "ABC\n" * rows
        app.file_uploader[0].upload(name, data.encode(), "text/csv").run()
    assert not app.exception and "Planted" not in page_text(app) + app.error[0].value
    assert "a defect of the program stopped this part of the page" in app.error[0].value
    assert app.button(key="load_files").label == "Load 2 files"
    assert "3 lines: 1 header + 2 rows." in page_text(app)
    app = take_out(app, "bad.csv")
    assert not app.error and app.button(key="load_files").label == "Load 1 file"


def test_a_file_on_which_the_rules_fail_hides_no_other_and_can_be_taken_out(
    open_page, own_sample_home, monkeypatch
):
    judge = joint_judgement._judged

    def fails_on_one(connection, settings, files, *rest):
        if any(taken.waits.name == "bad.csv" for taken in files):
            raise ValueError("malformed JSON near Planted Name")
        return judge(connection, settings, files, *rest)

    monkeypatch.setattr(joint_judgement, "_judged", fails_on_one)
    app = drop_two(open_page, own_sample_home)
    assert not app.exception and "Planted" not in page_text(app)
    assert app.button(key="load_files").label == "Load 1 file"
    assert "cannot be loaded: the rules cannot judge it (ValueError)" in app.error[0].value
    app = take_out(app, "bad.csv")
    assert not app.error and app.button(key="load_files").label == "Load 1 file"


def test_a_file_on_which_the_reader_stumbles_hides_no_other_and_can_be_taken_out(
    open_page, own_sample_home, monkeypatch
):
    read = tray.preview.preview

    def fails_on_one(delivery, **options):
        if delivery.name == "bad.csv":
            raise RuntimeError("Planted Name")
        return read(delivery, **options)

    monkeypatch.setattr(tray.preview, "preview", fails_on_one)
    app = drop_two(open_page, own_sample_home)
    assert not app.exception and "Planted" not in page_text(app)
    assert app.button(key="load_files").label == "Load 1 file"
    app = take_out(app, "bad.csv")
    assert not app.error and app.button(key="load_files").label == "Load 1 file"
