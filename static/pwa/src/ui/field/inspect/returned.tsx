// What the office sent back: every remark on top, each with the way to its item.

import { Icon } from "../../kit/icons.tsx";
import { StateWord } from "../../kit/state.tsx";
import { instant } from "../../words/format.ts";
import { jumpTo, useHere } from "./context.ts";
import { titleAt } from "./say.ts";
import { after, t } from "./words.ts";

export function Returned() {
  const { sheet, now } = useHere();
  const { remarks, inspection, zone } = sheet;
  if (sheet.state !== "returned") return null;
  const review = inspection?.review;
  return (
    <section class="sentback" aria-label={t("state.returned")}>
      <div class="row">
        <StateWord icon="returned" tone="warn" size={24}>
          {remarks.length > 0 ? t("remark.title", { n: remarks.length }) : t("state.returned")}
        </StateWord>
        {review && (
          <span class="note end">
            {t("remark.by", { name: review.reviewer_name, time: instant(review.at, zone, now) })}
          </span>
        )}
      </div>
      <ul>
        {remarks.map((remark) => {
          const path = remark.item ?? "";
          const title = path === "" ? t("remark.whole") : titleAt(sheet, path);
          if (path === "") {
            return (
              <li key={remark.id}>
                <p>{after(title, remark.text)}</p>
              </li>
            );
          }
          return (
            <li key={remark.id}>
              <button type="button" class="lr" onClick={() => jumpTo(path)}>
                <span class="grow">
                  <b>{title}</b>
                  <span class="text">{remark.text}</span>
                </span>
                <span class="go">{t("remark.go")}</span>
                <Icon name="right" size={20} />
              </button>
            </li>
          );
        })}
      </ul>
      <p class="note">{t("remark.again")}</p>
    </section>
  );
}
