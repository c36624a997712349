// One asset with its life: what it is, its tag, its readings, its findings, its inspections.

import { display } from "../../core/tags.ts";
import type { AssetDetail, FindingRow, InspectionRow } from "../../wire/types.ts";
import { go } from "../kit/address.ts";
import type { IconName } from "../kit/icons.tsx";
import { Icon } from "../kit/icons.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { StateWord } from "../kit/state.tsx";
import { calendarDay } from "../words/format.ts";
import "./look/asset.css";
import { READS, tagPicture } from "./api.ts";
import { Place } from "./asset-place.tsx";
import { Readings } from "./asset-readings.tsx";
import { Show } from "./failure.tsx";
import { attributeWord } from "./fields.ts";
import { Photos } from "./files/photos.tsx";
import { PhotoViewer } from "./files/viewer.tsx";
import { countWords } from "./files/words.ts";
import { choose } from "./label-choice.ts";
import { RetireTag } from "./labels/retire.tsx";
import { Page } from "./shell.tsx";
import { Note } from "./sign/note.tsx";
import { minute, useMay, useRead } from "./state.ts";
import { when } from "./times.ts";
import { dotted, inLanguage, SEVERITY_ICONS, statusWord, t, tagWords } from "./words.ts";

type Fact = readonly [label: string, value: string | null | undefined];

function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class="dl">
      {facts.map(([label, value]) =>
        value ? (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

type PartProps = { detail: AssetDetail; again: () => void };

function Master({ detail, again }: PartProps) {
  const { row, asset } = detail;
  const attributes = Object.entries(asset.attributes ?? {}).map(
    ([name, value]): Fact => [attributeWord(name), value],
  );
  return (
    <aside>
      <SectionHeader title={t("asset.master")} ruled />
      <Facts
        facts={[
          [t("asset.category"), row.category ? t(`category.${row.category}`) : null],
          [t("asset.model"), [asset.maker, asset.model].filter((part) => part).join(" ")],
          [t("asset.serial"), asset.serial],
          [t("asset.number"), asset.number],
          [
            t("asset.place"),
            [row.site_name, row.room_name, asset.position].filter((part) => part).join(" "),
          ],
          [t("asset.warranty"), asset.warranty_until],
          [t("asset.vendor"), asset.vendor_phone],
          [t("asset.responsible"), asset.responsible],
          [t("asset.note"), asset.note],
        ]}
      />
      {attributes.length > 0 && (
        <>
          <SectionHeader title={t("asset.attributes")} ruled />
          <Facts facts={attributes} />
        </>
      )}
      <Tags detail={detail} again={again} />
    </aside>
  );
}

function Tags({ detail, again }: PartProps) {
  const mayBind = (detail.may ?? []).includes("bind");
  const tags = detail.tags ?? [];
  return (
    <>
      <SectionHeader title={t("asset.tags", { n: tags.length })} ruled />
      {tags.length === 0 && <p class="note">{t("asset.noTag")}</p>}
      <ul class="tags">
        {tags.map((tag) => (
          <li key={tag.id}>
            {!tag.retired && (
              <img
                class="label"
                src={tagPicture(tag.code)}
                alt={t("asset.tagPicture", { code: display(tag.code) })}
              />
            )}
            <span>
              <b class="nw">{display(tag.code)}</b>
              <span class="note block">
                {tag.retired
                  ? t("asset.tagRetired")
                  : tag.bound_at
                    ? t("asset.tagBound", {
                        day: when(tag.bound_at, detail.time_zone, minute.value),
                      })
                    : t("asset.tagInUse")}
              </span>
              {!tag.retired && mayBind && <RetireTag tag={tag} onDone={again} />}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Of the equipment itself, and of the work on it; those of findings stand with them. */
function Evidence({ detail }: { detail: AssetDetail }) {
  const { photos = [], findings = [], time_zone } = detail;
  const open = new Set(findings.filter(isOpen).map((one) => one.id));
  const own = photos.filter((photo) => !open.has(photo.parent));
  if (own.length === 0) return null;
  return (
    <section>
      <SectionHeader title={countWords(own)} ruled />
      <Photos photos={own} zone={time_zone} of={() => wordsOf(detail)} small />
    </section>
  );
}

/** The device in a line: its name, its number and its tag. */
function wordsOf({ asset, tags = [] }: AssetDetail): string {
  const codes = tags.filter(({ retired }) => !retired).map(({ code }) => code);
  return dotted(asset.name, asset.number, tagWords(codes));
}

function isOpen(finding: FindingRow): boolean {
  return finding.step !== "verified" && finding.step !== "accepted-risk";
}

function Findings({ detail }: { detail: AssetDetail }) {
  const open = (detail.findings ?? []).filter(isOpen);
  const photosOf = (finding: FindingRow) =>
    (detail.photos ?? []).filter((photo) => photo.parent === finding.id);
  return (
    <section>
      <SectionHeader title={t("asset.findings", { n: open.length })} ruled />
      {open.length === 0 && <p class="note">{t("asset.noFindings")}</p>}
      <ul class="fd">
        {open.map((one) => {
          const isBad = one.severity === "urgent" || one.severity === "major";
          const due = one.due_on ? calendarDay(one.due_on, minute.value, "UTC") : null;
          return (
            <li key={one.id}>
              <StateWord
                icon={SEVERITY_ICONS[one.severity]}
                tone={isBad ? "bad" : "plain"}
                size={17}
              >
                {t(`severity.${one.severity}`)}
              </StateWord>
              <b>{one.text}</b>
              {one.recommendation && <span class="note">{one.recommendation}</span>}
              <span class={one.is_overdue ? "late note" : "note"}>
                {dotted(
                  one.owner,
                  due && t("finding.due", { day: due }),
                  one.is_overdue && t("finding.late"),
                )}
              </span>
              {one.signed && <Note note={one.signed} />}
              <Photos
                photos={photosOf(one)}
                zone={detail.time_zone}
                of={() => dotted(wordsOf(detail), one.text)}
                small
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

type LifeWords = { icon: IconName; isBad: boolean; words: string };

/** What the line of an inspection says. */
export function lifeWords(row: InspectionRow): LifeWords {
  const title = inLanguage(row.template_title) || t("asset.inspection");
  const { abnormal = 0, warning = 0 } = row;
  if (row.step === "draft" || row.step === "returned") {
    return { icon: row.step === "draft" ? "underWay" : "returned", isBad: false, words: title };
  }
  if (abnormal > 0) {
    return { icon: "alert", isBad: true, words: t("life.abnormal", { title, n: abnormal }) };
  }
  if (warning > 0) {
    return { icon: "above", isBad: false, words: t("life.warning", { title, n: warning }) };
  }
  return { icon: "tick", isBad: false, words: t("life.normal", { title }) };
}

function Life({ detail }: { detail: AssetDetail }) {
  const rows = detail.inspections ?? [];
  const words = {
    draft: t("state.underWay"),
    returned: t("state.returned"),
    submitted: t("review.toReview"),
    accepted: t("review.accepted"),
  };
  return (
    <aside>
      <SectionHeader title={t("life.title")} count={t("life.count", { n: rows.length })} ruled />
      {rows.length === 0 && <p class="note">{t("asset.neverInspected")}</p>}
      <ul class="ev">
        {rows.map((row) => {
          const { icon, isBad, words: title } = lifeWords(row);
          const at = row.submitted_at ?? row.started_at;
          return (
            <li key={row.id} class={isBad ? "bad" : ""}>
              <span class="d">{at ? when(at, detail.time_zone, minute.value) : ""}</span>
              <Icon name={icon} size={19} />
              <a class="grow" href={`/office/review/${row.id}`}>
                <b>{title}</b>
                <span class="note">{dotted(row.inspector_name, words[row.step])}</span>
              </a>
              {row.signed && <Note note={row.signed} />}
            </li>
          );
        })}
      </ul>
    </aside>
  );
}

function Head({ detail }: { detail: AssetDetail }) {
  const { row, tags = [], inspections = [] } = detail;
  const mayPrint = useMay("bind", "describe");
  const tag = tags.find((one) => !one.retired);
  const findings = row.open_findings ?? 0;
  const status = statusWord(row.status ?? "in-use");
  return (
    <header class="ah">
      {tag && <img class="mqr" src={tagPicture(tag.code)} alt="" />}
      <div class="grow">
        <h1>{row.name}</h1>
        <p class="quiet">
          {dotted(
            row.category && t(`category.${row.category}`),
            tag && t("asset.tagCode", { code: display(tag.code) }),
            row.number,
          )}
        </p>
      </div>
      <dl class="facts">
        <div>
          <dt>{t("asset.state")}</dt>
          <dd>
            {findings > 0 ? (
              <StateWord icon="alert" tone="bad" size={17}>
                {t("asset.withFindings", { status })}
              </StateWord>
            ) : (
              status
            )}
          </dd>
        </div>
        <div>
          <dt>{t("life.inspections")}</dt>
          <dd>{t("life.times", { n: inspections.length })}</dd>
        </div>
      </dl>
      {mayPrint && (
        <button
          type="button"
          class="btn big"
          onClick={() => {
            choose(row);
            go("/office/labels");
          }}
        >
          <Icon name="tag" size={18} />
          {t("asset.print")}
        </button>
      )}
    </header>
  );
}

export function AssetPage({ id }: { id: string }) {
  const loaded = useRead(READS.asset(id));
  const title = loaded.value?.row.name ?? t("place.assets");
  return (
    <Page title={title} note={loaded.value?.row.site_name}>
      <main class="scroll pad on-surface">
        <Show loaded={loaded} words={t("asset.loading")} rows={8}>
          {(detail) => (
            <>
              <Head detail={detail} />
              <Place detail={detail} again={loaded.again} />
              <div class="c3">
                <Master detail={detail} again={loaded.again} />
                <div>
                  <Readings detail={detail} />
                  <Findings detail={detail} />
                  <Evidence detail={detail} />
                </div>
                <Life detail={detail} />
              </div>
              <PhotoViewer />
            </>
          )}
        </Show>
      </main>
    </Page>
  );
}
