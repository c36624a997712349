// What a customer who was absent sees behind a link: what is to be signed in words, the pen, the receipt.
// Rule: what is signed is what was shown; a link that does not work tells nothing, not even why.

import { useEffect, useState } from "preact/hooks";
import type { SignReceipt, ToSign } from "../../wire/types.ts";
import { Drawn } from "../kit/drawn.tsx";
import { ErrorPlace, Loading } from "../kit/notices.tsx";
import { StateWord } from "../kit/state.tsx";
import { StatementOf } from "../kit/statement.tsx";
import { clock, day, instant } from "../words/format.ts";
import { language, setLanguage } from "../words/index.ts";
import { t } from "../words/sign.ts";
import { type Fetch, lookAt } from "./asking.ts";
import { Giving, type Written } from "./giving.tsx";
import "./sign-page.css";

type Seen =
  | { readonly kind: "asking" | "gone" | "away" }
  | { readonly kind: "shown"; readonly shown: ToSign; readonly isMoved: boolean }
  | { readonly kind: "done"; readonly receipt: SignReceipt; readonly written: Written };

type PageProps = { secret: string; fetch: Fetch };

export function SignByLink({ secret, fetch }: PageProps) {
  const [seen, setSeen] = useState<Seen>({ kind: secret === "" ? "gone" : "asking" });
  const tongue = language.value;
  const look = async (isMoved: boolean): Promise<void> => {
    const told = await lookAt(fetch, secret, tongue);
    if (told.kind === "told") setSeen({ kind: "shown", shown: told.value, isMoved });
    else setSeen({ kind: told.kind === "gone" ? "gone" : "away" });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another language is another text to sign.
  useEffect(() => {
    if (seen.kind === "asking" || seen.kind === "shown") void look(false);
  }, [tongue]);
  const retry = (): void => {
    setSeen({ kind: "asking" });
    void look(false);
  };
  return (
    <div class="bylink">
      <header>
        <h1>{t("link.title")}</h1>
        <button
          type="button"
          class="btn txt"
          lang={tongue === "en" ? "zh-CN" : "en"}
          onClick={() => setLanguage(tongue === "en" ? "zh-CN" : "en")}
        >
          {tongue === "en" ? "中文" : "English"}
        </button>
      </header>
      <main>
        {seen.kind === "asking" && <Loading words={t("link.loading")} rows={5} />}
        {seen.kind === "gone" && <Gone />}
        {seen.kind === "away" && (
          <ErrorPlace
            what={t("link.away")}
            safe={t("link.awaySafe")}
            action={{ label: t("link.again"), onClick: retry }}
          />
        )}
        {seen.kind === "shown" && (
          <>
            {seen.isMoved && (
              <p class="moved" role="alert">
                {t("link.moved")}
              </p>
            )}
            <Shown shown={seen.shown} />
            <Giving
              {...{ fetch, secret }}
              content={seen.shown.content}
              onDone={(receipt, written) => setSeen({ kind: "done", receipt, written })}
              onMoved={() => void look(true)}
              onGone={() => setSeen({ kind: "gone" })}
            />
          </>
        )}
        {seen.kind === "done" && <Done {...seen} />}
      </main>
    </div>
  );
}

function Gone() {
  return (
    <div class="gone" role="status">
      <p class="big">{t("link.gone")}</p>
      <p>{t("link.goneHow")}</p>
    </div>
  );
}

function Shown({ shown }: { shown: ToSign }) {
  const { started_at: from, ended_at: to, time_zone: zone } = shown;
  const start = `${day(from, zone, 0)} ${clock(from, zone)}`;
  return (
    <section class="words" aria-label={t("stated.what")}>
      <h2>{t("stated.what")}</h2>
      <p class="note">
        {to
          ? t("link.visitEnded", { from: start, to: clock(to, zone) })
          : t("link.visit", { from: start })}
      </p>
      <StatementOf stated={shown} isFolded />
    </section>
  );
}

type DoneProps = { receipt: SignReceipt; written: Written };

function Done({ receipt: { digest, signed_at, time_zone }, written }: DoneProps) {
  const { name, strokes } = written;
  return (
    <section class="done" role="status">
      <StateWord icon="confirmed" tone="ok" size={24}>
        {t("link.done")}
      </StateWord>
      <div class="penpad shown">
        <Drawn strokes={strokes} name={name} />
      </div>
      <p>{t("link.doneAt", { name, time: instant(signed_at, time_zone, 0) })}</p>
      <h2>{t("link.receipt")}</h2>
      <code>{digest}</code>
      <p class="note">{t("link.receiptHow")}</p>
    </section>
  );
}
