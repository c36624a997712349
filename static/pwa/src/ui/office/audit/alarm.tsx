// The alarms of the first page: records are not as they were received, stored files are lost, backups are
// late. Rule: said before anything else.

import { go } from "../../kit/address.ts";
import { ErrorPlace } from "../../kit/notices.tsx";
import { t } from "./words.ts";

export function Alarm({ n }: { n: number }) {
  if (n === 0) return null;
  const see = { label: t("alarm.see"), onClick: () => go("/office/audit") };
  return <ErrorPlace what={t("alarm.what", { n })} safe={t("alarm.safe")} action={see} />;
}

export function StoredAlarm({ lost, isLate }: { lost: number; isLate: boolean }) {
  const see = { label: t("alarm.seeStored"), onClick: () => go("/office/audit") };
  return (
    <>
      {lost > 0 && (
        <ErrorPlace what={t("stored.lost", { n: lost })} safe={t("stored.lostHow")} action={see} />
      )}
      {isLate && <ErrorPlace what={t("backup.late")} safe={t("backup.lateSafe")} action={see} />}
    </>
  );
}
