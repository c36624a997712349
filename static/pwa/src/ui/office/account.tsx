// One's own account: language, light or dark, password, signing out.

import { useState } from "preact/hooks";
import type { Failed } from "../../sync/office.ts";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "../../wire/limits.ts";
import { TextField } from "../kit/fields.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { ErrorPlace } from "../kit/notices.tsx";
import { Segmented } from "../kit/segmented.tsx";
import { StateWord } from "../kit/state.tsx";
import { setTheme, theme } from "../kit/theme.ts";
import { LANGUAGES, type Language, language, setLanguage } from "../words/index.ts";
import { WRITES } from "./api.ts";
import { Failure } from "./failure.tsx";
import { Page } from "./shell.tsx";
import { useOffice } from "./state.ts";
import { dotted, roleWord, t } from "./words.ts";

/** Not said yet, on its way, changed, or refused. */
type Change = "idle" | "busy" | "done" | Failed;

function PasswordWhy({ change }: { change: Change }) {
  if (change === "idle" || change === "busy") return null;
  if (change === "done") {
    return (
      <p role="status">
        <StateWord icon="tick" tone="plain" size={17}>
          {t("password.changed")}
        </StateWord>
      </p>
    );
  }
  if (change.kind === "refused" && change.slug === "wrong-login") {
    return <ErrorPlace what={t("password.wrong")} safe={t("password.kept")} />;
  }
  return <Failure failed={change} safe={t("password.kept")} />;
}

function Password() {
  const { client } = useOffice();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [change, setChange] = useState<Change>("idle");
  const isReady = current !== "" && next.length >= PASSWORD_LENGTH_MIN;
  const save = async () => {
    if (!isReady || change === "busy") return;
    setChange("busy");
    const answer = await client.write<null>(WRITES.password, { current, new: next });
    setChange(answer.kind === "ok" ? "done" : answer);
    if (answer.kind !== "ok") return;
    setCurrent("");
    setNext("");
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextField
        label={t("password.current")}
        type="password"
        autocomplete="current-password"
        value={current}
        onInput={setCurrent}
        max={PASSWORD_LENGTH_MAX}
      />
      <TextField
        label={t("password.new")}
        type="password"
        autocomplete="new-password"
        value={next}
        onInput={setNext}
        max={PASSWORD_LENGTH_MAX}
        hint={t("password.hint", { n: PASSWORD_LENGTH_MIN })}
      />
      <PasswordWhy change={change} />
      <button type="submit" class="btn start" disabled={!isReady || change === "busy"}>
        {t("password.change")}
      </button>
    </form>
  );
}

function Choices() {
  const { client } = useOffice();
  const choose = (next: Language | null) => {
    if (next === null) return;
    setLanguage(next);
    void client.write<null>(WRITES.language, { language: next });
  };
  const names: Readonly<Record<Language, string>> = { "zh-CN": "中文", en: "English" };
  const themes = ["system", "light", "dark"] as const;
  return (
    <div class="stack">
      <div>
        <span class="lab">{t("account.language")}</span>
        <Segmented
          label={t("account.language")}
          options={LANGUAGES.map((value) => ({ value, label: names[value] }))}
          value={language.value}
          onChange={choose}
          clearable={false}
        />
      </div>
      <div>
        <span class="lab">{t("account.theme")}</span>
        <Segmented
          label={t("account.theme")}
          options={themes.map((value) => ({ value, label: t(`theme.${value}`) }))}
          value={theme.value}
          onChange={(next) => next && setTheme(next)}
          clearable={false}
        />
      </div>
    </div>
  );
}

export function AccountPage({ onSignOut }: { onSignOut: () => void }) {
  const { me } = useOffice();
  const roles = [...new Set(me.grants.map((grant) => roleWord(grant.role)))];
  return (
    <Page title={t("place.account")} note={me.login}>
      <main class="scroll pad narrow">
        <header class="headline">
          <h1>{me.name}</h1>
          <p class="quiet">{roles.length > 0 ? dotted(...roles) : t("account.noRole")}</p>
        </header>
        <section>
          <SectionHeader title={t("account.here")} ruled />
          <Choices />
        </section>
        <section>
          <SectionHeader title={t("password.title")} ruled />
          <Password />
        </section>
        <section>
          <SectionHeader title={t("account.leave")} ruled />
          <p class="note">{t("account.leaveNote")}</p>
          <button type="button" class="btn" onClick={onSignOut}>
            {t("account.signOut")}
          </button>
        </section>
      </main>
    </Page>
  );
}
