// The switch of language: at once on this machine, and remembered for the person.

import { useContext } from "preact/hooks";
import { Icon } from "../kit/icons.tsx";
import { language, setLanguage } from "../words/index.ts";
import { WRITES } from "./api.ts";
import { OfficeContext } from "./state.ts";
import { t } from "./words.ts";

export function SwitchLanguage() {
  const office = useContext(OfficeContext);
  const next = language.value === "en" ? "zh-CN" : "en";
  const change = () => {
    setLanguage(next);
    // Not heard of by the server, it still holds on this machine.
    if (office) void office.client.write<null>(WRITES.language, { language: next });
  };
  return (
    <button type="button" class="plain" lang={next} title={t("language.switch")} onClick={change}>
      <Icon name="globe" size={17} />
      <span class="name">{t("language.switch")}</span>
    </button>
  );
}
