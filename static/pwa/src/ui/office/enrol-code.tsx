// A link by which one tablet becomes somebody's device: shown large, once.
// Rule: the picture comes from the server; the link is on the screen only, never in the address.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Answer } from "../../sync/office.ts";
import type { PersonSummary, TicketAnswer } from "../../wire/types.ts";
import { StateWord } from "../kit/state.tsx";
import { instant } from "../words/format.ts";
import { WRITES } from "./api.ts";
import { Failure } from "./failure.tsx";
import { minute, useOffice } from "./state.ts";
import { t } from "./words.ts";

function Link({ link }: { link: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
    } catch {
      // Without permission the link can still be marked and copied by hand.
      setCopied(false);
    }
  };
  return (
    <div class="link">
      <code>{link}</code>
      <button type="button" class="btn" onClick={() => void copy()}>
        {isCopied ? t("enrol.copied") : t("enrol.copy")}
      </button>
    </div>
  );
}

function Made({ ticket }: { ticket: TicketAnswer }) {
  const { zone } = useOffice();
  const until = instant(ticket.expires_at, zone, minute.value);
  return (
    <div class="ticket">
      <img
        src={`data:image/svg+xml;utf8,${encodeURIComponent(ticket.qr_svg)}`}
        alt={t("enrol.picture", { name: ticket.person_name })}
      />
      <div class="stack">
        <ol>
          <li>{t("enrol.step1")}</li>
          <li>{t("enrol.step2")}</li>
          <li>{t("enrol.step3", { name: ticket.person_name })}</li>
        </ol>
        <p>
          <StateWord icon="clock" tone="plain" size={17}>
            {t("enrol.until", { time: until })}
          </StateWord>
        </p>
        <p class="note">{t("enrol.once")}</p>
        <Link link={ticket.link} />
      </div>
    </div>
  );
}

/** Whoever enrols a device must be allowed to at every site that its person sees. */
function isNotYours(answer: Answer<TicketAnswer>): boolean {
  return answer.kind === "refused" && answer.slug === "not-allowed";
}

type Props = { person: PersonSummary; onClose: () => void };

export function EnrolCode({ person, onClose }: Props) {
  const { client } = useOffice();
  const [answer, setAnswer] = useState<Answer<TicketAnswer> | null>(null);
  const place = useRef<HTMLElement>(null);
  const make = async () => {
    setAnswer(null);
    setAnswer(await client.write<TicketAnswer>(WRITES.tickets, { person: person.id }));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: one ticket for each person that is chosen.
  useEffect(() => {
    place.current?.scrollIntoView?.({ block: "nearest" });
    place.current?.focus();
    void make();
  }, [person.id]);
  return (
    <section
      ref={place}
      class="enrol"
      tabIndex={-1}
      aria-label={t("enrol.title", { name: person.name })}
    >
      <header class="row">
        <h2 class="grow">{t("enrol.title", { name: person.name })}</h2>
        {answer !== null && (
          <button type="button" class="btn" onClick={() => void make()}>
            {t("enrol.another")}
          </button>
        )}
        <button type="button" class="btn" onClick={onClose}>
          {t("action.close")}
        </button>
      </header>
      {answer === null && <p class="note">{t("enrol.making")}</p>}
      {answer?.kind === "ok" && <Made ticket={answer.value} />}
      {answer !== null && answer.kind !== "ok" && (
        <Failure
          failed={answer}
          safe={isNotYours(answer) ? t("enrol.notYours") : t("enrol.noneMade")}
          again={() => void make()}
        />
      )}
    </section>
  );
}
