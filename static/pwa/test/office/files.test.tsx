// Photos and files in the office, as a keyboard and a screen reader meet them.

import { type ComponentChild, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Photos } from "../../src/ui/office/files/photos.tsx";
import { PhotoViewer, view } from "../../src/ui/office/files/viewer.tsx";
import {
  bytesOf,
  heldShort,
  isPhoto,
  nameOf,
  standingOf,
  stillHeldWords,
  typeWord,
} from "../../src/ui/office/files/words.ts";
import { photosOf, photosUnder, subjectOf } from "../../src/ui/office/review/sheet-items.ts";
import { forgetAll, minute } from "../../src/ui/office/state.ts";
import { setLanguage } from "../../src/ui/words/index.ts";
import type { FindingRow, Photo, StillHeld } from "../../src/wire/types.ts";
import { detail, NOW, ZONE } from "./office.ts";

let root: HTMLElement;

beforeEach(() => {
  setLanguage("zh-CN");
  minute.value = NOW;
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  render(null, root);
  root.remove();
  forgetAll();
});

const show = (part: ComponentChild) => act(() => render(part, root));

function photo(id: string, more: Partial<Photo> = {}): Photo {
  return {
    id,
    version: 1,
    parent: "a",
    sha256: "ab".repeat(32),
    bytes: 300_000,
    media_type: "image/jpeg",
    name: `${id}.jpg`,
    received_at: "2026-11-18T06:10:00Z",
    device_name: "平板 03",
    announced_at: "2026-11-18T06:05:00Z",
    found_type: "image/jpeg",
    shown: true,
    ...more,
  };
}

const { received_at: _, found_type: __, ...announced } = photo("w");
const WAITING: Photo = { ...announced, waiting: true, shown: false };

const HELD: StillHeld = {
  device: "d",
  device_name: "平板 03",
  files: 2,
  bytes: 600_000,
  since: "2026-11-17T22:05:00Z",
};

test("a photo that has not arrived is told by its tablet and since when", async () => {
  expect(standingOf(WAITING, ZONE, NOW)?.words).toBe("还在平板 03 上，自 14:05");
  setLanguage("en");
  expect(standingOf(WAITING, ZONE, NOW)?.words).toBe("Still on 平板 03, since 14:05");
  const { device_name: ___, ...unknown } = WAITING;
  expect(standingOf(unknown, ZONE, NOW)?.words).toBe("Not received yet");
});

test("what is still on a tablet is counted, with the time of the first", () => {
  expect(stillHeldWords(HELD, ZONE, NOW)).toBe("2 张照片还在平板 03 上，自 06:05");
  expect(heldShort(HELD, ZONE, NOW)).toBe("差 2 张照片，自 06:05");
  setLanguage("en");
  expect(stillHeldWords({ ...HELD, files: 1 }, ZONE, NOW)).toBe(
    "1 photo still on 平板 03, since 06:05",
  );
});

test("only what the server found to be a sound picture is shown as one", async () => {
  const photos = [
    photo("good", { caption: "电源模块背面" }),
    photo("bad", { shown: false, fault: "polyglot" }),
    WAITING,
  ];
  await show(<Photos photos={photos} zone={ZONE} of={() => "PowerEdge R740"} />);
  const images = [...root.querySelectorAll("img")];
  expect(images.map((image) => image.getAttribute("src"))).toEqual([
    "/attachments/good/bytes?size=small",
  ]);
  expect(images[0]?.alt).toBe("电源模块背面");
  expect(root.textContent).toContain("里面藏有别的内容");
  expect(root.textContent).toContain("还在平板 03 上");
});

test("a faulty file is a download and nothing else; one that is not here is not even that", async () => {
  const faulty = photo("bad", { shown: false, fault: "active", found_type: "text/html" });
  await show(<Photos photos={[faulty, WAITING]} zone={ZONE} of={() => "PowerEdge R740"} />);
  const links = [...root.querySelectorAll("a")];
  expect(links.map((link) => [link.getAttribute("href"), link.hasAttribute("download")])).toEqual([
    ["/attachments/bad/bytes", true],
  ]);
  expect(root.querySelector("img")).toBeNull();
});

test("performance data stands in a row with what it is", async () => {
  const sheet = photo("cpu", {
    media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    found_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    name: "CPU 七天.xlsx",
    shown: false,
  });
  expect(isPhoto(sheet)).toBe(false);
  expect(typeWord(sheet)).toBe("表格");
  await show(<Photos photos={[sheet]} zone={ZONE} of={() => "PowerEdge R740"} />);
  const row = root.querySelector(".files li");
  expect(row?.textContent).toContain("CPU 七天.xlsx");
  expect(row?.textContent).toContain("300\u00a0kB");
  expect(row?.querySelector("a")?.getAttribute("aria-label")).toBe("下载原件：CPU 七天.xlsx");
});

test("kinds of files have a word each", () => {
  const words = (type: string) => typeWord(photo("x", { found_type: type }));
  expect(words("application/pdf")).toBe("PDF");
  expect(words("text/csv")).toBe("表格");
  expect(words("text/plain")).toBe("文本");
  expect(words("application/vnd.oasis.opendocument.spreadsheet")).toBe("表格");
  expect(words("application/zip")).toBe("压缩包");
  expect(words("video/mp4")).toBe("视频");
  expect(words("application/octet-stream")).toBe("文件");
});

test("a picture that does not load is told, and asked for again when somebody says so", async () => {
  await show(<Photos photos={[photo("a")]} zone={ZONE} of={() => "PowerEdge R740"} />);
  await act(() => {
    root.querySelector("img")?.dispatchEvent(new Event("error"));
  });
  expect(root.querySelector("img")).toBeNull();
  expect(root.textContent).toContain("图片没有载入");
  await act(() => root.querySelector("button")?.click());
  expect(root.querySelector("img")).not.toBeNull();
});

// --- The viewer ---

const press = (key: string) =>
  act(() => {
    const dialog = document.querySelector("dialog");
    dialog?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
const large = () => [...root.querySelectorAll(".picture img")].at(-1)?.getAttribute("src");

test("the viewer is gone through by keyboard and stops at its ends", async () => {
  const photos = [photo("a"), { ...WAITING }, photo("b", { caption: "铭牌" })];
  await show(<PhotoViewer />);
  await act(() => view(photos, photos[0], ZONE, () => "PowerEdge R740"));
  expect(large()).toBe("/attachments/a/bytes?size=large");
  expect(root.querySelector("dialog")?.getAttribute("aria-label")).toBe("照片 1 / 2");
  await press("ArrowRight");
  expect(large()).toBe("/attachments/b/bytes?size=large");
  expect([...root.querySelectorAll(".picture img")].at(-1)?.getAttribute("alt")).toBe("铭牌");
  await press("ArrowRight");
  expect(large()).toBe("/attachments/b/bytes?size=large");
  await press("Home");
  expect(large()).toBe("/attachments/a/bytes?size=large");
  await press(" ");
  expect(root.querySelector("dialog")).toBeNull();
});

test("the viewer opens at the photo that was pressed, and offers its original", async () => {
  const photos = [photo("a"), photo("b")];
  await show(
    <>
      <Photos photos={photos} zone={ZONE} of={() => "PowerEdge R740"} />
      <PhotoViewer />
    </>,
  );
  const buttons = root.querySelectorAll<HTMLButtonElement>(".frame button");
  expect(buttons[1]?.getAttribute("aria-label")).toBe("看大图：b.jpg");
  await act(() => buttons[1]?.click());
  expect(large()).toBe("/attachments/b/bytes?size=large");
  const link = root.querySelector<HTMLAnchorElement>("dialog a");
  expect(link?.getAttribute("href")).toBe(bytesOf(photo("b")));
});

test("the viewer names the device, when it was taken, and where if that is told", async () => {
  const place = { latitude: 22.27, longitude: 113.57, taken: "2026-11-18T14:02:11+08:00" };
  const plate = photo("a", { caption: "铭牌", taken_at: "2026-11-18T06:02:11Z", place });
  await show(<PhotoViewer />);
  await act(() => view([plate, photo("b")], plate, ZONE, () => "PowerEdge R740 · SF-0100"));
  const about = () => root.querySelector(".about")?.textContent ?? "";
  for (const said of ["PowerEdge R740 · SF-0100", "铭牌", "14:02", "22.27000，113.57000"]) {
    expect(about()).toContain(said);
  }
  await press("ArrowRight");
  expect(about()).toContain("PowerEdge R740");
  expect(about()).not.toContain("拍摄位置");
});

test("a photo of a result says which device, its tag, which item or finding, when and by whom", async () => {
  const finding = { id: "f", text: "风扇异响" } as FindingRow;
  const one = detail("a", { codes: ["7K4M2P9D6"], findings: [finding] });
  const [at, who] = [{ taken_at: "2026-11-18T06:02:11Z" }, { person_name: "梁志豪" }];
  const photos = [
    photo("x", { item: "psu", ...at, ...who }),
    photo("y", { parent: "f", ...at, ...who }),
  ];
  await show(<PhotoViewer />);
  await act(() => view(photos, photos[0], ZONE, subjectOf(one)));
  const about = () => root.querySelector(".about")?.textContent ?? "";
  for (const said of [
    one.row.asset_name ?? "",
    "标签 7K4M-2P9D-6",
    "电源模块冗余",
    "14:02",
    "梁志豪",
  ]) {
    expect(about()).toContain(said);
  }
  await press("ArrowRight");
  expect(about()).toContain("风扇异响");
  await act(() => setLanguage("en"));
  expect(about()).toContain("Tag 7K4M-2P9D-6");
});

test("nothing is viewed where nothing may be shown", async () => {
  await show(<PhotoViewer />);
  await act(() => view([WAITING], WAITING, ZONE, () => ""));
  expect(root.querySelector("dialog")).toBeNull();
});

// --- Where photos belong ---

test("photos of a finding are not those of the inspection", () => {
  const own = photo("own", { item: "psu" });
  const whole = photo("whole");
  const other = photo("other", { parent: "finding" });
  const one = detail("a", { photos: [own, whole, other] });
  expect(photosOf(one, "psu")).toEqual([own]);
  expect(photosOf(one, "")).toEqual([whole]);
  expect(photosUnder(one, "finding")).toEqual([other]);
});

test("a photo is named by its caption, else by its file", () => {
  expect(nameOf(photo("a", { caption: "铭牌" }))).toBe("铭牌");
  expect(nameOf(photo("a"))).toBe("a.jpg");
  expect(nameOf(photo("a", { name: "" }))).toBe("照片");
});
