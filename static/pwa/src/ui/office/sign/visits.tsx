// The visits of a round: who was there, and who signed for it.

import type { VisitRow } from "../../../wire/types.ts";
import { SectionHeader } from "../../kit/layout.tsx";
import { StateWord } from "../../kit/state.tsx";
import { Note } from "./note.tsx";
import { presence } from "./visit.tsx";
import { t } from "./words.ts";

type VisitsProps = { visits: readonly VisitRow[]; zone: string };

export function Visits({ visits, zone }: VisitsProps) {
  if (visits.length === 0) return null;
  return (
    <section class="visits">
      <SectionHeader title={t("visits.title")} ruled />
      <ul class="rows">
        {visits.map((visit) => (
          <li key={visit.id} class="row">
            <a class="grow" href={`/office/visits/${visit.id}`}>
              {t("visit.on", {
                name: visit.engineer_name,
                from: presence(visit.started_at, visit.ended_at, zone),
              })}
            </a>
            {visit.signed ? (
              <Note note={visit.signed} />
            ) : (
              <StateWord icon="dash" tone="quiet" size={16}>
                {t("visit.unsigned")}
              </StateWord>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
