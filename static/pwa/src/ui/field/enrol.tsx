// Joining: a ticket from a code or link makes this installation somebody's device, then the first sync.
// Rule: the ticket is taken out of the address as soon as it is read; it is worth a credential.

import { useEffect, useState } from "preact/hooks";
import { readEnrolLink } from "../../core/enrol-link.ts";
import type { PersonRow } from "../../db/database.ts";
import { enrol } from "../../sync/enrol.ts";
import { openStore } from "../../sync/session.ts";
import { NAME_LENGTH_MAX } from "../../wire/limits.ts";
import { go } from "../kit/address.ts";
import { TextField } from "../kit/fields.tsx";
import { Icon } from "../kit/icons.tsx";
import { ErrorPlace } from "../kit/notices.tsx";
import { language, setLanguage } from "../words/index.ts";
import { type App, useApp } from "./app.ts";
import { defaultName, type Refused, refusalOf } from "./enrol-words.ts";
import { FirstSync } from "./first-sync.tsx";
import { ENROL, TODAY } from "./paths.ts";
import { Finder } from "./scan/finder.tsx";
import { t } from "./words.ts";

/** Read the ticket behind `#`, and take it out of address and history. */
function takeLink(): string {
  const { hash, href } = location;
  if (hash.length < 2) return "";
  go(ENROL, { replace: true });
  return href;
}

type Step = { kind: "look" } | { kind: "name"; link: string } | { kind: "joined"; name: string };

export function EnrolPage() {
  const app = useApp();
  const [step, setStep] = useState<Step>(() => {
    const link = takeLink();
    return link === "" ? { kind: "look" } : { kind: "name", link };
  });
  useEffect(() => {
    // A second link opened while this page stands changes only what is behind `#`.
    const hear = () => {
      const link = takeLink();
      if (link !== "") setStep({ kind: "name", link });
    };
    addEventListener("hashchange", hear);
    return () => removeEventListener("hashchange", hear);
  }, []);
  return (
    <div class="app enrol">
      <header class="bezel">
        <span class="brand">{t("app.brand")}</span>
        <div class="say">{t("enrol.title")}</div>
        <button
          type="button"
          class="last"
          onClick={() => setLanguage(language.value === "en" ? "zh-CN" : "en")}
        >
          <Icon name="globe" size={20} />
          {t("language.switch")}
        </button>
      </header>
      {step.kind === "look" && <Look onLink={(link) => setStep({ kind: "name", link })} />}
      {step.kind === "name" && (
        <Name
          key={step.link}
          link={step.link}
          onOther={() => setStep({ kind: "look" })}
          onJoined={(name) => setStep({ kind: "joined", name })}
        />
      )}
      {step.kind === "joined" && <Joined app={app} name={step.name} />}
    </div>
  );
}

function Joined({ app, name }: { app: App; name: string }) {
  const opening = app.opening.value;
  return (
    <main class="scroll page narrow">
      <h1>{t("enrol.welcome", { name })}</h1>
      {opening.kind === "open" && <FirstSync session={opening.session} />}
      <button type="button" class="btn pri wide" onClick={() => go(TODAY)}>
        {t("enrol.toToday")}
        <Icon name="right" size={22} />
      </button>
    </main>
  );
}

/** What became of who used this device, and who else may go on with it. */
function Erased() {
  const app = useApp();
  const opening = app.opening.value;
  const isNobody = opening.kind === "nobody";
  const [others, setOthers] = useState<readonly PersonRow[]>([]);
  useEffect(() => {
    if (!isNobody) return;
    void app.device
      .persons()
      .then(setOthers)
      .catch(() => undefined);
  }, [app, isNobody]);
  if (opening.kind !== "nobody") return null;
  return (
    <>
      {opening.erased !== null && (
        <section role="status">
          <h2>{t("erased.what", { name: opening.erased })}</h2>
          <p class="lead">{t("erased.how")}</p>
        </section>
      )}
      {others.map(({ person, name }) => (
        <button
          key={person}
          type="button"
          class="btn wide"
          onClick={() => void app.changeTo(person).then(() => go(TODAY))}
        >
          {t("erased.goOn", { name })}
        </button>
      ))}
    </>
  );
}

/** No ticket yet: what this is, how to get a code, and three ways to give it. */
function Look({ onLink }: { onLink: (link: string) => void }) {
  const { opening } = useApp();
  const [isScanning, setScanning] = useState(false);
  const [typed, setTyped] = useState("");
  const [said, setSaid] = useState("");
  const take = (text: string) => {
    if (readEnrolLink(text) === null) setSaid(t("enrol.notLink"));
    else onLink(text.trim());
  };
  if (isScanning) {
    return (
      <main class="shell scan">
        <Finder onText={take} onNothing={() => setSaid(t("scan.noCode"))} hint={t("enrol.aim")}>
          <button
            type="button"
            class="tool shut"
            aria-label={t("nav.back")}
            onClick={() => setScanning(false)}
          >
            <Icon name="close" size={28} />
          </button>
        </Finder>
        <aside class="panel">
          <div class="hit" role="status">
            <h2>{t("enrol.scanTitle")}</h2>
            <p>{said || t("enrol.scanHow")}</p>
          </div>
        </aside>
      </main>
    );
  }
  return (
    <main class="scroll page narrow">
      <Erased />
      <h1>{t("enrol.join")}</h1>
      <p class="lead">{t("enrol.how")}</p>
      <button type="button" class="btn pri wide" onClick={() => setScanning(true)}>
        <Icon name="scan" size={26} />
        {t("enrol.scan")}
      </button>
      <form
        class="ways"
        onSubmit={(event) => {
          event.preventDefault();
          take(typed);
        }}
      >
        <TextField
          label={t("enrol.paste")}
          value={typed}
          onInput={setTyped}
          placeholder="https://…/enrol#…"
          inputMode="url"
          max={NAME_LENGTH_MAX * 4}
        />
        <button type="submit" class="btn" disabled={typed.trim() === ""}>
          {t("enrol.take")}
        </button>
      </form>
      <p role="status" class="wrongly">
        {said}
      </p>
      {opening.value.kind === "open" && (
        <button type="button" class="btn txt" onClick={() => go(TODAY)}>
          {t("enrol.stay")}
        </button>
      )}
    </main>
  );
}

type NameProps = { link: string; onOther: () => void; onJoined: (name: string) => void };

function useJoining(link: string, onJoined: (name: string) => void) {
  const app = useApp();
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const join = async (deviceName: string) => {
    setBusy(true);
    setRefused(null);
    try {
      const { machine, device } = app;
      const { person } = await device.chosen();
      const result = await enrol(
        {
          device,
          world: machine,
          subtle: machine.subtle,
          openStore: (id) => openStore(machine, id),
          origin: machine.origin,
          appVersion: app.version,
        },
        { link, deviceName, language: language.value, again: person },
      );
      if (result.kind === "enrolled") {
        await app.open();
        onJoined(result.name);
      } else setRefused(result);
    } catch {
      setRefused({ kind: "broken" });
    } finally {
      setBusy(false);
    }
  };
  // Put into words here and not when it came: the language may be switched meanwhile.
  return { join, isBusy, refusal: refused && refusalOf(refused) };
}

/** What the device is called, what will happen, and the one button. */
function Name({ link, onOther, onJoined }: NameProps) {
  const [name, setName] = useState(() => defaultName(navigator.userAgent));
  const { join, isBusy, refusal } = useJoining(link, onJoined);
  const given = name.trim();
  return (
    <main class="scroll page narrow">
      <h1>{t("enrol.join")}</h1>
      <form
        class="ways"
        onSubmit={(event) => {
          event.preventDefault();
          void join(given);
        }}
      >
        <TextField
          label={t("enrol.name")}
          value={name}
          onInput={setName}
          hint={t("enrol.nameHint")}
          max={NAME_LENGTH_MAX}
          required
        />
        <div>
          <p class="lab">{t("enrol.whatHappens")}</p>
          <ol class="steps">
            <li>{t("enrol.step1")}</li>
            <li>{t("enrol.step2")}</li>
            <li>{t("enrol.step3")}</li>
          </ol>
        </div>
        {refusal && <ErrorPlace what={refusal.what} safe={refusal.safe} code={refusal.code} />}
        {(refusal === null || refusal.mayRepeat) && (
          <button type="submit" class="btn pri wide" disabled={isBusy || given === ""}>
            {t(isBusy ? "enrol.joining" : refusal ? "error.again" : "enrol.do")}
          </button>
        )}
        {refusal && (
          <button type="button" class="btn" onClick={onOther}>
            {t("enrol.other")}
          </button>
        )}
      </form>
    </main>
  );
}
