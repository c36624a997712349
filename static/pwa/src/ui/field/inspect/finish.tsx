// Before handing in: what is still open, what is abnormal, one note on the whole.
// Rule: the button says why it waits; every line leads to its item.

import type { ComponentChildren } from "preact";
import { TEXT_LENGTH_MAX } from "../../../wire/limits.ts";
import { Icon } from "../../kit/icons.tsx";
import { ListRow, SectionHeader } from "../../kit/layout.tsx";
import { StateWord } from "../../kit/state.tsx";
import { isGrave } from "./before.tsx";
import { useHere } from "./context.ts";
import { openCount } from "./form.ts";
import { Replacements } from "./replacements.tsx";
import { reportedOf, titleAt } from "./say.ts";
import type { Sheet } from "./sheet.ts";
import { TypedArea } from "./typed.tsx";
import { said, t } from "./words.ts";

/** What stands between the answers and their submission, by path, in the order of the form. */
export interface Readiness {
  readonly missing: readonly string[];
  readonly incomplete: readonly string[];
  /** Optional items without an answer. */
  readonly skipped: number;
  readonly isReady: boolean;
}

export function readinessOf(sheet: Sheet): Readiness {
  const { missing, incomplete } = sheet.evaluation.totals;
  const skipped = Math.max(0, openCount(sheet.evaluation) - missing.length);
  const isReady = missing.length === 0 && incomplete.length === 0 && sheet.inspection !== null;
  return { missing, incomplete, skipped, isReady };
}

type FinishProps = { onItem: (path: string) => void };

export function Finish({ onItem }: FinishProps) {
  const { sheet, now, isClosed } = useHere();
  const { missing, incomplete, skipped } = readinessOf(sheet);
  const reported = reportedOf(sheet, now);
  const isDone = missing.length + incomplete.length === 0;
  return (
    <main class="scroll finish">
      <div class="halves">
        <div>
          {isDone && (
            <p class="ready">
              <StateWord icon="tick" size={22}>
                {t("finish.ready")}
              </StateWord>
            </p>
          )}
          <Open title={t("finish.open", { n: missing.length })} paths={missing} onItem={onItem} />
          <Open
            title={t("finish.incomplete", { n: incomplete.length })}
            paths={incomplete}
            onItem={onItem}
          />
          {skipped > 0 && isDone && <p class="note">{t("finish.skipped", { n: skipped })}</p>}
          <SectionHeader title={verdictWords(reported.length, sheet.evaluation.totals.warning)} />
          {reported.map(({ path, severity, text }) => (
            <Line key={path} onOpen={() => onItem(path)}>
              <StateWord icon="alert" tone={isGrave(severity) ? "bad" : "quiet"}>
                {t(`severity.${severity}`)}
              </StateWord>
              <span class="grow">{text}</span>
            </Line>
          ))}
        </div>
        <div>
          <Counts />
          {!isClosed && (
            <TypedArea
              part="whole"
              path=""
              label={t("finish.note")}
              value={sheet.inspection?.note ?? ""}
              max={TEXT_LENGTH_MAX}
            />
          )}
          <Replacements />
        </div>
      </div>
    </main>
  );
}

/** What the answers come to: a warning limit that was passed is no alarm, and is said beside it. */
function verdictWords(abnormal: number, warning: number): string {
  if (abnormal > 0) return t("finish.abnormal", { n: abnormal });
  return warning > 0 ? t("finish.onlyWarnings", { n: warning }) : t("finish.allNormal");
}

function Line({ onOpen, children }: { onOpen: () => void; children: ComponentChildren }) {
  return (
    <button type="button" class="lr line" onClick={onOpen}>
      {children}
      <Icon name="right" size={22} class="faint" />
    </button>
  );
}

type OpenProps = { title: string; paths: readonly string[]; onItem: (path: string) => void };

function Open({ title, paths, onItem }: OpenProps) {
  const { sheet } = useHere();
  if (paths.length === 0) return null;
  const sections = new Map(sheet.template.data.form.sections.map((one) => [one.id, one]));
  return (
    <>
      <SectionHeader title={title} />
      {paths.map((path) => {
        const section = sections.get(sheet.evaluation.items.get(path)?.section ?? "");
        return (
          <ListRow
            key={path}
            title={titleAt(sheet, path)}
            note={section && said(section.title)}
            onOpen={() => onItem(path)}
          />
        );
      })}
    </>
  );
}

function Counts() {
  const { sheet } = useHere();
  const { answered, asked, abnormal, warning, na } = sheet.evaluation.totals;
  const rows = [
    { name: t("finish.counts"), value: `${answered} / ${asked}`, isBad: false },
    { name: t("answer.abnormal"), value: abnormal, isBad: abnormal > 0 },
    { name: t("finish.warning"), value: warning, isBad: false },
    { name: t("finish.na"), value: na, isBad: false },
  ];
  return (
    <dl class="cn four">
      {rows.map(({ name, value, isBad }) => (
        <div key={name} class={isBad ? "b" : ""}>
          <dd>{value}</dd>
          <dt>{name}</dt>
        </div>
      ))}
    </dl>
  );
}
