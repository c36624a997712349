// The server's own words, for those who help. Rule: folded; nobody has to read them to go on.

import { t } from "../words/kit.ts";

export function Support({ text }: { text: string }) {
  if (text === "") return null;
  return (
    <details class="support">
      <summary>{t("error.support")}</summary>
      <p class="note">{text}</p>
    </details>
  );
}
