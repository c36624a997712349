// Below the items: what the customer said, what the engineer wrote, signatures, findings, and the
// remark over the whole.

import type { ComponentChildren } from "preact";
import type { InspectionDetail, VisitRow } from "../../../wire/types.ts";
import { StateWord } from "../../kit/state.tsx";
import { fieldWord } from "../fields.ts";
import { Photos } from "../files/photos.tsx";
import { countWords } from "../files/words.ts";
import { Signature } from "../sign/signature.tsx";
import { minute } from "../state.ts";
import { when } from "../times.ts";
import { t as say } from "../waiting/words.ts";
import { dotted, partWords, SEVERITY_ICONS, t } from "../words.ts";
import { Remarked } from "./item.tsx";
import { photosOf, photosUnder, remarksOf, subjectOf } from "./sheet-items.ts";

type PartProps = { title: string; children: ComponentChildren };

function Part({ title, children }: PartProps) {
  return (
    <section class="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** Who was there, and when. */
function onSite(visit: VisitRow, zone: string): string {
  return dotted(visit.contact, when(visit.started_at, zone, minute.value));
}

function Customer({ detail }: { detail: InspectionDetail }) {
  const zone = detail.row.time_zone;
  return (
    <>
      {(detail.visits ?? []).map((visit) => {
        const problems = visit.problems ?? [];
        const photos = photosUnder(detail, visit.id);
        if (problems.length === 0 && !visit.note && photos.length === 0) return null;
        const title =
          problems.length > 0 ? t("visit.problems", { n: problems.length }) : t("visit.title");
        return (
          <Part key={visit.id} title={title}>
            {problems.map((text) => (
              <p key={text}>{text}</p>
            ))}
            {visit.note && <p class="quiet">{visit.note}</p>}
            <Photos photos={photos} zone={zone} of={() => onSite(visit, zone)} small />
            <span class="note">{onSite(visit, zone)}</span>
          </Part>
        );
      })}
    </>
  );
}

function Findings({ detail }: { detail: InspectionDetail }) {
  const findings = detail.findings ?? [];
  if (findings.length === 0) return null;
  return (
    <Part title={t("findings.here", { n: findings.length })}>
      {findings.map((one) => (
        <div key={one.id}>
          <p class="said">
            <StateWord icon={SEVERITY_ICONS[one.severity]} tone="plain" size={16}>
              {t(`severity.${one.severity}`)}
            </StateWord>
            <span>{one.text}</span>
            {one.recommendation && <span class="note">{one.recommendation}</span>}
          </p>
          <Photos
            photos={photosUnder(detail, one.id)}
            zone={detail.row.time_zone}
            of={subjectOf(detail)}
            small
          />
        </div>
      ))}
    </Part>
  );
}

function Conflicts({ detail }: { detail: InspectionDetail }) {
  const conflicts = detail.conflicts ?? [];
  if (conflicts.length === 0) return null;
  return (
    <Part title={t("conflicts.here", { n: conflicts.length })}>
      {conflicts.map((one) => (
        <p key={one.id} class="said">
          <StateWord icon="fork" tone="bad" size={16}>
            <a href={`/office/waiting/${one.op}`}>{fieldWord(one.path)}</a>
          </StateWord>
          <span class="note">
            {dotted(one.theirs_by, when(one.opened_at, detail.row.time_zone, minute.value))}
          </span>
        </p>
      ))}
    </Part>
  );
}

/** What the office let into the result after it was accepted, and why. */
function Late({ detail }: { detail: InspectionDetail }) {
  const late = (detail.history ?? []).filter((row) => row.is_late);
  if (late.length === 0) return null;
  return (
    <Part title={say("late.title", { n: late.length })}>
      {late.map((row) => (
        <p key={row.op} class="said">
          <StateWord icon="pen" tone="warn" size={16}>
            {[...new Set((row.paths ?? []).map(fieldWord))].join(t("list.and"))}
          </StateWord>
          <span>{row.words}</span>
          <span class="note">
            {dotted(row.person_name, when(row.at, detail.row.time_zone, minute.value))}
          </span>
        </p>
      ))}
    </Part>
  );
}

function Replaced({ detail }: { detail: InspectionDetail }) {
  const parts = Object.entries(detail.replacements ?? {});
  if (parts.length === 0) return null;
  return (
    <Part title={t("result.replaced")}>
      <ul>
        {parts.map(([id, part]) => (
          <li key={id}>{partWords(part)}</li>
        ))}
      </ul>
    </Part>
  );
}

export function Extras({ detail }: { detail: InspectionDetail }) {
  const zone = detail.row.time_zone;
  const whole = remarksOf(detail, "");
  const photos = photosOf(detail, "");
  const { review } = detail;
  return (
    <div class="ex">
      <Conflicts detail={detail} />
      <Late detail={detail} />
      <Customer detail={detail} />
      {detail.note && (
        <Part title={t("result.note")}>
          <p>{detail.note}</p>
          <span class="note">{detail.row.inspector_name}</span>
        </Part>
      )}
      <Replaced detail={detail} />
      {whole.length > 0 && (
        <Part title={t("remark.whole")}>
          <Remarked remarks={whole} zone={zone} />
        </Part>
      )}
      <Findings detail={detail} />
      {photos.length > 0 && (
        <Part title={t("photo.whole", { what: countWords(photos) })}>
          <Photos photos={photos} zone={zone} of={subjectOf(detail)} />
        </Part>
      )}
      {(detail.signatures ?? []).length > 0 && (
        <Part title={t("sign.title")}>
          <div class="signatures">
            {(detail.signatures ?? []).map((signed) => (
              <Signature key={signed.id} signed={signed} zone={zone} />
            ))}
          </div>
        </Part>
      )}
      {review && (
        <Part title={t("result.decided")}>
          <p>
            {t(review.decision === "accepted" ? "review.accepted" : "state.returned")}
            {review.reason && t("result.because", { why: review.reason })}
          </p>
          <span class="note">
            {dotted(review.reviewer_name, when(review.at, zone, minute.value))}
          </span>
        </Part>
      )}
    </div>
  );
}
