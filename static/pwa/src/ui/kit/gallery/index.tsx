// The kit's show-case, for development only: /gallery?page=…&language=…&theme=…&density=…
// Rule: every part of the kit stands on one of its pages, with invented content.

import { setLanguage } from "../../words/index.ts";
import { address } from "../address.ts";
import { setTheme } from "../theme.ts";
import { Checklist } from "./checklist.tsx";
import { OfficePage } from "./office.tsx";
import { Parts } from "./parts.tsx";
import { Points } from "./points.tsx";
import { Scan } from "./scan.tsx";
import { Today } from "./today.tsx";

const PAGES = {
  parts: Parts,
  today: Today,
  checklist: Checklist,
  points: Points,
  scan: Scan,
  office: OfficePage,
};

const { query } = address.peek();
const wanted = query.get("page") ?? "parts";
setLanguage(query.get("language") === "en" ? "en" : "zh-CN");
setTheme(query.get("theme") === "dark" ? "dark" : "light");

export default function Gallery() {
  const isOffice = wanted === "office" || query.get("density") === "office";
  document.documentElement.dataset.density = isOffice ? "office" : "field";
  const Page = wanted in PAGES ? PAGES[wanted as keyof typeof PAGES] : Parts;
  return <Page />;
}
