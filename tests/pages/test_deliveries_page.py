"""The page of deliveries without a browser: one delivery in full, its undo, and the senders."""

from tests.pages.screen import link, metrics, page_text
from tests.warehouse import query


def test_the_newest_delivery_is_in_full_and_its_tiles_sum_to_the_rows_that_came(
    open_page, sample_home
):
    app = open_page("deliveries", sample_home)
    assert not app.exception
    tiles = {label: int(value.replace(",", "")) for label, value in metrics(app).items()}
    received = tiles.pop("Received")
    assert sum(tiles.values()) == received
    ((waiting,),) = query(sample_home, "select sum(quarantined) from ledger")
    assert tiles["Waiting"] == waiting
    assert "Undoing takes out" in page_text(app)


def test_any_load_of_a_delivery_opens_it_and_an_unknown_one_says_so(open_page, sample_home):
    app = open_page("deliveries", sample_home, delivery="L00003")
    assert link(app)["delivery"] == ["L00001"] and not app.warning
    app = open_page("deliveries", sample_home, delivery="L99999")
    assert "L99999" in app.warning[0].value


def test_undoing_a_delivery_takes_every_file_of_it_back(open_page, own_sample_home):
    app = open_page("deliveries", own_sample_home)
    app.button(key="undo_delivery").click().run()
    assert not app.exception
    states = query(own_sample_home, "select distinct status from ops_loads")
    assert states == [("undone",)]
    text = page_text(app)
    assert "The whole delivery was taken back." in text
    assert "No build has taken the rows out yet: nothing in the tables changes." in text
    app.button(key="redo_delivery").click().run()
    assert not app.exception
    states = query(own_sample_home, "select distinct status from ops_loads")
    assert states == [("loaded",)]
    assert "6 files brought back" in page_text(app)


def test_a_delivery_offers_a_reply_for_each_file_of_which_something_was_wrong(
    open_page, sample_home
):
    app = open_page("deliveries", sample_home)
    replies = {each.label: each.disabled for each in app.get("download_button")}
    waiting = dict(query(sample_home, "select load_id, quarantined from ledger where quarantined"))
    assert len(replies) == len(waiting) == 4
    for load_id, rows in waiting.items():
        verb = "row that waits" if rows == 1 else "rows that wait"
        ((entity,),) = query(sample_home, "select entity from ops_loads where load_id = ?", load_id)
        assert replies[f"Reply to {load_id}: {rows} {verb}"] == (entity == "employer_networks")


def test_a_sender_stands_in_the_address_by_a_load_and_not_by_its_file(open_page, sample_home):
    app = open_page("deliveries", sample_home, seen="Senders", sender="L00003")
    assert not app.exception
    assert link(app)["sender"] == ["L00003"]
    assert "fewer than 3 days" in page_text(app)
    assert any("encounters" in each.value for each in app.subheader)


def test_an_empty_home_says_where_to_begin(open_page, empty_home):
    app = open_page("deliveries", empty_home)
    assert not app.exception and "Nothing is loaded yet" in page_text(app)
