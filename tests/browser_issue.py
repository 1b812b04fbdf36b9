#!/usr/bin/env python3
"""Works through the bundles of issues in Chromium as an editor does, from the disk, without a network.

usage: browser_issue.py SCREENSHOT-FOLDER BUNDLE-FOLDER...

A bundle with `bulletin.html` is one of a bulletin, any other is one for the platform and must hold
two pieces and a picture. What is asked of the network, and every error that the console shows, is a
fault.
"""
import base64
import contextlib
import json
import pathlib
import re
import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
OWN = ("file:", "data:", "blob:", "about:")
WIDTHS = {"desk": 1280, "phone": 375}

WIDE = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAPER = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True, "printBackground": True}
SHADOW = "return document.getElementById('page').shadowRoot"
# A place to paste into, which keeps what the clipboard brought.
PASTE = """
const place = document.createElement('div');
place.id = 'pasted'; place.contentEditable = 'true'; place.style.position = 'fixed'; place.style.top = 0;
place.addEventListener('paste', (event) => {
  event.preventDefault();
  window.pasted = ['text/html', 'text/plain'].map((kind) => event.clipboardData.getData(kind));
});
document.body.append(place); place.focus(); window.pasted = null;
"""


@contextlib.contextmanager
def browser(downloads):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    behaviour = {"behavior": "allow", "downloadPath": downloads}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """A page of a bundle, open in the browser."""

    def __init__(self, driver, path):
        self.driver, self.address = driver, path.as_uri()
        driver.get(self.address)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def click(self, selector):
        element = self.one(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, what):
        return WebDriverWait(self.driver, 20).until(lambda _: what())

    def told(self):
        return self.one("#told").text

    def keys(self):
        return self.run("return [...document.querySelectorAll('.piece')].map((row) => row.dataset.key)")

    def pasted(self):
        """What the clipboard holds: HTML and plain text."""
        self.run(PASTE)
        for kind in ("rawKeyDown", "keyUp"):
            key = {"type": kind, "key": "v", "code": "KeyV", "modifiers": 2, "windowsVirtualKeyCode": 86}
            self.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {**key, "commands": ["paste"]})
        found = self.wait(lambda: self.run("return window.pasted"))
        self.run("document.getElementById('pasted').remove()")
        return found

    def printed(self, name, shots):
        """Prints to PDF and gives the number of pages."""
        pdf = base64.b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", PAPER)["data"])
        (shots / f"{name}.pdf").write_bytes(pdf)
        return len(re.findall(rb"/Type\s*/Page[^s]", pdf))


def resize(driver, kind):
    metrics = {"width": WIDTHS[kind], "height": 900, "deviceScaleFactor": 1, "mobile": kind == "phone"}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def shoot(driver, path):
    driver.execute_script("scrollTo(0, 0)")
    whole = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "format": "png"})
    path.write_bytes(base64.b64decode(whole["data"]))


def scheme(driver, name):
    features = [{"name": "prefers-color-scheme", "value": name}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def check_looks(page, name, shots):
    for kind in WIDTHS:
        resize(page.driver, kind)
        assert page.run(WIDE) <= 0, f"{name} sticks out sideways on a {kind}"
        for light in ("light", "dark"):
            scheme(page.driver, light)
            shoot(page.driver, shots / f"issue-{name}-{kind}-{light}.png")
    scheme(page.driver, "light")
    resize(page.driver, "desk")


def check_preview(page, data, shots):
    entries = page.all("#card .entry")
    assert len(entries) == len(data["articles"]), "the card shows every article"
    broken = "return [...document.images].filter((it) => it.complete && !it.naturalWidth).map((it) => it.src)"
    assert page.run(broken) == [], "covers show"
    page.click("#card .entry")
    root = page.run(SHADOW)
    assert root.find_element(By.CSS_SELECTOR, "h1").text == data["articles"][0]["title"]
    light = page.run("return getComputedStyle(document.getElementById('page')).backgroundColor")
    page.click("[data-theme=dark]")
    dark = page.run("return getComputedStyle(document.getElementById('page')).backgroundColor")
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(25, 25, 25)"), (light, dark)
    shoot(page.driver, shots / "issue-article-phone-dark.png")
    for name, width in (("desktop", 677), ("phone", 375)):
        page.click(f"button[data-width={name}]")
        found = page.one("#frame").size["width"]
        assert found == width, f"the {name} is {found} px wide"
        assert page.run(WIDE) <= 0, name
        shoot(page.driver, shots / f"issue-article-{name}.png")
    page.click("button[data-theme=light]")
    inside = "return [...document.getElementById('page').shadowRoot.querySelectorAll('img')]"
    page.wait(lambda: page.run(inside + ".every((it) => it.complete)"))
    assert page.run(inside + ".every((it) => it.naturalWidth)"), "pictures of articles show"


def check_copies(page, data):
    """All four buttons of the first article."""
    article = data["articles"][0]
    copy = "[data-tools='0'] [data-copy={}]".format
    page.click(copy("title"))
    assert page.pasted()[1] == article["title"]
    page.click(copy("body"))
    assert "已复制" in page.told(), page.told()
    html, text = page.pasted()
    for address in article["addresses"]:
        assert f'src="{address.replace("&", "&amp;")}"' in html, "the original address is copied"
    assert "style=" in html and "<" not in text and text.strip(), text
    page.click(copy("embedded"))
    html, text = page.pasted()
    held = page.run("return arguments[0].match(/src=\"[^\"]{0,30}/g) || []", html)
    assert any(source.startswith('src="data:image/') for source in held), held
    kept = set(article["addresses"])
    assert not any(address.replace("&", "&amp;") in html for address in kept), "each picture is in it"
    # Where the browser refuses both ways, the file to copy by hand is named.
    page.run("document.execCommand = () => false; navigator.clipboard.write = () => Promise.reject()")
    page.click(copy("body"))
    page.wait(lambda: article["file"] in page.told() and "Ctrl+A" in page.told())
    page.driver.refresh()


def check_jumps(page):
    for link in page.all(".jumps a"):
        page.run("arguments[0].scrollIntoView({block: 'center'})", link)
        link.click()
        target = link.get_attribute("href").split("#")[1]
        row = page.run("return document.querySelector(':target')")
        assert row.get_attribute("id") == target, "a jump leads to its piece"
        top, bar = row.rect["y"] - page.run("return scrollY"), page.one(".bar").size["height"]
        assert bar - 1 <= top < 900, f"{target} is seen below the bar: {top}"
    for button in page.all("[data-look]"):
        page.run("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()
        words = button.get_attribute("data-words")
        if words and not page.told():
            marked = page.run("return [...CSS.highlights.get('remark')].map(String)")
            assert marked == [words], marked


def check_counters(page):
    field = page.one("#issue-title")
    field.clear()
    field.send_keys("字" * 33)
    counter = page.one("[data-counts=issue-title]")
    assert counter.text == "33/32(64)" and "over" in counter.get_attribute("class")
    page.run("arguments[0].value = '😀'.repeat(65); arguments[0].dispatchEvent(new Event('input', {bubbles: true}))", field)
    assert counter.text == "65/32(64)" and "bad" in counter.get_attribute("class")
    field.clear()
    field.send_keys("改过的题目")
    assert counter.text == "5/32(64)"
    assert page.one("#stale").is_displayed(), "the preview is told to be the old one"


def drag(page, key, onto):
    """Takes a piece by its grip to just above another."""
    grip, other = page.one(f"#piece-{key} .grip"), page.one(f"#piece-{onto}")
    page.run("arguments[0].scrollIntoView({block: 'center'})", other)
    y = page.run("return arguments[0].getBoundingClientRect().top", other)
    start = page.run("return arguments[0].getBoundingClientRect().top", grip)
    chain = ActionChains(page.driver).click_and_hold(grip)
    chain.move_by_offset(0, int((y - start) / 2)).move_by_offset(0, int((y - start) / 2))
    chain.release().perform()


def check_edits(page, downloads, name, shots):
    """Order by drag, keyboard and button; title, summary, section, picture, drop; then the file."""
    before = page.keys()
    first, second, last = before[0], before[1], before[-1]
    drag(page, second, first)
    assert page.keys()[:2] == [second, first], page.keys()
    page.one(f"#piece-{second} .grip").send_keys(Keys.ARROW_DOWN)
    assert page.keys() == before, "the keyboard takes it back"
    page.click(f"#piece-{first} .down")
    assert page.keys()[:2] == [second, first]
    focused = page.run("return document.activeElement.closest('.piece').dataset.key")
    assert focused == first, "the focus stays with the piece"
    page.click(f"#piece-{last} .drop")
    page.click(f"#piece-{first} summary")
    title = page.one(f"#title-{first}")
    title.clear()
    title.send_keys("编辑改过的标题 </script>")
    page.one(f"#summary-{first}").send_keys(Keys.END + "　补一句。")
    page.click(f"#piece-{first} [data-field=picture]")
    names = [option.get_attribute("value") for option in page.all(f"#section-{first} option")]
    page.run(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))",
        page.one(f"#section-{first}"),
        names[-1],
    )
    shoot(page.driver, shots / f"issue-{name}-marked.png")
    marks = page.one(f"#piece-{first} .marks").text
    # An issue of one section has no other.
    moved = ["换栏"] if len(names) > 1 else []
    assert all(mark in marks for mark in ["改题", "改摘要", "改配图", *moved]), marks
    assert "不印" in page.one(f"#piece-{last} .marks").text
    page.click("#save")
    file = pathlib.Path(downloads) / "selection.json"
    page.wait(file.exists)
    edits = json.loads(file.read_text(encoding="utf-8"))
    data = page.run("return JSON.parse(document.getElementById('data').textContent)")
    assert {name: edits[name] for name in ("issue", "version", "content_sha256")} == {
        name: data[name] for name in ("issue", "version", "content_sha256")
    }
    assert edits["title"] == "改过的题目"
    pieces = {piece["key"]: piece for piece in edits["pieces"]}
    assert set(pieces) == set(before) and [piece["key"] for piece in edits["pieces"]] == page.keys()
    changed = pieces[first]
    assert changed["title"] == "编辑改过的标题 </script>" and changed["section"] == names[-1]
    assert changed["summary"].endswith("补一句。") and changed["picture"] is False
    assert pieces[last]["drop"] is True and pieces[second]["drop"] is False
    return edits


def check_kept(page, edits):
    """Edits outlive a reload, and can be thrown away."""
    page.driver.refresh()
    assert "已恢复" in page.told()
    assert page.keys() == [piece["key"] for piece in edits["pieces"]]
    page.one("#issue-note").send_keys("又改")
    asks = "const event = new Event('beforeunload', {cancelable: true}); dispatchEvent(event); return event.defaultPrevented"
    assert page.run(asks), "leaving with unsaved edits is warned of"
    page.click("[data-copy=command]")
    assert page.pasted()[1] == f"lianbo issue edit {edits['issue']} --from selection.json"
    page.click("#discard")
    page.driver.switch_to.alert.accept()
    assert page.one("#changes").text == "没有修改" and not page.one("#stale").is_displayed()
    assert not page.run(asks), "nothing to lose, nothing asked"


def check_logs(driver, name):
    faults = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    assert not faults, f"{name}: {faults}"
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            address = message["params"]["request"]["url"]
            assert address.startswith(OWN), f"{name} asks for {address}"


def check_bundle(driver, bundle, downloads, shots):
    is_bulletin = (bundle / "bulletin.html").exists()
    name = "bulletin" if is_bulletin else "review"
    resize(driver, "desk")
    page = Page(driver, bundle / "review.html")
    check_looks(page, name, shots)
    data = page.run("return JSON.parse(document.getElementById('data').textContent)")
    if not is_bulletin:
        check_preview(page, data, shots)
        check_copies(page, data)
    check_jumps(page)
    check_counters(page)
    shoot(driver, shots / f"issue-{name}-edited.png")
    check_kept(page, check_edits(page, downloads, name, shots))
    check_logs(driver, name)
    for path in ("approval.html", "bulletin.html"):
        if (bundle / path).exists():
            sheet = Page(driver, bundle / path)
            check_looks(sheet, f"{name}-{path.split('.')[0]}", shots)
            pages = sheet.printed(f"issue-{name}-{path.split('.')[0]}", shots)
            assert pages > 0, f"{path} has no page"
            check_logs(driver, path)


def main():
    shots, bundles = pathlib.Path(sys.argv[1]), [pathlib.Path(path) for path in sys.argv[2:]]
    if not bundles:
        sys.exit(__doc__)
    for bundle in bundles:
        with tempfile.TemporaryDirectory() as downloads, browser(downloads) as driver:
            check_bundle(driver, bundle.resolve(), downloads, shots)
    print(f"{len(bundles)} bundles worked through, without a network")


main()
