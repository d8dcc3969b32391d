"""Choosing a provider in a real browser: a referral and its weights, somebody without a referral, a
provider by link and click.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.steps import PAGE_MS, choose, pick_first_row, settled, shown_grid
from tests.warehouse import query

pytestmark = pytest.mark.e2e


def test_a_referral_is_opened_and_a_weight_moved_and_the_link_tells_no_patient(
    serve, page, sample_home
):
    page.goto(f"{serve(sample_home)}/referrals?employer=91002&procedure=27130")
    settled(page)
    pick_first_row(page, shown_grid(page, 0))
    expect(page.get_by_text("About", exact=True).first).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text(re.compile("in the network of 91002 · "))).to_have_count(5)
    page.get_by_text("What counts how much").click()
    distance = page.get_by_role("slider", name="Distance")
    distance.press("ArrowRight")
    expect(page).to_have_url(re.compile("w_distance=0.25"), timeout=PAGE_MS)
    assert set(re.findall(r"[?&](\w+)=", page.url)) == {"employer", "procedure", "w_distance"}


def test_somebody_without_a_referral_gets_candidates_and_stays_out_of_the_address(
    serve, page, sample_home
):
    page.goto(f"{serve(sample_home)}/referrals?for=anybody&employer=91002&procedure=27130")
    settled(page)
    page.get_by_label("Age", exact=True).fill("71")
    page.get_by_label("ZIP", exact=True).fill("00251")
    page.get_by_label("ZIP", exact=True).press("Enter")
    expect(
        page.get_by_text(re.compile("in the network of 91002, .* within 25 miles; the nearest is"))
    ).to_be_visible(timeout=PAGE_MS)
    assert set(re.findall(r"[?&](\w+)=", page.url)) == {"for", "employer", "procedure"}
    page.get_by_role("link", name="About").first.click()
    expect(page.get_by_role("heading", name="Providers")).to_be_visible(timeout=PAGE_MS)
    expect(page.get_by_text("were expected for these patients").first).to_be_visible(
        timeout=PAGE_MS
    )


def test_a_link_opens_a_provider_and_a_click_on_a_point_another(serve, page, sample_home):
    ((npi, name),) = query(
        sample_home,
        "select npi, provider_name from provider_scorecard join std_providers using (npi) "
        "order by encounter_count desc limit 1 offset 1",
    )
    page.goto(f"{serve(sample_home)}/providers?provider={npi}")
    settled(page)
    expect(page.get_by_text(f"{name} · {npi}", exact=False).first).to_be_visible(timeout=PAGE_MS)
    # the limits are drawn first, the providers last, that with the fewest encounters at the end
    page.locator(".scatterlayer .trace").last.locator(".points path").last.click(force=True)
    expect(page).not_to_have_url(re.compile(npi), timeout=PAGE_MS)
    expect(page).to_have_url(re.compile(r"provider=\d{10}$"))


def test_a_network_manager_sees_what_removing_a_provider_does(serve, page, sample_home):
    ((npi, name),) = query(
        sample_home,
        "select npi, provider_name from network_option join std_providers using (npi) "
        "where employer_id = '91001' group by npi order by sum(volume) desc limit 1",
    )
    page.goto(f"{serve(sample_home)}/networks")
    settled(page)
    expect(page.get_by_text(re.compile("In .* pairs of employer and procedure"))).to_be_visible(
        timeout=PAGE_MS
    )
    choose(page, "Employer", "Dunmarsh Foods · 91001")
    page.get_by_role("tab", name="What if").click()
    settled(page)
    choose(page, "Without", f"{name} · {npi}")
    expect(page).to_have_url(re.compile(f"without={npi}"), timeout=PAGE_MS)
    for start in ("Adverse events expected: ", "Cost: ", "Distance: of "):
        expect(page.get_by_text(re.compile(start)).first).to_be_visible(timeout=PAGE_MS)
    pick_first_row(page, shown_grid(page, 0))
    settled(page)
    with page.expect_download() as printed:
        page.get_by_role("button", name="Report to print").click()
    text = printed.value.path().read_text(encoding="utf-8")
    assert f"Dunmarsh Foods (91001) without {name} ({npi})" in text
    page.get_by_role("link", name="Show who performs it").click()
    expect(page.get_by_role("heading", name="Tables")).to_be_visible(timeout=PAGE_MS)
