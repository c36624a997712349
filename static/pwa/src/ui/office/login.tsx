// Signing in. Rule: which half was wrong is never told; who waits is told for how long.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Answer, OfficeClient } from "../../sync/office.ts";
import { LINE_LENGTH_MAX, PASSWORD_LENGTH_MAX } from "../../wire/limits.ts";
import type { Me } from "../../wire/types.ts";
import { TextField } from "../kit/fields.tsx";
import { ErrorPlace } from "../kit/notices.tsx";
import { Failure, waitWords } from "./failure.tsx";
import { SwitchLanguage } from "./language.tsx";
import { t } from "./words.ts";

type Refused = Exclude<Answer<Me>, { kind: "ok" }>;

/** How long to wait still, counted down; 0 when one may try. */
function useCountdown(until: number | null, now: () => number): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (until === null) return setLeft(0);
    const count = () => setLeft(Math.max(0, until - now()));
    count();
    const timer = setInterval(count, 1000);
    return () => clearInterval(timer);
  }, [until, now]);
  return left;
}

type WhyProps = { failed: Refused; left: number };

function Why({ failed, left }: WhyProps) {
  if (failed.kind === "refused" && failed.slug === "wrong-login") {
    return <ErrorPlace what={t("login.wrong")} safe={t("login.wrongSafe")} />;
  }
  if (failed.kind === "later" && failed.slug === "too-many-attempts") {
    if (left === 0) return <p class="note">{t("login.again")}</p>;
    return <ErrorPlace what={t("login.tooMany")} safe={waitWords(left)} />;
  }
  return <Failure failed={failed} safe={t("login.nothingLost")} />;
}

type LoginProps = {
  client: OfficeClient;
  now: () => number;
  /** The session ended while somebody worked. */
  isReturn: boolean;
  onSignedIn: (me: Me) => void;
};

export function Login({ client, now, isReturn, onSignedIn }: LoginProps) {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Refused | null>(null);
  const [until, setUntil] = useState<number | null>(null);
  const left = useCountdown(until, now);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  useEffect(() => {
    document.title = `${t("login.title")} · ${t("app.name")}`;
  });
  const signIn = async () => {
    if (isBusy || left > 0 || login.trim() === "" || password === "") return;
    setBusy(true);
    const answer = await client.signIn({ login: login.trim(), password });
    setBusy(false);
    if (answer.kind === "ok") return onSignedIn(answer.value);
    setFailed(answer);
    setUntil(answer.kind === "later" && answer.afterMs !== null ? now() + answer.afterMs : null);
  };
  return (
    <div class="gate">
      <header>
        <b class="brand">{t("app.brand")}</b>
        <small>{t("app.office")}</small>
        <SwitchLanguage />
      </header>
      <main>
        <form
          ref={form}
          onSubmit={(event) => {
            event.preventDefault();
            void signIn();
          }}
        >
          <h1>{t("login.title")}</h1>
          {isReturn && <p class="quiet">{t("login.return")}</p>}
          <TextField
            label={t("login.name")}
            value={login}
            onInput={setLogin}
            max={LINE_LENGTH_MAX}
            autocomplete="username"
          />
          <TextField
            label={t("login.password")}
            type="password"
            value={password}
            onInput={setPassword}
            max={PASSWORD_LENGTH_MAX}
            autocomplete="current-password"
          />
          {failed && <Why failed={failed} left={left} />}
          <button type="submit" class="btn pri big" disabled={isBusy || left > 0}>
            {isBusy ? t("login.busy") : t("login.enter")}
          </button>
        </form>
        <FirstRun />
      </main>
    </div>
  );
}

function FirstRun() {
  return (
    <details class="first">
      <summary>{t("login.first")}</summary>
      <p class="note">{t("login.firstHow")}</p>
      <pre>
        <code>python -m server init &lt;{t("login.name")}&gt;</code>
      </pre>
      <p class="note">{t("login.others")}</p>
      <p class="note">{t("login.forgot")}</p>
      <pre>
        <code>python -m server password &lt;{t("login.name")}&gt;</code>
      </pre>
    </details>
  );
}
