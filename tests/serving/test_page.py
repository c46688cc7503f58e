"""The page in a real Chromium, against a real server on a free port."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

import penchant as pn
from penchant.records.data import Data
from penchant.serving.api import create_app

CHROMIUM = Path("/usr/bin/chromium")
ATTACK = "<img src=x onerror=\"document.title='taken'\">"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium: run scripts/install-test-tools.sh"),
]


@pytest.fixture(scope="module")
def address(shop: Data, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PENCHANT_CACHE", str(folder / "cache"))
        pn.fit(shop, size="tiny", encoder="hashing", epochs=2, num_positions=256).save(folder / "run")
    model = pn.load(folder / "run", frame="records")
    model._titles = dict.fromkeys(model._titles, ATTACK)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(model), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def test_a_like_changes_the_list_and_titles_stay_text(address: str) -> None:
    from playwright.sync_api import sync_playwright

    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        page = browser.new_page(locale="en-GB", viewport={"width": 360, "height": 800})
        page.goto(address)
        page.wait_for_selector("#list li .title")
        before = page.inner_text("#list")
        page.click("#list li:first-child .acts button")
        page.get_by_text("Noted.").wait_for()
        assert page.inner_text("#list") != before
        assert ATTACK in page.inner_text("#past")
        assert page.title() == "Penchant"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.click("#language")
        assert page.inner_text("button[type=submit]") == "推荐"
        page.fill("#words", "kitchen")
        page.click("button[type=submit]")
        page.wait_for_selector(".acts", state="detached")
        assert page.locator("#list li").count() == 10
        browser.close()
