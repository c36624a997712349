// Photos and files that the server has no more, and whether backups are made in time. Rule: each with what
// it belongs to; nothing is said to be safe that is not.

import type { BackupState, LostFile, OfficeAudit } from "../../../wire/types.ts";
import { Icon } from "../../kit/icons.tsx";
import { SectionHeader } from "../../kit/layout.tsx";
import { ErrorPlace } from "../../kit/notices.tsx";
import { StateWord } from "../../kit/state.tsx";
import { fileSize } from "../../words/format.ts";
import { minute, useOffice } from "../state.ts";
import { when } from "../times.ts";
import { kindWord } from "../waiting/words.ts";
import { dotted } from "../words.ts";
import { pageOf, t } from "./words.ts";

function Backup({ backup }: { backup: BackupState | null | undefined }) {
  const { zone } = useOffice();
  if (!backup) return <p class="note">{t("backup.none")}</p>;
  const { made_at, late } = backup;
  const newest = made_at
    ? t("backup.made", { when: when(made_at, zone, minute.value) })
    : t("backup.never");
  if (late) return <ErrorPlace what={t("backup.late")} safe={newest} />;
  return <p>{newest}</p>;
}

function Lost({ file }: { file: LostFile }) {
  const { zone } = useOffice();
  const words = file.title || kindWord(file.record_kind);
  const href = pageOf(file.record_kind, file.record);
  const taken = file.taken_at ? when(file.taken_at, zone, minute.value) : "";
  return (
    <li>
      <Icon name="alert" size={18} class="bad" />
      <span class="grow">
        <b>{href ? <a href={href}>{words}</a> : words}</b>
        {file.site_name && <span class="note"> · {file.site_name}</span>}
        <span class="note block">{dotted(file.name ?? "", fileSize(file.bytes), taken)}</span>
      </span>
      {file.waiting && (
        <StateWord icon="clock" tone="quiet" size={16}>
          {t("stored.waiting")}
        </StateWord>
      )}
    </li>
  );
}

export function Stored({ audit }: { audit: OfficeAudit }) {
  const { lost_files = [], lost_total = 0, lost_elsewhere = 0, backup } = audit;
  return (
    <section>
      <SectionHeader title={t("stored.title")} ruled />
      {lost_total > 0 && (
        <ErrorPlace what={t("stored.lost", { n: lost_total })} safe={t("stored.lostHow")} />
      )}
      {lost_files.length > 0 && (
        <ul class="lines faults">
          {lost_files.map((file) => (
            <Lost key={file.id} file={file} />
          ))}
        </ul>
      )}
      {lost_elsewhere > 0 && <p class="note">{t("stored.elsewhere", { n: lost_elsewhere })}</p>}
      <Backup backup={backup} />
    </section>
  );
}
