// A signature as it was given: its words from its own document, what it is worth, then beside now.
// Rule: what was signed is read from the document alone; it prints as it stands.

import type { SignatureDetail } from "../../../wire/types.ts";
import { Drawn } from "../../kit/drawn.tsx";
import { SectionHeader } from "../../kit/layout.tsx";
import { SealWord } from "../../kit/seal.tsx";
import { readStated } from "../../kit/stated.ts";
import { StatementOf } from "../../kit/statement.tsx";
import { instant } from "../../words/format.ts";
import "../../look/signed.css";
import { READS } from "../api.ts";
import { Show } from "../failure.tsx";
import { Page } from "../shell.tsx";
import { useRead } from "../state.ts";
import { dotted } from "../words.ts";
import { Covered } from "./covered.tsx";
import { Since } from "./note.tsx";
import { t } from "./words.ts";

export function SignaturePage({ id }: { id: string }) {
  const loaded = useRead(READS.signature(id));
  return (
    <Page title={t("as.title")} note={loaded.value?.site_name}>
      <main class="scroll pad on-surface">
        <Show loaded={loaded} words={t("as.loading")} rows={8}>
          {(detail) => <Body detail={detail} />}
        </Show>
      </main>
    </Page>
  );
}

function Body({ detail }: { detail: SignatureDetail }) {
  const { signed, time_zone: zone, document, covered = [] } = detail;
  const { name = "", title, role, strokes = "", absent_reason: why, seal = "unsealed" } = signed;
  const more = (detail.covered_total ?? 0) - covered.length;
  return (
    <div class="assigned">
      <div class="headline">
        <div class="grow">
          <h1>{dotted(t(`sign.${role}`), name, title)}</h1>
          <p class="quiet">{instant(signed.signed_at, zone, 0)}</p>
        </div>
        <button type="button" class="btn noprint" onClick={() => window.print()}>
          {t("as.print")}
        </button>
      </div>
      <div class="columns">
        <div>
          <StatementOf stated={readStated(document)} />
          <SectionHeader title={t("as.covered")} ruled />
          {covered.map((one) => (
            <Covered key={one.id} one={one} forms={detail.forms ?? {}} />
          ))}
          {more > 0 && <p class="note">{t("as.coveredMore", { n: more })}</p>}
        </div>
        <aside>
          {strokes === "" ? (
            <p>{why ? t("sign.absentWhy", { why }) : t("sign.absent")}</p>
          ) : (
            <Drawn {...{ strokes }} name={t("sign.of", { name })} />
          )}
          <SectionHeader title={t("as.check")} ruled />
          <SealWord {...{ seal }} faults={signed.faults ?? []} by={signed.sealed_by ?? ""} />
          <Since {...{ signed }} />
          <Facts {...{ detail }} />
          <details>
            <summary>{t("as.document")}</summary>
            <pre>{document}</pre>
          </details>
        </aside>
      </div>
    </div>
  );
}

function Facts({ detail }: { detail: SignatureDetail }) {
  const { signed, time_zone: zone, received_at, sealed_at } = detail;
  const rows = [
    [t("as.at"), instant(signed.signed_at, zone, 0)],
    [t("as.received"), received_at && instant(received_at, zone, 0)],
    [t("as.sealedAt"), sealed_at && instant(sealed_at, zone, 0)],
    [t("as.digest"), signed.digest],
  ] as const;
  return (
    <dl class="dl">
      {rows.map(([label, value]) =>
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
