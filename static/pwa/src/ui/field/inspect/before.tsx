// The last inspection of this asset: when, by whom, what was abnormal, which findings are still open.
// Rule: opened in place from the head; it is all on the device.

import { Icon } from "../../kit/icons.tsx";
import { SectionHeader } from "../../kit/layout.tsx";
import { StateWord } from "../../kit/state.tsx";
import { figure } from "../../words/format.ts";
import { useHere } from "./context.ts";
import { locate, partsOf } from "./form.ts";
import { lastDay, valueWords } from "./say.ts";
import { said, t } from "./words.ts";

type ButtonProps = { isOpen: boolean; onToggle: () => void };

/** In the head: the day of the last visit, and how many findings are open. */
export function LastButton({ isOpen, onToggle }: ButtonProps) {
  const { sheet, now } = useHere();
  const { last, zone } = sheet;
  const n = sheet.openFindings.length;
  if (last === undefined && n === 0 && sheet.state === "accepted") return null;
  return (
    <button
      type="button"
      class="btn hist"
      aria-expanded={isOpen}
      aria-label={t(last ? "head.history" : "before.findings")}
      disabled={last === undefined && n === 0}
      onClick={onToggle}
    >
      <Icon name="history" size={22} />
      <span>
        {last && t("head.lastDay", { day: lastDay(last, zone, now) })}
        {last === undefined && sheet.state !== "accepted" && t("head.never")}
        {n > 0 && <small>{t("head.findings", { n })}</small>}
      </span>
      {n > 0 && <i class="pc">{n}</i>}
    </button>
  );
}

export function Before({ onClose }: { onClose: () => void }) {
  const { sheet, now } = useHere();
  const { last, zone, openFindings } = sheet;
  const title = last ? t("before.title", { day: lastDay(last, zone, now) }) : t("before.findings");
  return (
    <section class="before" aria-label={t(last ? "head.history" : "before.findings")}>
      <SectionHeader
        title={title}
        count={last && t("before.by", { name: last.by })}
        action={{ label: t("before.close"), icon: "close", onClick: onClose }}
      />
      {last && <h3>{t("before.findings")}</h3>}
      {openFindings.length === 0 && <p class="note">{t("before.noFindings")}</p>}
      <ul class="fl">
        {openFindings.map(({ id, data }) => (
          <li key={id}>
            <StateWord icon="flag" tone={isGrave(data.severity) ? "bad" : "quiet"}>
              {t(`severity.${data.severity}`)}
            </StateWord>
            <span>{data.text}</span>
          </li>
        ))}
      </ul>
      <AbnormalBefore />
    </section>
  );
}

export function isGrave(severity: string): boolean {
  return severity === "urgent" || severity === "major";
}

function AbnormalBefore() {
  const { sheet, now } = useHere();
  const { form } = sheet.template.data;
  const bad = Object.entries(sheet.last?.readings ?? {}).filter(
    ([, reading]) => reading.verdict === "abnormal",
  );
  const rows = bad.flatMap(([key, reading]) => {
    const { item } = partsOf(key);
    const found = locate(form, key) ?? locateInner(form, key.split(".").at(-1) ?? item);
    if (found === undefined) return [];
    const value = reading.value ?? null;
    const words =
      typeof value === "number" ? figure(value) : valueWords(found.item, value, now, sheet.zone);
    return [{ key, title: said(found.item.title), words }];
  });
  if (rows.length === 0) return null;
  return (
    <>
      <h3>{t("before.abnormal")}</h3>
      <ul class="fl">
        {rows.map(({ key, title, words }) => (
          <li key={key}>
            <StateWord icon="alert" tone="bad">
              {words === "" ? t("answer.abnormal") : words}
            </StateWord>
            <span>{title}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A key of the last visit names the element but not its group. */
function locateInner(form: Parameters<typeof locate>[0], item: string) {
  for (const section of form.sections) {
    for (const group of section.items) {
      if (group.type !== "group") continue;
      const found = locate(form, `${group.id}.x.${item}`);
      if (found) return found;
    }
  }
  return undefined;
}
