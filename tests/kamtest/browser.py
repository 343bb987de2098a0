# SPDX-License-Identifier: GPL-2.0-or-later
"""A headless Chromium on a page of ours."""

import os
import tempfile

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

SIZE = "1280,1500"


def _options(profile):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for word in ("--headless=new", "--disable-dev-shm-usage", "--disable-gpu",
                 "--window-size=" + SIZE, "--user-data-dir=" + profile,
                 "--disable-background-networking", "--no-first-run",
                 "--hide-scrollbars"):
        options.add_argument(word)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return options


class Browser:
    """open(url), then look by CSS selectors; complaints() is the console."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(
            prefix="kx-browser-", ignore_cleanup_errors=True)
        self.driver = webdriver.Chrome(
            service=Service("/usr/bin/chromedriver"),
            options=_options(self.profile.name))
        self.driver.set_page_load_timeout(120)
        self.driver.set_script_timeout(120)

    def close(self):
        self.driver.quit()
        self.profile.cleanup()

    def open(self, url):
        self.complaints()  # those of the former page
        self.driver.get(url)

    def complaints(self):
        """What came to the console since the last time."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        """Of every element; the page may change while it is read."""
        return self.script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".map(e => e.textContent)", selector)

    def script(self, text, *args):
        return self.driver.execute_script(text, *args)

    def click(self, selector):
        while True:
            try:
                return self.one(selector).click()
            except StaleElementReferenceException:
                pass  # drawn anew just then

    def write(self, selector, text):
        field = self.one(selector)
        field.clear()
        field.send_keys(text)

    def choose(self, selector, value):
        Select(self.one(selector)).select_by_value(value)

    def screenshot(self, path, height):
        """The page as it is, as tall as it wants to be up to a height."""
        width = int(SIZE.split(",")[0])
        self.driver.set_window_size(width, height)
        self.driver.save_screenshot(str(path))
