#!/usr/bin/env python3
"""Opens every kind of page of a running demo in Chromium, as wide as a desk and as a phone.

usage: browser.py PUBLIC-ADDRESS STATUS-ADDRESS SCREENSHOT-FOLDER

Nothing may stick out sideways, be written in a size that nobody reads, or lead nowhere within the
site; every page says its language, has a title and one main heading.
"""
import pathlib
import sys
import urllib.error
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PUBLIC, STATUS, SHOTS = sys.argv[1].rstrip("/"), sys.argv[2], pathlib.Path(sys.argv[3])
WIDTHS = {"desk": 1280, "phone": 390}
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP *.test 127.0.0.1:9",
]

PROBE = """
const all = [...document.body.querySelectorAll('*')];
const words = all.filter(e => [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim()));
return {
  title: document.title,
  lang: document.documentElement.lang,
  headings: document.querySelectorAll('h1').length,
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  small: words.filter(e => parseFloat(getComputedStyle(e).fontSize) < 11).map(e => e.outerHTML.slice(0, 80)),
  links: [...document.querySelectorAll('a[href], link[href]')].map(a => a.href),
  text: document.body.innerText,
};
"""


def browser():
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for flag in FLAGS:
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def status_of(address):
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def main():
    driver = browser()
    seen, faults = {}, []
    try:
        driver.set_page_load_timeout(60)
        driver.get(PUBLIC + "/")
        links = driver.execute_script(PROBE)["links"]
        item = next(link for link in links if "/items/" in link)
        feed = next(link for link in links if link.endswith(".html") and "/feeds/" in link)
        pages = {
            "index": PUBLIC + "/",
            "feed": feed,
            "item": item,
            "search": PUBLIC + "/search?q=%E5%95%86%E4%BC%9A&site=sheng",
            "missing": PUBLIC + "/items/nobody/nothing",
            "status": STATUS,
        }
        for name, address in pages.items():
            for kind, width in WIDTHS.items():
                # A window is never narrower than a desk allows; the metrics of a phone are set.
                driver.execute_cdp_cmd(
                    "Emulation.setDeviceMetricsOverride",
                    {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": kind == "phone"},
                )
                driver.get(address)
                found = driver.execute_script(PROBE)
                where = f"{name} on a {kind}"
                if found["wide"] > 0:
                    faults.append(f"{where} sticks out by {found['wide']} px")
                if found["small"]:
                    faults.append(f"{where} has words that are too small: {found['small'][:3]}")
                if found["lang"] != "zh-CN" or not found["title"].strip():
                    faults.append(f"{where} has language `{found['lang']}`, title `{found['title']}`")
                if found["headings"] != 1:
                    faults.append(f"{where} has {found['headings']} main headings")
                if "\ufffd" in found["text"] or "undefined" in found["text"]:
                    faults.append(f"{where} shows what it should not")
                driver.save_screenshot(str(SHOTS / f"{name}-{kind}.png"))
                for link in found["links"]:
                    link = link.split("#")[0]
                    if link.startswith(PUBLIC) and link != address:
                        seen.setdefault(link, where)
    finally:
        driver.quit()
    for link, where in seen.items():
        status = status_of(link)
        if status != 200:
            faults.append(f"{where} leads to {link}, which answers {status}")
    assert len(seen) > 20, f"only {len(seen)} links were found"
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(pages)} kinds of pages at {len(WIDTHS)} widths, {len(seen)} links lead somewhere")


main()
