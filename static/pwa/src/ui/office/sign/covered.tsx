// One inspection that a signature covers: what it was then and what it is now, side by side.
// Rule: only what the signed digest proves is shown as then.

import type {
  Answer,
  AsAnswered,
  CoveredInspection,
  FindingSince,
  Form,
  FormItem,
  GroupedItem,
  ListedAbnormal,
} from "../../../wire/types.ts";
import { StateWord } from "../../kit/state.tsx";
import { severityWord } from "../../kit/statement.tsx";
import { calendarDay, quantity } from "../../words/format.ts";
import { minute } from "../state.ts";
import { dotted, inLanguage, partWords, t as say } from "../words.ts";
import { t } from "./words.ts";

type CoveredProps = {
  one: CoveredInspection;
  forms: Readonly<Record<string, Form>>;
};

export function Covered({ one, forms }: CoveredProps) {
  const form = one.template ? forms[one.template] : undefined;
  const { changed = [], findings = [] } = one;
  return (
    <section class="covered">
      <h3>
        <a href={`/office/review/${one.id}`}>{one.asset_name || one.id}</a>
      </h3>
      <Became one={one} />
      {one.was && one.now && changed.length > 0 && (
        <Table {...{ form, paths: changed, was: one.was }} now={one.now} />
      )}
      {findings.length > 0 && <Findings findings={findings} />}
      {one.was && (
        <details>
          <summary>{t("as.showAll")}</summary>
          <Table {...{ form, paths: pathsOf(one.was), was: one.was }} now={null} />
        </details>
      )}
    </section>
  );
}

function Became({ one }: { one: CoveredInspection }) {
  const { was, now, changed = [], findings = [] } = one;
  const { photos = 0, photos_gone = 0, photos_added = 0 } = one;
  const findingsAdded = findings.filter((finding) => !finding.was).length;
  const differ = changed.length + findings.length - findingsAdded + photos_gone;
  const isSame = differ === 0;
  const words = !now
    ? t("as.gone")
    : !was
      ? t("as.unproved")
      : isSame
        ? t("as.same")
        : t("as.differs", { n: differ });
  return (
    <p class="became">
      <StateWord
        icon={was && isSame ? "tick" : "needsYou"}
        tone={was && isSame ? "quiet" : "warn"}
        size={16}
      >
        {words}
      </StateWord>
      <span class="note">
        {dotted(
          photos > 0 && t("as.photos", { n: photos }),
          photos_gone > 0 && t("as.photosGone", { n: photos_gone }),
          photos_added > 0 && t("as.photosAdded", { n: photos_added }),
          findingsAdded > 0 && t("as.findingsAdded", { n: findingsAdded }),
        )}
      </span>
    </p>
  );
}

/** The findings that are not as they were signed, side by side. */
function Findings({ findings }: { findings: readonly FindingSince[] }) {
  const words = ({ severity = "", text }: ListedAbnormal): string =>
    dotted(severityWord(severity), text);
  return (
    <div class="wide">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{t("as.finding")}</th>
            <th scope="col">{t("as.then")}</th>
            <th scope="col">{t("as.now")}</th>
          </tr>
        </thead>
        <tbody>
          {findings.map(({ id, was, now }, at) => (
            <tr key={id}>
              <th scope="row">{at + 1}</th>
              <td>{was ? words(was) : t("as.findingNew")}</td>
              <td>{now ? words(now) : t("as.findingGone")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type TableProps = {
  form: Form | undefined;
  paths: readonly string[];
  was: AsAnswered;
  /** Null where only what was signed is shown. */
  now: AsAnswered | null;
};

function Table({ form, paths, was, now }: TableProps) {
  return (
    <div class="wide">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{t("as.item")}</th>
            <th scope="col">{t("as.then")}</th>
            {now && <th scope="col">{t("as.now")}</th>}
          </tr>
        </thead>
        <tbody>
          {paths.map((path) => (
            <tr key={path}>
              <th scope="row">{titleOf(form, path, now ?? was)}</th>
              <td>{wordsAt(form, was, path)}</td>
              {now && <td>{wordsAt(form, now, path)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const PART = "replacements.";

/** Every answered path: `item`, `group.element.item`, `replacements.id`, `note`. */
function pathsOf({
  answers = {},
  elements = {},
  replacements = {},
  note,
}: AsAnswered): readonly string[] {
  const inner = Object.entries(elements).flatMap(([element, { group, answers: own = {} }]) =>
    Object.keys(own).map((item) => `${group}.${element}.${item}`),
  );
  const parts = Object.keys(replacements).map((id) => `${PART}${id}`);
  return [...Object.keys(answers), ...inner, ...parts, ...(note ? ["note"] : [])];
}

function itemOf(form: Form | undefined, path: string): FormItem | GroupedItem | undefined {
  const [first, , inner] = path.split(".");
  const items = (form?.sections ?? []).flatMap((section): readonly FormItem[] => section.items);
  const found = items.find(({ id }) => id === first);
  if (inner === undefined) return found;
  return found?.type === "group" ? found.items.find(({ id }) => id === inner) : undefined;
}

function titleOf(form: Form | undefined, path: string, at: AsAnswered): string {
  if (path === "note") return t("as.note");
  if (path.startsWith(PART)) return say("result.replaced");
  const item = itemOf(form, path);
  const title = item ? inLanguage(item.title) : path;
  const [, element, inner] = path.split(".");
  if (element === undefined || inner === undefined) return title;
  return dotted(at.elements?.[element]?.name || element, title);
}

function answerAt({ answers = {}, elements = {} }: AsAnswered, path: string): Answer | null {
  const [first = "", element = "", inner] = path.split(".");
  const own = inner === undefined ? answers : elements[element]?.answers;
  return own?.[inner ?? first] ?? null;
}

/** An answer with what was noted beside it. */
function wordsAt(form: Form | undefined, at: AsAnswered, path: string): string {
  if (path === "note") return at.note || t("as.blank");
  if (path.startsWith(PART)) {
    const part = at.replacements?.[path.slice(PART.length)];
    return part ? partWords(part) : t("as.blank");
  }
  const answer = answerAt(at, path);
  if (answer === null) return t("as.blank");
  const words = answer.na ? say("answer.na") : valueWords(itemOf(form, path), answer.value ?? null);
  const grave = answer.severity ? severityWord(answer.severity) : "";
  return dotted(words, grave, answer.note, answer.reason) || t("as.blank");
}

function valueWords(item: FormItem | GroupedItem | undefined, value: Answer["value"]): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") {
    return quantity(value, item && "unit" in item ? (item.unit ?? "") : "");
  }
  if (item?.type === "check" && (value === "pass" || value === "fail")) {
    return say(value === "fail" ? "answer.abnormal" : "answer.normal");
  }
  if (item?.type === "choice") {
    const ids: readonly unknown[] = Array.isArray(value) ? value : [value];
    return ids
      .map((id) => inLanguage(item.options.find((one) => one.id === id)?.title) || `${id}`)
      .join(say("list.and"));
  }
  if (item?.type === "date" && typeof value === "string") {
    return calendarDay(value, minute.value, "UTC");
  }
  return String(value);
}
