"""What must hold of every screen, looked for in the page itself. Rule: what is seen counts.

Nothing wider than the screen, a name for everything that can be reached, targets as large as the
density asks, words in the language that was chosen.
"""

import re
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.browser.company import Company
from tests.browser.patience import settled

# Sizes in CSS pixels. Field: gloves and one hand. Office: a mouse, where WCAG 2.2 (2.5.8) asks for
# 24, or for so much room: no other target within 12 px of a small one's middle.
FIELD_TARGET_MIN, FIELD_ACTION_MIN = 44, 56
OFFICE_TARGET_MIN, OFFICE_ACTION_MIN = 24, 32
LOOK = """
() => {
  const [ROOM, LARGE] = [12, 56]
  const REACHED = "a[href], button, input, select, textarea, summary, [role=radio], [role=checkbox]"
  const words = (element) => {
    if (element.nodeType === Node.TEXT_NODE) return element.data
    if (element.getAttribute?.("aria-hidden") === "true") return ""
    const label = element.getAttribute?.("aria-label") ?? element.getAttribute?.("alt")
    return label ?? [...element.childNodes].map(words).join(" ")
  }
  const named = (element) => {
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean)
    const labels = [...ids.map((id) => document.getElementById(id)), ...(element.labels ?? [])]
    return [words(element), ...labels.map((one) => one && words(one))].join("").trim() !== ""
  }
  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
  // What a finger meets: an input's label or box, and whatever a link lays over its surroundings.
  const target = (element) => {
    const label = element.tagName === "INPUT" && element.closest("label")
    const box = (label || element.closest(".in") || element).getBoundingClientRect()
    const laid = getComputedStyle(element, "::after")
    const by = (side) => (laid.position === "absolute" ? Math.max(0, -parseFloat(laid[side])) : 0)
    const [x, y] = [box.x - by("left"), box.y - by("top")]
    return new DOMRect(x, y, box.right + by("right") - x, box.bottom + by("bottom") - y)
  }
  const scroller = (element) => {
    let at = element
    while (at && !/auto|scroll/.test(getComputedStyle(at).overflowY)
      && !/fixed|sticky/.test(getComputedStyle(at).position)) at = at.parentElement
    return at
  }
  // A link within a sentence is as high as its line (WCAG 2.2, 2.5.8, "inline").
  const isInline = (element) =>
    element.tagName === "A" && getComputedStyle(element).display === "inline"
  const isClipped = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement) {
      if (getComputedStyle(at).overflowX !== "visible" && at !== document.body) return true
    }
    return false
  }
  const tell = (element) => element.outerHTML.slice(0, 160)
  const all = [...document.body.querySelectorAll("*")].filter(shown)
  const reached = all.filter((element) => element.matches(REACHED) && !element.disabled)
  const met = reached.filter((element) => !isInline(element))
    .map((element) => ({ element, box: target(element) }))
  const { scrollWidth } = document.documentElement
  const texts = []
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const { parentElement, data } = walk.currentNode
    if (data.trim() !== "" && shown(parentElement)) texts.push(data.trim())
  }
  for (const element of all) {
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
      const text = element.getAttribute(name)
      if (text) texts.push(text.trim())
    }
  }
  return {
    wide: [
      ...(scrollWidth > innerWidth ? [`the page is ${scrollWidth} wide`] : []),
      ...all.filter((element) => {
        const { right, width } = element.getBoundingClientRect()
        return width > 0 && right > innerWidth + 1 && !isClipped(element)
      }).map(tell),
    ],
    nameless: reached.filter((element) => !named(element)).map(tell),
    targets: met.map(({ element, box: { x, y, width, height } }) => {
      const [across, down] = [x + width / 2, y + height / 2]
      const gap = ({ left, right, top, bottom }) => Math.hypot(
        Math.max(left - across, across - right, 0), Math.max(top - down, down - bottom, 0))
      const isNear = ({ element: other, box }) => gap(box) < ROOM
        && !element.contains(other) && !other.contains(element)
        && scroller(other) === scroller(element)
      // Only what is small is asked for its room.
      const isLarge = width >= LARGE && height >= LARGE
      const hasRoom = isLarge || (width >= ROOM && !met.some(isNear))
      const isAction = element.matches(".btn:not(.txt), .lr, .seg > *, .opt, .rail a, .tabs a")
      return { width, height, hasRoom, isAction, told: tell(element) }
    }),
    texts,
  }
}
"""
KEY = re.compile(r"^[a-z][A-Za-z]+(\.[a-z][A-Za-z-]+)+$")
CHINESE = re.compile(r"[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]+")
WORDS = Path(__file__).parents[2] / "static" / "pwa" / "src" / "ui" / "words" / "zh"
# Names of languages stand in their own.
OWN_NAMES = {"中文", "简体中文"}


def chinese_words() -> re.Pattern[str]:
    """Match any phrase of the app's own Chinese, whatever stands in its places."""
    found: set[str] = set()
    for path in WORDS.glob("*.ts"):
        found.update(re.findall(r'":\s*"((?:[^"\\]|\\.)*)"', path.read_text("utf-8")))
    # One that is mostly places and marks would match anybody's sentence.
    phrases = [phrase for phrase in found if len(re.findall(r"[\u3400-\u9fff]", phrase)) > 1]
    assert phrases, "no words of the app found"
    patterns = [re.sub(r"\\{\w+\\}", ".+", re.escape(phrase)) for phrase in phrases]
    return re.compile("|".join(sorted(patterns)))


class Audit:
    """Looks at screens of one face; `faults` gathers what does not hold."""

    def __init__(self, page: Page, company: Company, *, is_office: bool = False) -> None:
        self.page = page
        self.faults: list[str] = []
        self._data = company.words()
        self._values = set(self._data.split("\n"))
        self._words = chinese_words()
        self._foreign: dict[str, bool] = {}
        self._target_min = OFFICE_TARGET_MIN if is_office else FIELD_TARGET_MIN
        self._action_min = OFFICE_ACTION_MIN if is_office else FIELD_ACTION_MIN

    async def look(self, name: str, language: str) -> None:
        """Look at what is on the screen, once nothing of it is still coming."""
        await settled(self.page)
        seen: dict[str, Any] = await self.page.evaluate(LOOK)
        found = [f"wide: {told}" for told in seen["wide"]]
        found += [f"no name: {told}" for told in seen["nameless"]]
        found += [f"too small: {told}" for told in map(self._small, seen["targets"]) if told]
        found += [f"untranslated: {text}" for text in seen["texts"] if KEY.match(text)]
        if language == "en":
            texts = dict.fromkeys(seen["texts"])
            found += [f"not English: {text}" for text in texts if self._is_foreign(text)]
        self.faults += [f"{name}: {fault}" for fault in found]

    def _small(self, target: dict[str, Any]) -> str:
        width, height = float(target["width"]), float(target["height"])
        least = self._action_min if target["isAction"] else self._target_min
        is_apart = self._target_min == OFFICE_TARGET_MIN and target["hasRoom"]
        is_high = height >= least - 0.5 and width >= self._target_min - 0.5
        if is_high or (is_apart and not target["isAction"]):
            return ""
        return f"{width:.0f} × {height:.0f} under {least}: {target['told']}"

    def _is_foreign(self, text: str) -> bool:
        """Chinese that is neither somebody's data nor a language's own name."""
        if text not in self._foreign:
            self._foreign[text] = self._is_chinese_of_ours(text)
        return self._foreign[text]

    def _is_chinese_of_ours(self, text: str) -> bool:
        parts = CHINESE.findall(text)
        if not parts or text in OWN_NAMES or text in self._values:
            return False
        return bool(self._words.fullmatch(text)) or any(part not in self._data for part in parts)
