# SPDX-License-Identifier: BSD-2-Clause
"""A Chromium without a window, which opens a page, clicks and types.

It speaks the DevTools protocol over a pipe: JSON texts with a NUL behind each.
"""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "chrome", "google-chrome")
PATIENCE = 120  # seconds for an answer


def find():
    """The path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """A browser with one page; what it complains of is in `complaints`."""

    def __init__(self):
        self.profile = tempfile.TemporaryDirectory()
        to_child, self.to = os.pipe()
        self.of, from_child = os.pipe()

        def pipes():  # Chromium reads from 3 and writes to 4
            low, high = os.dup(to_child), os.dup(from_child)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.process = subprocess.Popen(
            [find(), "--headless", "--no-sandbox", "--disable-gpu",
             "--hide-scrollbars", "--remote-debugging-pipe",
             "--no-first-run", "--disable-background-networking",
             f"--user-data-dir={self.profile.name}", "about:blank"],
            preexec_fn=pipes, pass_fds=(3, 4, to_child, from_child),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_child)
        os.close(from_child)
        self.bytes, self.count, self.session = b"", 0, None
        self.complaints, self.events = [], []
        target = self.ask("Target.createTarget", url="about:blank")
        self.session = self.ask("Target.attachToTarget", flatten=True,
                                targetId=target["targetId"])["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.session = None
            self.ask("Browser.close")
        except (OSError, EOFError, TimeoutError):
            self.process.kill()
        self.process.wait(timeout=30)
        os.close(self.to)
        os.close(self.of)
        self.profile.cleanup()

    def message(self, deadline):
        """The next text that the browser says."""
        while b"\0" not in self.bytes:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([self.of], [], [], left)[0]:
                raise TimeoutError("the browser says nothing")
            piece = os.read(self.of, 1 << 20)
            if not piece:
                raise EOFError("the browser is gone")
            self.bytes += piece
        text, self.bytes = self.bytes.split(b"\0", 1)
        said = json.loads(text)
        self.note(said)
        return said

    def note(self, said):
        method, params = said.get("method"), said.get("params", {})
        self.events.append(method)
        if method == "Runtime.exceptionThrown":
            self.complaints.append(params["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(params)
        elif method == "Log.entryAdded":
            self.complaints.append(params["entry"])
        elif method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith(("file:", "about:", "data:")):
                self.complaints.append(url)

    def ask(self, method, **params):
        """One command and its answer."""
        self.count += 1
        command = {"id": self.count, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.to, json.dumps(command).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while True:
            said = self.message(deadline)
            if said.get("id") == self.count:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']}")
                return said["result"]

    def look(self, width=1280, height=900, dark=False, media=""):
        """How large the window is, and what the page is to be shown on."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width,
                 height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}])

    def open(self, path):
        self.events.clear()
        self.ask("Page.navigate",
                 url=pathlib.Path(path).resolve().as_uri())
        deadline = time.monotonic() + PATIENCE
        while "Page.loadEventFired" not in self.events:
            self.message(deadline)

    def value(self, expression):
        """What JavaScript makes of an expression; a promise is waited for."""
        answer = self.ask("Runtime.evaluate", expression=expression,
                          returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def worked(self):
        """Milliseconds that the page's thread has been at work."""
        self.ask("Performance.enable", timeDomain="threadTicks")
        told = self.ask("Performance.getMetrics")["metrics"]
        return 1000 * next(metric["value"] for metric in told
                           if metric["name"] == "TaskDuration")

    def click(self, selector):
        """Where a person would: in the middle of what is to be seen."""
        box = self.value(f"""(() => {{
            const what = document.querySelector({json.dumps(selector)});
            what.scrollIntoView({{ block: "center" }});
            const box = what.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=box[0],
                     y=box[1], button="left", clickCount=1)

    def type(self, text):
        for letter in text:
            self.ask("Input.dispatchKeyEvent", type="keyDown", text=letter,
                     key=letter)
            self.ask("Input.dispatchKeyEvent", type="keyUp", key=letter)

    def press(self, key):
        """A key that is no letter: "ArrowDown"."""
        codes = {"Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40,
                 "ArrowLeft": 37, "ArrowRight": 39}
        text = {"text": "\r"} if key == "Enter" else {}
        for kind, more in (("keyDown", text), ("keyUp", {})):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key,
                     windowsVirtualKeyCode=codes[key], **more)

    def screenshot(self, path, whole=False, clip=None):
        params = {"captureBeyondViewport": bool(whole or clip)}
        if clip:
            params["clip"] = dict(zip(("x", "y", "width", "height"), clip),
                                  scale=1)
        data = self.ask("Page.captureScreenshot", format="png", **params)
        pathlib.Path(path).write_bytes(base64.b64decode(data["data"]))

    def paper(self, path):
        """The page as it is printed, a PDF."""
        data = self.ask("Page.printToPDF", printBackground=True)
        pathlib.Path(path).write_bytes(base64.b64decode(data["data"]))
