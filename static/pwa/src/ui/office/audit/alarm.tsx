// The alarm of the first page: records are not as they were received. Rule: said before anything else.

import { go } from "../../kit/address.ts";
import { ErrorPlace } from "../../kit/notices.tsx";
import { t } from "./words.ts";

export function Alarm({ n }: { n: number }) {
  if (n === 0) return null;
  const see = { label: t("alarm.see"), onClick: () => go("/office/audit") };
  return <ErrorPlace what={t("alarm.what", { n })} safe={t("alarm.safe")} action={see} />;
}
