"""A page of the local Slack server in a real browser, for looking at."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@contextmanager
def page(chromium: str, url: str, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """An open page that talks to nobody but the local server."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        try:
            view = browser.new_page(viewport={"width": width, "height": height})
            view.route(lambda asked: not asked.startswith(url), lambda route: route.abort())
            view.goto(url)
            yield view
        finally:
            browser.close()


def open_thread(view: Page, url: str, channel: str, ts: str, root: str) -> None:
    """Shows a thread beside its channel, wide enough to read."""
    view.goto(f"{url}/archives/{channel}/p{ts.replace('.', '')}?thread_ts={root}&cid={channel}")
    view.locator(f'.thread-pane .msg[data-ts="{ts}"]').wait_for()
    view.locator(".highlighted").first.wait_for(state="detached")
    view.add_style_tag(content=".thread-pane { width: 620px !important }")


def picture(view: Page, folder: Path, name: str) -> Path:
    """A screenshot, for the eye of whoever looks at what a test did."""
    path = folder / f"{name}.png"
    view.screenshot(path=path)
    return path
